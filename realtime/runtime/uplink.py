"""The lane to the provider: frames in order, nothing dropped, sized so that its owner can wait."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from realtime.runtime.ports import Upstream, UpstreamClosed
from realtime.runtime.tap import NO_TAP, NoTap


class Uplink:
    """Queues frames until a provider takes them. One instance outlives several providers.

    room_made: called whenever a frame has left.
    """

    def __init__(self, room_made: Callable[[], None], tap: NoTap = NO_TAP) -> None:
        self._room_made = room_made
        self._tap = tap
        self._frames: deque[str] = deque()
        self._waiting = asyncio.Event()
        self.byte_count = 0

    def put(self, raw: str) -> None:
        """Never waits: whoever reads the client must stop while `byte_count` is too large."""
        self._frames.append(raw)
        self.byte_count += len(raw)
        self._waiting.set()

    async def run(self, upstream: Upstream) -> None:
        """Send until cancelled or the provider is gone (which `receive` then reports as well)."""
        try:
            while True:
                while not self._frames:
                    self._waiting.clear()
                    await self._waiting.wait()
                # Taken off only when it has left: what was not sent is offered to the next one.
                await upstream.send(self._frames[0])
                raw = self._frames.popleft()
                self._tap.to_provider(raw)
                self.byte_count -= len(raw)
                self._room_made()
        except UpstreamClosed:
            await upstream.aclose()

    def take_unsent(self) -> list[str]:
        """Everything that never left, oldest first. Call when `run` has ended."""
        unsent = list(self._frames)
        self._frames.clear()
        self.byte_count = 0
        return unsent
