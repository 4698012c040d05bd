"""The queue between a WebSocket and its application, small while it is empty."""

from __future__ import annotations

from typing import Generic, TypeVar

from realtime.runtime.latch import Latch

T = TypeVar("T")


class MessageQueue(Generic[T]):
    """What uvicorn uses of `asyncio.Queue`, for one reader on one event loop. A queue of asyncio's
    holds 2.3 kB while nothing is in it, and a running call is an empty one."""

    __slots__ = ("_has_come", "_messages")

    def __init__(self) -> None:
        self._messages: list[T] = []
        self._has_come = Latch()

    def empty(self) -> bool:
        return not self._messages

    def qsize(self) -> int:
        return len(self._messages)

    def put_nowait(self, message: T) -> None:
        self._messages.append(message)
        self._has_come.set()

    async def get(self) -> T:
        """The oldest message; waits for one. A cancelled reader takes none away."""
        while not self._messages:
            self._has_come.clear()
            await self._has_come.wait()
        return self._messages.pop(0)
