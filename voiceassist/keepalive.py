"""Keepalive that tells a dead client from one that we ourselves read slowly."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class PatientWebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol, except that a late pong is no verdict while the client is being heard.

    A client that sends faster than its limits is read more slowly (contract §8), and its pong waits
    behind what we have not read yet. Closing it with 1011 would blame it for our own pace.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._heard_since_ping = False

    def data_received(self, data: bytes) -> None:
        self._heard_since_ping = True
        super().data_received(data)

    def send_keepalive_ping(self) -> None:
        self._heard_since_ping = False
        super().send_keepalive_ping()

    def keepalive_timeout(self) -> None:
        if not (self._heard_since_ping or self.read_paused):
            super().keepalive_timeout()
            return
        self.pong_timer = None
        self.pending_ping_payload = None
        self.schedule_ping()
