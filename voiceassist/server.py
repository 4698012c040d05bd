"""uvicorn, configured for voice: bounded frames, no deflate, a drain before the sockets close; and
where asked for a second listener that speaks TLS."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import ssl
import sys
from dataclasses import dataclass
from types import FrameType

import uvicorn
from django.conf import settings

from realtime import sessions
from voiceassist.keepalive import DirectWebSocketProtocol
from voiceassist.local_certificate import LocalCertificate, ensure_certificate
from voiceassist.memory import share_arenas

logger = logging.getLogger(__name__)

# Together below 30 s, in which the process must have ended (reliability i).
DRAIN_TIMEOUT_S = 20
GRACEFUL_TIMEOUT_S = 8
# A client that does not answer TLS's own goodbye holds the drain up no longer than this.
TLS_GOODBYE_TIMEOUT_S = 2
# Frames above LIMIT_FRAME_BYTES are read to be refused with a reason; uvicorn would only close.
# 24 MiB holds the 15 MiB of audio that OpenAI takes at once, in base64.
FRAME_READ_BYTES = 24 * 1024 * 1024
# How long the event loop waits for a thread that writes to the database to let it run (5 ms by
# default, for every frame that comes meanwhile).
GIL_PATIENCE_S = 0.0005
# After how many new objects Python looks for garbage among them, after how many of those looks
# among what has outlived one, and after how many of these among all there is. While it looks no
# frame moves: for 0.5 and 3 ms, and with the objects of 300 calls for 70. What a call leaves behind
# is garbage of this kind, so the last cannot be left out: it comes about once in 500 calls.
COLLECT_AFTER = (700, 4, 80)
# Longer than clients and proxies keep a connection that nobody uses (httpx 5 s, browsers and nginx
# 60 s): were it us who closes it, at times a request would already be on its way.
KEEP_ALIVE_S = 75
START_FAILED = 3  # uvicorn's own exit status for it


@dataclass(frozen=True, slots=True)
class TlsListener:
    """Where the same application is served over TLS as well, for clients that speak only `wss:`."""

    port: int
    certificate: LocalCertificate

    def context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate.path, self.certificate.key_path)
        return context


class VoiceServer(uvicorn.Server):
    """Says when it can answer, and lets the turn in flight end before it closes (reliability i).

    Connections of both listeners are equal: one application, one drain.
    """

    def __init__(self, config: uvicorn.Config, tls: TlsListener | None = None) -> None:
        super().__init__(config)
        self._tls = tls

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        sys.setswitchinterval(GIL_PATIENCE_S)
        share_arenas()
        # What the start has made stays for good, and need not be walked again.
        gc.freeze()
        gc.set_threshold(*COLLECT_AFTER)
        await super().startup(sockets=sockets)
        if not self.started:
            return
        if self._tls is not None:
            # `shutdown` closes whatever stands in `servers`.
            self.servers.append(await self._listen_with_tls(self._tls))
        for scheme, server in zip(("http", "https"), self.servers, strict=False):
            self._tell_ready(scheme, server)

    async def _listen_with_tls(self, tls: TlsListener) -> asyncio.Server:
        config = self.config

        def connected() -> asyncio.Protocol:
            protocol: asyncio.Protocol = config.http_protocol_class(  # type: ignore[call-arg]
                config=config, server_state=self.server_state, app_state=self.lifespan.state
            )
            return protocol

        loop = asyncio.get_running_loop()
        try:
            return await loop.create_server(
                connected,
                config.host,
                tls.port,
                ssl=tls.context(),
                ssl_shutdown_timeout=TLS_GOODBYE_TIMEOUT_S,
                backlog=config.backlog,
            )
        except OSError as error:
            logger.error("the TLS listener cannot start on port %d: %s", tls.port, error.strerror)
            await self.shutdown()
            raise SystemExit(START_FAILED) from None

    def _tell_ready(self, scheme: str, server: asyncio.Server) -> None:
        host = f"[{self.config.host}]" if ":" in self.config.host else self.config.host
        # Port 0 asks the system for a free one; tell which it gave.
        port = server.sockets[0].getsockname()[1]
        print(f"VoiceAssist ready: {scheme}://{host}:{port}", flush=True)  # noqa: T201

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop once asked, at once when asked twice. uvicorn would raise the signal again after a
        clean stop, and the exit code would then call it a crash."""
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await sessions.drain(DRAIN_TIMEOUT_S)
        await super().shutdown(sockets=sockets)


def tls_listener(host: str) -> TlsListener | None:
    """What TLS and TLS_PORT ask for; the certificate is made now where there is none."""
    if not settings.TLS:
        return None
    names = [host, *settings.ALLOWED_HOSTS]
    return TlsListener(settings.TLS_PORT, ensure_certificate(settings.LOCAL_DIR / "tls", names))


def server_config(host: str, port: int) -> uvicorn.Config:
    """How every server of ours runs; `docs/operating.md` has the same flags for bare uvicorn."""
    return uvicorn.Config(
        "voiceassist.asgi:application",
        host=host,
        port=port,
        lifespan="on",
        ws=DirectWebSocketProtocol,
        ws_max_size=max(2 * settings.LIMIT_FRAME_BYTES, FRAME_READ_BYTES),
        # Deflate costs more than the copying it saves: 78 → 145 µs a message.
        ws_per_message_deflate=False,
        # A client that vanished frees its slot within 15 s (contract §8).
        ws_ping_interval=5,
        ws_ping_timeout=9,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACEFUL_TIMEOUT_S,
        proxy_headers=bool(settings.TRUSTED_PROXIES),
        forwarded_allow_ips=settings.TRUSTED_PROXIES or None,
        server_header=False,
        log_config=None,
    )
