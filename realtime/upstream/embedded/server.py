"""The provider's WebSocket face: `GET /v1/realtime`, for the gateway and for any Realtime SDK.

It serves the protocol, not access: any bearer key is accepted (protocol §2).
"""

from __future__ import annotations

import asyncio
import contextlib
import http
import logging
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from realtime.upstream.embedded.driver import SessionDriver, SessionOver
from realtime.upstream.embedded.provider import EmbeddedProvider

logger = logging.getLogger(__name__)

PATHS = ("/v1/realtime", "/realtime")
DEFAULT_MODEL = "gpt-realtime-2.1"
MAX_FRAME_BYTES = 21 * 1024 * 1024  # 15 MiB of audio, the API's own cap, as base64 in JSON
CLOSE_TIMEOUT_S = 2.0
_SUBPROTOCOL = Subprotocol("realtime")


async def start_server(provider: EmbeddedProvider, host: str, port: int) -> Server:
    """Listen; port 0 picks a free one. Close the server, then the provider."""

    async def handle(connection: ServerConnection) -> None:
        await _serve_session(provider, connection)

    return await serve(
        handle,
        host,
        port,
        process_request=_refuse_other_paths,
        select_subprotocol=_select_subprotocol,
        max_size=MAX_FRAME_BYTES,
        compression=None,
        close_timeout=CLOSE_TIMEOUT_S,
    )


async def _serve_session(provider: EmbeddedProvider, connection: ServerConnection) -> None:
    assert connection.request is not None
    query = parse_qs(urlsplit(connection.request.path).query)
    driver = provider.new_session(
        query.get("model", [DEFAULT_MODEL])[0],
        transcription_only=query.get("intent") == ["transcription"],
    )
    driver.start()
    sending = asyncio.create_task(_send_events(driver, connection))
    try:
        async for frame in connection:
            await driver.receive(frame)
    except (ConnectionClosed, SessionOver):
        pass
    finally:
        await driver.aclose()
        with contextlib.suppress(ConnectionClosed):
            await sending


async def _send_events(driver: SessionDriver, connection: ServerConnection) -> None:
    try:
        while True:
            await connection.send(await driver.next_event())
    except SessionOver as over:
        await connection.close(over.code, over.reason[:120])


def _refuse_other_paths(connection: ServerConnection, request: Request) -> Response | None:
    path = urlsplit(request.path).path
    if path in PATHS:
        return None
    body = b'{"error":{"message":"Not found.","type":"invalid_request_error","code":"not_found",'
    body += b'"param":null}}'
    headers = Headers({"Content-Type": "application/json", "Content-Length": str(len(body))})
    status = http.HTTPStatus.NOT_FOUND
    return Response(status.value, status.phrase, headers, body)


def _select_subprotocol(
    connection: ServerConnection, offered: Sequence[Subprotocol]
) -> Subprotocol | None:
    """`realtime` if offered, else none; never the one that carries a key (protocol §2)."""
    return _SUBPROTOCOL if _SUBPROTOCOL in offered else None
