"""Refusing a WebSocket so that its opener can read why (protocol §2 item 4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import orjson

from accounts import request_ids
from realtime.core.errors import VoiceError

Send = Callable[[dict[str, Any]], Awaitable[None]]

REASON_MAX_BYTES = 123  # RFC 6455 §5.5: 125 less the code


def error_body(error: VoiceError) -> dict[str, Any]:
    return {
        "message": error.message,
        "type": error.error_type,
        "code": error.code,
        "param": error.param,
    }


def error_event(error: VoiceError) -> str:
    """The text of an `error` event outside any session."""
    event = {
        "type": "error",
        "event_id": f"event_{uuid4().hex}",
        "error": {**error_body(error), "event_id": None},
    }
    return orjson.dumps(event).decode()


async def deny_by_http(scope: dict[str, Any], send: Send, error: VoiceError) -> None:
    """For programs: an HTTP status with OpenAI's error body, where the server can send one."""
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": error.close_code, "reason": error.code})
        return
    headers = [(b"content-type", b"application/json"), *_request_id_header()]
    if error.http_status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if error.retry_after_s is not None:
        headers.append((b"retry-after", str(error.retry_after_s).encode()))
    body = orjson.dumps({"error": error_body(error)})
    headers.append((b"content-length", str(len(body)).encode()))
    await send(
        {"type": "websocket.http.response.start", "status": error.http_status, "headers": headers}
    )
    await send({"type": "websocket.http.response.body", "body": body})


async def deny_by_event(send: Send, error: VoiceError, subprotocol: str | None) -> None:
    """For browsers, which hide HTTP errors: accept, say why in an `error` event, close."""
    await send(accept_message(subprotocol))
    await send({"type": "websocket.send", "text": error_event(error)})
    await send(close_message(error.close_code, error.code))


def accept_message(subprotocol: str | None) -> dict[str, Any]:
    """The ASGI message that accepts a socket; its answer names the request, like any other."""
    headers = _request_id_header()
    return {"type": "websocket.accept", "subprotocol": subprotocol, "headers": headers}


def close_message(code: int, reason: str) -> dict[str, Any]:
    fitting = reason.encode()[:REASON_MAX_BYTES].decode(errors="ignore")
    return {"type": "websocket.close", "code": code, "reason": fitting}


def _request_id_header() -> list[tuple[bytes, bytes]]:
    name = request_ids.current()
    return [(request_ids.HEADER.encode(), name.encode())] if name else []
