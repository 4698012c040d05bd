"""A connection to a provider that holds little while nothing comes: there is one in every call.

The library's own holds the handshake for as long as it is open, a task and a sleep between two
pings, and queues that take 0.7 kB empty: 8 kB that a running call has no use for.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from realtime.runtime.fast_path import DirectConnection
from realtime.runtime.short_queue import ShortQueue


class LightConnection(ClientConnection):
    """Speaks and fails as its base does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # An adapter of its own for each connection; ours is told nothing anyhow.
        self.logger = self.protocol.logger = self.protocol.logger.logger  # type: ignore[union-attr]
        self.drain_waiters: ShortQueue[asyncio.Future[None]] = ShortQueue()  # type: ignore[assignment]
        self._next_ping: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.recv_messages.frames.queue = ShortQueue()  # type: ignore[assignment]

    async def handshake(self, *args: Any, **kwargs: Any) -> None:
        await super().handshake(*args, **kwargs)
        self.request = None  # it has the key in it
        if self.response is not None:  # that there is one tells the library that frames follow
            self.response.headers.clear()

    def start_keepalive(self) -> None:
        """The library's, with a task only while a ping is on its way."""
        if self.ping_interval is not None:
            self._next_ping = self.loop.call_later(self.ping_interval, self._send_ping)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._next_ping is not None:
            self._next_ping.cancel()
            self._next_ping = None
        super().connection_lost(exc)

    def _send_ping(self) -> None:
        self._next_ping = None
        self.keepalive_task = self.loop.create_task(self._keep_alive())

    async def _keep_alive(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            pong = await self.ping()
            try:
                async with asyncio.timeout(self.ping_timeout):
                    await pong
            except TimeoutError:
                async with self.send_context():  # waits for the close, and aborts in the end
                    self.protocol.fail(CloseCode.INTERNAL_ERROR, "keepalive ping timeout")
                return
            self.keepalive_task = None
            self.start_keepalive()


class LightDirectConnection(DirectConnection, LightConnection):
    """The same on the fast path (docs/adr/0013)."""

    # What the library sets of its own accord: see `DirectWebSocketProtocol`.
    __slots__ = (
        "_end",
        "_is_followed",
        "_is_head_over",
        "_library_bytes",
        "_next_ping",
        "_parts",
        "_plain_below_bytes",
        "_rest",
        "_take",
        "close_deadline",
        "close_timeout",
        "connection_exc",
        "connection_lost_waiter",
        "debug",
        "drain_waiters",
        "has_received",
        "id",
        "keepalive_task",
        "latency",
        "logger",
        "loop",
        "max_queue_high",
        "max_queue_low",
        "paused",
        "pending_pings",
        "ping_interval",
        "ping_timeout",
        "protocol",
        "recv_messages",
        "request",
        "response",
        "response_rcvd",
        "send_in_progress",
        "transport",
        "wire",
        "write_limit_high",
        "write_limit_low",
    )
