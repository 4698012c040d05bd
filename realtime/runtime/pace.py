"""How fast a client is read: not on while too much waits for the provider, or it is too fast."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from realtime.core.session import Session
from realtime.runtime.latch import Latch
from realtime.runtime.uplink import Uplink

UPLINK_MAX_BYTES: Final = 4 * 1024 * 1024
UPLINK_FULL_TIMEOUT_S: Final = 10.0


class Pace:
    """over: set when the session ends. full: called when the uplink was full for 10 s."""

    __slots__ = ("_clock", "_full", "_over", "_session", "_uplink")

    def __init__(
        self,
        session: Session,
        uplink: Uplink,
        clock: Callable[[], float],
        over: Latch,
        full: Callable[[], None],
    ) -> None:
        self._session = session
        self._uplink = uplink
        self._clock = clock
        self._over = over
        self._full = full

    @property
    def waiting_bytes(self) -> int:
        """What waits for the provider."""
        return self._uplink.byte_count + self._session.held_bytes

    def may_go_on(self, now: float) -> bool:
        """Whether another frame may be taken now."""
        return self.waiting_bytes < UPLINK_MAX_BYTES and self._session.client_wait_s(now) <= 0

    async def wait_for_room(self) -> None:
        """Returns when there is room, or there never will be any."""
        try:
            async with asyncio.timeout(UPLINK_FULL_TIMEOUT_S):
                while self.waiting_bytes >= UPLINK_MAX_BYTES and not self._over.is_set():
                    self._uplink.room.clear()
                    await self._uplink.room.wait()
        except TimeoutError:
            self._full()

    async def wait_out(self) -> None:
        """Returns when the client has been silent for as long as it was too fast."""
        wait_s = self._session.client_wait_s(self._clock())
        if wait_s <= 0:
            return
        try:
            async with asyncio.timeout(wait_s):
                await self._over.wait()
        except TimeoutError:
            return
