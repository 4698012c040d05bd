"""Plain HTTP beside the WebSocket: requests with a body on the same port (protocol §1.2, §1.3)."""

from __future__ import annotations

import http
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

import orjson
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from realtime.core.errors import VoiceError

MAX_HEAD_BYTES = 64 * 1024
MAX_BODY_BYTES = 1024 * 1024
_END_OF_HEAD = b"\r\n\r\n"
# Which headers a browser of another origin may send and read (protocol §2.5).
_CROSS_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Location, X-Request-Id",
}


class ConnectionWithBody(ServerConnection):
    """A WebSocket connection whose opening request may be any HTTP request with a body.

    The library reads handshakes alone and refuses a body; here it is taken off, up to 1 MiB, and
    waits in `body` for `process_request`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.body = b""
        self._opening: bytearray | None = bytearray()

    def data_received(self, data: bytes) -> None:
        if self._opening is None:
            super().data_received(data)
            return
        self._opening += data
        head, found, rest = bytes(self._opening).partition(_END_OF_HEAD)
        if not found:
            if len(head) > MAX_HEAD_BYTES:
                self._refuse(http.HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return
        lines = head.split(b"\r\n")
        sizes = [line.partition(b":")[2] for line in lines if _names(line, b"content-length")]
        if any(_names(line, b"transfer-encoding") for line in lines):
            self._refuse(http.HTTPStatus.LENGTH_REQUIRED)
            return
        size_text = sizes[0].strip() if sizes else b"0"
        if not size_text.isdigit() or len(sizes) > 1:
            self._refuse(http.HTTPStatus.BAD_REQUEST)
            return
        if len(size_text) > 9 or int(size_text) > MAX_BODY_BYTES:
            self._refuse(http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        if len(rest) < int(size_text):
            return
        self.body, rest = rest[: int(size_text)], rest[int(size_text) :]
        self._opening = None
        bare = b"\r\n".join(line for line in lines if not _names(line, b"content-length"))
        super().data_received(bare + _END_OF_HEAD + rest)

    def _refuse(self, status: http.HTTPStatus) -> None:
        self._opening = bytearray()
        line = f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        self.transport.write(line.encode() + b"Content-Length: 0\r\nConnection: close\r\n\r\n")
        self.transport.close()


def _names(line: bytes, name: bytes) -> bool:
    return line.partition(b":")[0].strip().lower() == name


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """`path` is without query and without the leading `/v1`; header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON, `{}` when empty. Raises orjson.JSONDecodeError."""
        return orjson.loads(self.body) if self.body.strip() else {}


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


HttpHandler: TypeAlias = Callable[[HttpRequest], Awaitable[HttpAnswer]]


def read_request(connection: ServerConnection, request: Request) -> HttpRequest:
    """What `process_request` was given, in one piece."""
    parts = urlsplit(request.path)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    headers = {name.lower(): value for name, value in request.headers.raw_items()}
    path = parts.path.removeprefix("/v1").rstrip("/") or "/"
    body = connection.body if isinstance(connection, ConnectionWithBody) else b""
    return HttpRequest(request.method, path, query, headers, body)


def write_answer(answer: HttpAnswer) -> Response:
    """One answer per connection: the library closes it afterwards."""
    status = http.HTTPStatus(answer.status)
    fields = {
        "Content-Type": answer.content_type,
        "Content-Length": str(len(answer.body)),
        "Connection": "close",
        **_CROSS_ORIGIN,
        **answer.headers,
    }
    return Response(status.value, status.phrase, Headers(fields), answer.body)


def json_answer(value: object, status: int = 200) -> HttpAnswer:
    return HttpAnswer(orjson.dumps(value), status)


def error_answer(
    message: str,
    code: str | None,
    status: int,
    *,
    param: str | None = None,
    error_type: str = "invalid_request_error",
) -> HttpAnswer:
    """OpenAI's HTTP error body (protocol §1)."""
    error = {"message": message, "type": error_type, "code": code, "param": param}
    return json_answer({"error": error}, status)


def refusal(error: VoiceError) -> HttpAnswer:
    return error_answer(
        error.message,
        error.code,
        error.http_status,
        param=error.param,
        error_type=error.error_type,
    )


def preflight(request: HttpRequest) -> HttpAnswer:
    """The answer to a browser's question whether a page of any origin may call."""
    wanted = request.headers.get("access-control-request-headers", "Authorization, Content-Type")
    allowed = {
        "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
        "Access-Control-Allow-Headers": wanted,
    }
    return HttpAnswer(status=204, headers=allowed)
