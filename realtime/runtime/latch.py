"""An event of asyncio's kind that is small while nobody waits: a session holds eight of them, and
the queue in each `asyncio.Event` takes 0.7 kB."""

from __future__ import annotations

import asyncio


class Latch:
    """Use on one event loop."""

    __slots__ = ("_is_set", "_waiting")

    def __init__(self) -> None:
        self._is_set = False
        # A list only since somebody has waited; who gave up stays in it until the next.
        self._waiting: list[asyncio.Future[None]] | tuple[()] = ()

    def is_set(self) -> bool:
        return self._is_set

    def set(self) -> None:
        """Let go of everybody who waits, and of nobody any more until `clear`."""
        self._is_set = True
        waiting, self._waiting = self._waiting, ()
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    def clear(self) -> None:
        self._is_set = False

    def wait(self) -> asyncio.Future[None]:
        """Await it: it is done when the latch is set. (A coroutine would take 0.2 kB more.)"""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._is_set:
            waiter.set_result(None)
        else:
            # Without those that were cancelled meanwhile.
            self._waiting = [*(one for one in self._waiting if not one.done()), waiter]
        return waiter
