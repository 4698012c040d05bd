"""The embedded provider: a talking partner that needs no key, no network and no model download."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from realtime.core.errors import Unavailable
from realtime.runtime.ports import Upstream, UpstreamTarget
from realtime.upstream.embedded.driver import SessionDriver
from realtime.upstream.embedded.ears.process_ears import ProcessEars
from realtime.upstream.embedded.in_process import EmbeddedUpstream
from realtime.upstream.embedded.mind.rules import RuleMind
from realtime.upstream.embedded.ports import Ears, Mind, Voice
from realtime.upstream.embedded.response import Pace
from realtime.upstream.embedded.session import MAX_SESSION_S, EmbeddedSession
from realtime.upstream.embedded.voice.process_voice import ProcessVoice
from realtime.upstream.embedded.webrtc.options import CallOptions

if TYPE_CHECKING:
    from realtime.upstream.embedded.webrtc.calls import Calls

DEFAULT_PACE = Pace()
# On a call the provider plays; made ahead of that, an answer is done long before it was heard.
CALL_PACE = Pace(head_start_ms=3000, rate=4.0)
DEFAULT_CALL_OPTIONS = CallOptions()


class EmbeddedProvider:
    """One per server process and event loop: it owns the speech processes all sessions share.

    Call `start` early (it returns at once and may be called again) and `await aclose()` at the
    end. Parts not given are the built-in ones.
    """

    def __init__(
        self,
        *,
        ears: Ears | None = None,
        voice: Voice | None = None,
        mind: Mind | None = None,
        pace: Pace = DEFAULT_PACE,
        ears_workers: int = 2,
        max_session_s: float = MAX_SESSION_S,
        call_options: CallOptions = DEFAULT_CALL_OPTIONS,
    ) -> None:
        self._own_ears = ProcessEars(ears_workers) if ears is None else None
        self._own_voice = ProcessVoice() if voice is None else None
        self._ears: Ears | None = ears or self._own_ears
        self._voice: Voice | None = voice or self._own_voice
        self._mind = mind or RuleMind()
        self._pace = pace
        self._max_session_s = max_session_s
        self._call_options = call_options
        self._calls: Calls | None = None

    def start(self) -> None:
        """Start the speech processes; they load beside the event loop. A session does it with its
        first sound: before that is a sentence they are ready."""
        if self._own_ears is not None:
            self._own_ears.start()
        if self._own_voice is not None:
            self._own_voice.start()

    def upstream(self, target: UpstreamTarget) -> Upstream:
        """A new provider session, or the sideband of a call; not yet opened, an UpstreamFactory."""
        if target.call_id is not None:
            return self.calls().sideband(target.call_id)
        return EmbeddedUpstream(
            lambda: self.new_session(target.model, transcription_only=target.only_listens)
        )

    def new_session(
        self,
        model: str,
        *,
        transcription_only: bool = False,
        on_call: bool = False,
        session_id: str | None = None,
        given_config: Mapping[str, Any] | None = None,
    ) -> SessionDriver:
        """A session to drive directly; the WebSocket and WebRTC faces use it.

        given_config: a GA session object, as bound to a client secret or sent with a call. Raises
        InvalidEvent when it asks for what there is not.
        """
        if on_call:
            self.start()
        session = EmbeddedSession(
            model,
            time.monotonic(),
            int(time.time()),
            transcription_only=transcription_only,
            pace=CALL_PACE if on_call else self._pace,
            max_session_s=self._max_session_s,
            on_call=on_call,
            session_id=session_id,
            given_config=given_config,
        )
        assert self._ears is not None
        assert self._voice is not None
        return SessionDriver(
            session, self._ears, self._voice, self._mind, on_first_sound=self.start
        )

    def calls(self) -> Calls:
        """The WebRTC calls of this provider, a `CallsProvider`. Raises Unavailable where the
        optional packages are not installed."""
        if self._calls is None:
            try:
                from realtime.upstream.embedded.webrtc.calls import Calls
            except ImportError:
                raise Unavailable(
                    "WebRTC needs the packages of requirements-webrtc.txt.",
                    code="webrtc_not_installed",
                ) from None
            self._calls = Calls(self._new_call_session, self._call_options)
        return self._calls

    def _new_call_session(
        self, model: str, session_id: str, given_config: Mapping[str, Any]
    ) -> SessionDriver:
        return self.new_session(
            model, on_call=True, session_id=session_id, given_config=given_config
        )

    async def aclose(self) -> None:
        """Hang up every call and end the speech processes; sessions still open fail their next
        utterance."""
        if self._calls is not None:
            await self._calls.aclose()
        if self._own_ears is not None:
            await self._own_ears.aclose()
        if self._own_voice is not None:
            await self._own_voice.aclose()
