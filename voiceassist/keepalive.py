"""uvicorn's WebSocket protocol with patience for slow readings, and refusals that are no error."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from realtime.runtime.fast_path import DirectFrames
from realtime.runtime.latch import Latch
from voiceassist.message_queue import MessageQueue

if TYPE_CHECKING:
    import asyncio

    from uvicorn._types import ASGISendEvent


# Left alone, the system takes up to tens of MiB that we have not read yet; a client's ping behind
# them would wait longer than the 20 s that SDKs give us for the pong (protocol §6.1).
UNREAD_BYTES: Final = 256 * 1024


class PatientWebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol, except that a late pong is no verdict while the client is being heard.

    A client that sends faster than its limits is read more slowly (contract §8), and its pong waits
    behind what we have not read yet. Closing it with 1011 would blame it for our own pace.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_received = False
        # asyncio's own hold 4 kB a connection, while nobody waits.
        self.queue: MessageQueue[Any] = MessageQueue()  # type: ignore[assignment]
        self.writable: Latch = Latch()  # type: ignore[assignment]
        self.writable.set()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        connection = transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, UNREAD_BYTES)

    def data_received(self, data: bytes) -> None:
        self.has_received = True
        super().data_received(data)

    def send_receive_event_to_app(self) -> None:
        """A text that is not UTF-8 is its sender's mistake, closed with 1007; uvicorn would log a
        traceback of ours. Reading ASCII twice costs less than a microsecond a frame."""
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                self.conn.send_close(1007)
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def send_keepalive_ping(self) -> None:
        self.has_received = False
        super().send_keepalive_ping()

    async def send(self, message: ASGISendEvent) -> None:
        """A handshake answered with an HTTP status is complete: uvicorn would log each refusal as
        our error. (`websocket.close` before the handshake it marks so by itself.)"""
        await super().send(message)
        is_refusal_sent = self.initial_response is not None and self.close_sent
        self.handshake_complete = self.handshake_complete or is_refusal_sent
        if self.handshake_complete and self.response is not None:
            # Both are kept for the handshake alone: 4 kB, and the credential among them. The
            # library's parser holds on to the request itself.
            self.request.headers.clear()
            self.request = self.response = None  # type: ignore[assignment]

    def keepalive_timeout(self) -> None:
        if not (self.has_received or self.read_paused):
            super().keepalive_timeout()
            return
        self.pong_timer = None
        self.pending_ping_payload = None
        self.schedule_ping()


class DirectWebSocketProtocol(DirectFrames, PatientWebSocketProtocol):
    """The same, with the fast path in front (docs/adr/0013): what `manage.py serve` runs."""

    # What uvicorn sets of its own accord. A dictionary of so many names is one that no two objects
    # share the keys of: 1.5 kB a connection. And what is read for every frame lies side by side.
    __slots__ = (
        "_is_followed",
        "_is_head_over",
        "_library_bytes",
        "_max_bytes",
        "_plain_below_bytes",
        "_queued",
        "_rest",
        "_take",
        "_taker",
        "app",
        "app_state",
        "asgi_version",
        "client",
        "close_sent",
        "close_timeout",
        "close_timer",
        "config",
        "conn",
        "connections",
        "curr_msg_data_type",
        "default_headers",
        "disconnected",
        "frames",
        "handshake_complete",
        "handshake_initiated",
        "has_received",
        "initial_response",
        "last_ping_rtt",
        "logger",
        "loop",
        "pending_ping_payload",
        "ping_interval",
        "ping_sent_at",
        "ping_timeout",
        "ping_timer",
        "pong_timer",
        "queue",
        "read_paused",
        "request",
        "response",
        "root_path",
        "scheme",
        "scope",
        "server",
        "tasks",
        "transport",
        "wire",
        "writable",
    )
