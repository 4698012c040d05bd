"""Sidebands of a caller's own: any of their servers may listen beside us, and speak through us.

They see what our own sideband sees, and what they send is held to policy like a socket's.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from realtime.runtime.ports import ClientPort

QUEUE_MAX_BYTES: Final = 2 * 1024 * 1024
TOO_SLOW: Final = (4408, "client_too_slow")


class CallListener:
    """One of them. Feed `from_client` with its frames, call `client_closed` when it is gone, and
    await `wait_over` before letting go of its connection.

    One that reads too slowly loses its line; the call and the others go on.
    """

    def __init__(
        self,
        client: ClientPort,
        hand_over: Callable[[str | bytes], Awaitable[None]],
        gone: Callable[[CallListener], None],
    ) -> None:
        self._client = client
        self._hand_over = hand_over
        self._gone = gone
        self._queue: deque[str] = deque()
        self._queued_bytes = 0
        self._wake = asyncio.Event()
        self._end: tuple[int, str] | None = None
        self._over = asyncio.Event()
        self._sending = asyncio.create_task(self._send_all(), name="call listener")

    def tell(self, raw: str) -> None:
        """The call's next event; never waits."""
        if self._queued_bytes + len(raw) > QUEUE_MAX_BYTES:
            # Not behind what it does not read.
            self._sending.cancel()
            self.end(*TOO_SLOW)
            self._sending = asyncio.create_task(self._close(*TOO_SLOW), name="call listener")
            return
        self._queue.append(raw)
        self._queued_bytes += len(raw)
        self._wake.set()

    def end(self, code: int, reason: str) -> None:
        """Close its line behind what it was told."""
        self._end = self._end or (code, reason)
        self._gone(self)
        self._wake.set()

    def take(self, raw: str | bytes) -> bool:
        """Hand over one frame at once. False: it must be waited for; `from_client` it."""
        return self._end is not None

    async def from_client(self, raw: str | bytes) -> None:
        """One frame of this listener; waits while the session makes it wait."""
        if self._end is None:
            await self._hand_over(raw)

    def client_closed(self, code: int = 1000) -> None:
        """It went away; the call goes on."""
        self._sending.cancel()
        self._gone(self)
        self._over.set()

    async def wait_over(self) -> None:
        await self._over.wait()

    async def _send_all(self) -> None:
        with contextlib.suppress(OSError):
            while self._queue or self._end is None:
                if not self._queue:
                    self._wake.clear()
                    await self._wake.wait()
                    continue
                raw = self._queue.popleft()
                self._queued_bytes -= len(raw)
                await self._client.send(raw)
        await self._close(*(self._end or (1000, "")))

    async def _close(self, code: int, reason: str) -> None:
        with contextlib.suppress(OSError):
            await self._client.close(code, reason)
        self._gone(self)
        self._over.set()
