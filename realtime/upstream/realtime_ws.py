"""The Realtime GA protocol over a WebSocket: OpenAI, or any server that speaks it (protocol §1.1).

Never sends `OpenAI-Beta`: with it OpenAI answers one error and closes (protocol §0.1).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidStatus,
    InvalidURI,
    WebSocketException,
)

from realtime.core.errors import UpstreamFailed, UpstreamTimedOut
from realtime.runtime.fast_path import DirectConnection
from realtime.runtime.ports import UpstreamClosed, UpstreamTarget
from realtime.upstream.light_connection import LightConnection, LightDirectConnection

MAX_FRAME_BYTES: Final = 32 * 1024 * 1024  # a retrieved item carries all its audio
CLOSE_TIMEOUT_S: Final = 1.5

# At DEBUG the library logs headers and frames: our key and what people say. It gets no logger.
_SILENT: Final = logging.getLogger("realtime.upstream.wire")
_SILENT.propagate = False
_SILENT.addHandler(logging.NullHandler())
_SILENT.setLevel(logging.CRITICAL)

_AUTH: Final = ("upstream_auth", "The voice provider refused our key.")
_REFUSALS: Final = {
    401: _AUTH,
    403: _AUTH,
    404: ("upstream_not_found", "The voice provider knows no such model or call."),
    408: ("upstream_unavailable", "The voice provider did not answer in time."),
    429: ("upstream_rate_limited", "The voice provider is limiting our calls."),
}


class _ConnectOnce(connect):
    """Follows no redirect: it would carry the key and the user's identifier to another host."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class RealtimeWebSocketUpstream:
    """An `Upstream`. `url` is the base (`wss://api.openai.com/v1/realtime`); model or call_id are
    added to its query.

    api_key: sent as `key_header: key_prefix + api_key`; empty sends none. It is never part of an
        exception or a log line.
    """

    connection_class: type[ClientConnection] = LightConnection

    def __init__(
        self,
        url: str,
        api_key: str,
        target: UpstreamTarget,
        *,
        open_timeout_s: float = 10.0,
        key_header: str = "Authorization",
        key_prefix: str = "Bearer ",
    ) -> None:
        self._url = target_url(url, target)
        self._open_timeout_s = open_timeout_s
        self._headers = {"OpenAI-Safety-Identifier": target.safety_identifier}
        if api_key:
            self._headers[key_header] = f"{key_prefix}{api_key}"
        self._connection: ClientConnection | None = None

    async def open(self) -> None:
        """Connect. Raises UpstreamFailed or UpstreamTimedOut."""
        try:
            self._connection = await _ConnectOnce(
                self._url,
                additional_headers=self._headers,
                # A relay earns nothing from deflate and pays for it on every audio frame.
                compression=None,
                open_timeout=self._open_timeout_s,
                ping_interval=20,
                ping_timeout=20,
                close_timeout=CLOSE_TIMEOUT_S,
                max_size=MAX_FRAME_BYTES,
                logger=_SILENT,
                create_connection=self.connection_class,
            )
        except TimeoutError:
            raise UpstreamTimedOut("The voice provider did not answer in time.") from None
        except InvalidStatus as refused:
            raise _refusal(refused.response.status_code) from None
        except InvalidURI:
            raise UpstreamFailed(
                "The voice provider's address is not a WebSocket URL.",
                code="upstream_misconfigured",
                retryable=False,
            ) from None
        except (OSError, WebSocketException):
            raise UpstreamFailed(
                "The voice provider cannot be reached.", code="upstream_unreachable"
            ) from None

    async def send(self, raw: str) -> None:
        """Send one event; waits while the provider is slow. Raises UpstreamClosed."""
        try:
            await self._opened().send(raw)
        except ConnectionClosed as closed:
            raise _closed(closed) from None

    async def receive(self) -> str:
        """The next event. Raises UpstreamClosed when there will be no more."""
        try:
            return await self._opened().recv(decode=True)
        except ConnectionClosed as closed:
            raise _closed(closed) from None

    async def aclose(self) -> None:
        """Close; idempotent, and never longer than its time-out: with a full write buffer the
        library's own close waits for ever, so the transport is aborted in the end."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await connection.close()
        except TimeoutError:
            return
        finally:
            connection.transport.abort()

    def _opened(self) -> ClientConnection:
        if self._connection is None:
            raise UpstreamClosed(1006, "not open")
        return self._connection


class DirectRealtimeWebSocketUpstream(RealtimeWebSocketUpstream):
    """A `DirectUpstream`: the same on the fast path (docs/adr/0013)."""

    connection_class = LightDirectConnection

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.send_now: Callable[[bytes], bool] = _not_now

    async def open(self) -> None:
        """Connect. Raises UpstreamFailed or UpstreamTimedOut. From then on `send_now` is the
        connection's own."""
        await super().open()
        connection = self._opened()
        assert isinstance(connection, DirectConnection)
        self.send_now = connection.send_now

    async def listen(self, take: Callable[[bytes], None]) -> None:
        """Call `take` with every event. Never returns: raises UpstreamClosed in the end."""
        connection = self._opened()
        assert isinstance(connection, DirectConnection)
        try:
            await connection.listen(take)
        except ConnectionClosed as closed:
            raise _closed(closed) from None


def _not_now(_text: bytes) -> bool:
    """Before there is a connection."""
    return False


def target_url(base_url: str, target: UpstreamTarget) -> str:
    """`base_url` with `model=`, `call_id=` or `intent=` in its query (protocol §1.1: one of them);
    other parameters of it are kept."""
    parts = urlsplit(base_url)
    chosen = ("model", "call_id", "intent")
    query = [(key, value) for key, value in parse_qsl(parts.query) if key not in chosen]
    if target.call_id is not None:
        query.append(("call_id", target.call_id))
    elif target.only_listens:
        query.append(("intent", "transcription"))
    else:
        query.append(("model", target.model))
    return urlunsplit(parts._replace(query=urlencode(query), fragment=""))


def _refusal(status: int) -> UpstreamFailed:
    """A handshake answered with an HTTP status; 4xx but 408 and 429 would be refused again."""
    code, message = _REFUSALS.get(
        status, ("upstream_unavailable", f"The voice provider answered with HTTP {status}.")
    )
    return UpstreamFailed(message, code=code, retryable=status >= 500 or status in (408, 429))


def _closed(closed: ConnectionClosed) -> UpstreamClosed:
    frame = closed.rcvd or closed.sent
    return UpstreamClosed(1006) if frame is None else UpstreamClosed(frame.code, frame.reason)
