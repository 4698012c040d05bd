"""One timer that rings at the earliest time asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Alarm:
    """ring: called at the time set, or after it. One that moved to later rings for nothing."""

    __slots__ = ("_at", "_clock", "_ring", "_timer")

    def __init__(self, clock: Callable[[], float], ring: Callable[[], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._timer: asyncio.TimerHandle | None = None
        self._at: float | None = None

    def set(self, at: float) -> None:
        """Ring at this time of `clock`, or at an earlier one that was set before."""
        if self._at is not None and self._at <= at:
            return
        self.cancel()
        self._at = at
        delay_s = max(0.0, at - self._clock())
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._rings)

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._at = None

    def _rings(self) -> None:
        self._timer = self._at = None
        self._ring()
