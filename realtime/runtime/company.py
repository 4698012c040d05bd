"""Who has something to write that can wait a moment goes along when anybody of this process writes.

A transaction of its own costs three times what is written in it. At fixed moments everybody's would
be written at once, and for those milliseconds no frame would move. Whose own text comes first is
written with that, for next to nothing: so nobody goes along at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

OWN_S: Final = 1.5  # most of what a person said is transcribed by then
SOON_S: Final = 0.5


class Company:
    """Use on one event loop at a time: those who wait on another are forgotten, it is over."""

    __slots__ = ("_loop", "_own_s", "_timer", "_waiting")

    def __init__(self, own_s: float = OWN_S) -> None:
        self._own_s = own_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: dict[Callable[[], None], float] = {}

    def wait(self, write: Callable[[], None]) -> None:
        """Have `write` called once: with the first `set_out` that is `OWN_S` away or more, but
        `SOON_S` after that in any case. Who has begun to wait goes on with it."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._timer, self._waiting = loop, None, {}
        goes_at = self._waiting.setdefault(write, loop.time() + self._own_s)
        if self._timer is None:
            self._timer = loop.call_at(goes_at + SOON_S, self._ring)

    def leave(self, write: Callable[[], None]) -> None:
        """It need not be called any more."""
        self._waiting.pop(write, None)

    def set_out(self) -> None:
        """Somebody writes now: everybody who has waited for long enough does."""
        if not self._waiting or (loop := asyncio.get_running_loop()) is not self._loop:
            return
        now, due = loop.time(), []
        for write, goes_at in self._waiting.items():  # who came first stands first
            if goes_at > now:
                break
            due.append(write)
        for write in due:
            del self._waiting[write]
        for write in due:
            write()

    def _ring(self) -> None:
        self._timer = None
        self.set_out()
        if self._waiting and self._timer is None and self._loop is not None:
            first = next(iter(self._waiting.values()))
            self._timer = self._loop.call_at(first + SOON_S, self._ring)


COMPANY: Final = Company()
