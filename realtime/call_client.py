"""The client of a session that is a call: events are told it by the provider; closing hangs up."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from django.db import Error as DatabaseError

from realtime import calls, database
from realtime.call_listeners import CallListener
from realtime.core.errors import VoiceError
from realtime.runtime.ports import CallsProvider, ClientPort

logger = logging.getLogger(__name__)

# Within what a runner gives its client for closing.
HANG_UP_WITHIN_S: Final = 5.0
_AGAIN_AFTER_S: Final = 0.3


class CallClient:
    """A ClientPort. `connection_id` is the run that holds the call's lease; one that has lost it to
    another process leaves the call alone, if that process can reach it."""

    def __init__(
        self, provider: CallsProvider, provider_call_id: str, lease_pk: int, connection_id: str
    ) -> None:
        self._provider = provider
        self._provider_call_id = provider_call_id
        self._lease_pk = lease_pk
        self._connection_id = connection_id
        self._is_closed = False
        self._listeners: set[CallListener] = set()

    def listen(
        self, client: ClientPort, hand_over: Callable[[str | bytes], Awaitable[None]]
    ) -> CallListener:
        """Let a server of the caller's own listen from now on. `hand_over` takes its frames."""
        listener = CallListener(client, hand_over, self._listeners.discard)
        self._listeners.add(listener)
        return listener

    async def send(self, raw: str) -> None:
        """The provider tells the client itself; this is for the caller's own servers."""
        for listener in list(self._listeners):
            listener.tell(raw)

    async def close(self, code: int, reason: str) -> None:
        """Hang up; idempotent. A provider that cannot be told is told later, by whichever process
        looks next."""
        if self._is_closed:
            return
        self._is_closed = True
        for listener in list(self._listeners):
            listener.end(code, reason)
        if not self._provider.is_in_process and not await self._is_held():
            return
        has_hung_up = await self._hang_up()
        settle = calls.close_lease if has_hung_up else calls.let_go
        await database.run(settle, self._lease_pk, self._connection_id)

    async def _is_held(self) -> bool:
        try:
            return await database.run(calls.may_hang_up, self._lease_pk, self._connection_id)
        except DatabaseError:
            return True  # a call that goes on unheard is worse than one that ends too early

    async def _hang_up(self) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HANG_UP_WITHIN_S):
                while True:
                    try:
                        await self._provider.hangup(self._provider_call_id)
                    except VoiceError as error:
                        logger.warning("call %d is not hung up yet: %s", self._lease_pk, error.code)
                        await asyncio.sleep(_AGAIN_AFTER_S)
                    else:
                        return True
        return False
