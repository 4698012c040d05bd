"""A client that writes down what it is sent, and can stop reading or vanish."""

from __future__ import annotations

import asyncio

import orjson

from tests.fakes.events import Event


class RecordingClient:
    """A ClientPort. `frames` are raw texts in order, `closed` is (code, reason) once closed."""

    def __init__(self) -> None:
        self.frames: list[str] = []
        self.closed: tuple[int, str] | None = None
        self.is_gone = False
        self._arrived = asyncio.Event()
        self._reads = asyncio.Event()
        self._reads.set()

    async def send(self, raw: str) -> None:
        await self._reads.wait()
        if self.is_gone:
            raise OSError("the client is gone")
        self.take(raw)

    def take(self, raw: str) -> None:
        self.frames.append(raw)
        self._arrived.set()

    @property
    def is_reading(self) -> bool:
        return self._reads.is_set()

    async def close(self, code: int, reason: str) -> None:
        self.closed = self.closed or (code, reason)
        self._arrived.set()

    @property
    def events(self) -> list[Event]:
        return [orjson.loads(frame) for frame in self.frames]

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    def stop_reading(self) -> None:
        self._reads.clear()

    def read_again(self) -> None:
        self._reads.set()

    async def wait_for(self, event_type: str, timeout_s: float = 5.0, times: int = 1) -> Event:
        """The first event of this type, once that many have come; fails when they do not."""
        async with asyncio.timeout(timeout_s):
            while self.types.count(event_type) < times:
                self._arrived.clear()
                await self._arrived.wait()
        return next(event for event in self.events if event["type"] == event_type)
