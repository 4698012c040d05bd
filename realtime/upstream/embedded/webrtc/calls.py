"""Every call of one embedded provider: take, find, hang up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Protocol

from realtime.core.errors import InvalidEvent, UpstreamRefused
from realtime.runtime.ports import CallAnswer, UpstreamTarget
from realtime.upstream.embedded.driver import SessionDriver, SessionOver
from realtime.upstream.embedded.ids import new_id
from realtime.upstream.embedded.webrtc.call import Call
from realtime.upstream.embedded.webrtc.options import CallOptions
from realtime.upstream.embedded.webrtc.sideband import Sideband

logger = logging.getLogger(__name__)

# Calls and sessions of one call share what follows, as recorded: `rtc_u2_…`, `sess_u2_…`.
_SHARD = "u0"


class MakeCallSession(Protocol):
    def __call__(
        self, model: str, session_id: str, given_config: Mapping[str, Any]
    ) -> SessionDriver:
        """A session for a call, not started. Raises InvalidEvent for an unacceptable config."""


class Calls:
    """A `CallsProvider`. Close it with `aclose` before the speech processes end."""

    is_in_process = True

    def __init__(self, make_session: MakeCallSession, options: CallOptions) -> None:
        self._make_session = make_session
        self._options = options
        self._calls: dict[str, Call] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def create_call(
        self, sdp_offer: str, session: Mapping[str, Any], target: UpstreamTarget
    ) -> CallAnswer:
        """Answer an offer with a session of its own.

        session: a GA session object; its `model` wins over the target's. Raises UpstreamRefused
        with the status, code and message that `POST /v1/realtime/calls` answers.
        """
        if len(self._calls) >= self._options.max_calls:
            raise UpstreamRefused(
                "Too many calls at once.", provider_status=429, code="rate_limit_exceeded"
            )
        suffix = f"{_SHARD}_{new_id('').lstrip('_')}"
        given = {"type": "realtime", **session}
        model = given.get("model")
        try:
            driver = self._make_session(
                model if isinstance(model, str) and model else target.model, f"sess_{suffix}", given
            )
        except InvalidEvent as error:
            raise UpstreamRefused(
                error.message, provider_status=400, code=error.code, param=error.param
            ) from None
        call = Call(f"rtc_{suffix}", driver, self._options, self._forget)
        self._calls[call.call_id] = call
        try:
            sdp = await call.answer(sdp_offer)
        except BaseException:
            await call.hang_up("not answered")
            raise
        logger.info(
            "call %s answered: offer %d bytes, answer %d", call.call_id, len(sdp_offer), len(sdp)
        )
        return CallAnswer(call.call_id, sdp)

    def find(self, call_id: str) -> Call | None:
        """The call, if it is not over."""
        return self._calls.get(call_id)

    def sideband(self, call_id: str) -> Sideband:
        """An `Upstream` that listens in on the call; `open` tells whether there is one."""
        return Sideband(lambda: self.find(call_id))

    async def hangup(self, call_id: str) -> None:
        """End the call; one that is gone already is no error."""
        call = self.find(call_id)
        if call is not None:
            await call.hang_up()

    async def aclose(self) -> None:
        """Hang up every call; returns when their sockets are closed."""
        for call in tuple(self._calls.values()):
            call.end(SessionOver(1000, "server stopping"))
        await asyncio.gather(*self._closing, return_exceptions=True)

    def _forget(self, call: Call) -> None:
        self._calls.pop(call.call_id, None)
        closing = asyncio.get_running_loop().create_task(call.wait_closed())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
