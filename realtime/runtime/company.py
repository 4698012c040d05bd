"""Who has something to write that can wait a moment goes along when anybody of this process writes.

A transaction of its own costs three times what is written in it. At fixed moments everybody's would
be written at once, and for those milliseconds no frame would move.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

SOON_S: Final = 0.5


class Company:
    """Use on one event loop at a time: those who wait on another are forgotten, it is over."""

    __slots__ = ("_loop", "_timer", "_waiting")

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: dict[Callable[[], None], None] = {}

    def wait(self, write: Callable[[], None]) -> None:
        """Have `write` called once, with the next `set_out`, but `SOON_S` after the first who waits
        in any case."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._timer, self._waiting = loop, None, {}
        self._waiting[write] = None
        if self._timer is None:
            self._timer = loop.call_later(SOON_S, self._ring)

    def leave(self, write: Callable[[], None]) -> None:
        """It need not be called any more."""
        self._waiting.pop(write, None)

    def set_out(self) -> None:
        """Somebody writes now: everybody who waits does."""
        if self._waiting and asyncio.get_running_loop() is self._loop:
            waiting, self._waiting = self._waiting, {}
            for write in waiting:
                write()

    def _ring(self) -> None:
        self._timer = None
        self.set_out()


COMPANY: Final = Company()
