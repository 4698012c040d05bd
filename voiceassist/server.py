"""uvicorn, configured for voice: bounded frames, no deflate, a drain before the sockets close."""

from __future__ import annotations

import signal
import socket
from types import FrameType

import uvicorn
from django.conf import settings

from realtime import sessions
from voiceassist.keepalive import PatientWebSocketProtocol

# Together below 30 s, in which the process must have ended (reliability i).
DRAIN_TIMEOUT_S = 20
GRACEFUL_TIMEOUT_S = 8


class VoiceServer(uvicorn.Server):
    """Says when it can answer, and lets the turn in flight end before it closes (reliability i)."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            host = f"[{self.config.host}]" if ":" in self.config.host else self.config.host
            # Port 0 asks the system for a free one; tell which it gave.
            port = self.servers[0].sockets[0].getsockname()[1] if self.servers else self.config.port
            print(f"VoiceAssist ready: http://{host}:{port}", flush=True)  # noqa: T201

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop once asked, at once when asked twice. uvicorn would raise the signal again after a
        clean stop, and the exit code would then call it a crash."""
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await sessions.drain(DRAIN_TIMEOUT_S)
        await super().shutdown(sockets=sockets)


def server_config(host: str, port: int) -> uvicorn.Config:
    """How every server of ours runs; `docs/operating.md` has the same flags for bare uvicorn."""
    return uvicorn.Config(
        "voiceassist.asgi:application",
        host=host,
        port=port,
        lifespan="on",
        ws=PatientWebSocketProtocol,
        ws_max_size=settings.LIMIT_FRAME_BYTES,
        # Deflate costs more than the copying it saves: 78 → 145 µs a message.
        ws_per_message_deflate=False,
        # A client that vanished frees its slot within 15 s (contract §8).
        ws_ping_interval=5,
        ws_ping_timeout=9,
        timeout_graceful_shutdown=GRACEFUL_TIMEOUT_S,
        proxy_headers=bool(settings.TRUSTED_PROXIES),
        forwarded_allow_ips=settings.TRUSTED_PROXIES or None,
        server_header=False,
        log_config=None,
    )
