"""The lane to the provider: frames in order, nothing dropped, sized so that its owner can wait."""

from __future__ import annotations

from collections.abc import Callable

from realtime.runtime.latch import Latch
from realtime.runtime.ports import DirectUpstream, Upstream, UpstreamClosed
from realtime.runtime.short_queue import ShortQueue
from realtime.runtime.tap import NO_TAP, NoTap


class Uplink:
    """Queues frames until a provider takes them. One instance outlives several providers.

    room: set whenever a frame has left.
    send_now: the provider's, while nothing waits in front; None: `put`. Tell the tap yourself.
    """

    __slots__ = ("_frames", "_tap", "_waiting", "byte_count", "room", "send_now")

    def __init__(self, tap: NoTap = NO_TAP) -> None:
        self.room = Latch()
        self._tap = tap
        self._frames: ShortQueue[str] = ShortQueue()
        self._waiting = Latch()
        self.send_now: Callable[[bytes], bool] | None = None
        self.byte_count = 0

    def put(self, raw: str) -> None:
        """Never waits: whoever reads the client must stop while `byte_count` is too large."""
        if self.send_now is not None and self.send_now(raw.encode()):
            self._tap.to_provider(raw)
            return
        self.send_now = None
        self._frames.append(raw)
        self.byte_count += len(raw)
        self._waiting.set()

    async def run(self, upstream: Upstream) -> None:
        """Send until cancelled or the provider is gone (which `receive` then reports as well)."""
        direct = upstream.send_now if isinstance(upstream, DirectUpstream) else None
        try:
            while True:
                while not self._frames:
                    self._waiting.clear()
                    self.send_now = direct
                    await self._waiting.wait()
                self.send_now = None
                # Taken off only when it has left: what was not sent is offered to the next one.
                await upstream.send(self._frames[0])
                self._has_left(self._frames.popleft())
        except UpstreamClosed:
            await upstream.aclose()
        finally:
            self.send_now = None

    def _has_left(self, raw: str) -> None:
        self._tap.to_provider(raw)
        self.byte_count -= len(raw)
        self.room.set()

    def take_unsent(self) -> list[str]:
        """Everything that never left, oldest first. Call when `run` has ended."""
        unsent = list(self._frames)
        self._frames.clear()
        self.byte_count = 0
        return unsent
