"""Long answers outside of Django's request: a listener holds no thread, however long it listens.

A view decides who may listen and leaves what to send with `stream`; Django's thread is done then,
and the event loop carries the rest. (Django's own streaming answers keep the request's thread.)
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from realtime.core.errors import Unavailable

logger = logging.getLogger(__name__)

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_SLOT = "voiceassist.stream"


@dataclass(frozen=True, slots=True)
class _Stream:
    content: AsyncIterator[bytes]
    byte_count: int | None


def stream(
    request: Request,
    content: AsyncIterator[bytes],
    content_type: str,
    byte_count: int | None = None,
) -> HttpResponse:
    """The answer of a view whose body is `content`, of `byte_count` bytes where that is known.

    Raises Unavailable where the server is no ASGI server.
    """
    django_request: HttpRequest = request._request
    slot = getattr(django_request, "scope", {}).get(_SLOT)
    if slot is None:
        raise Unavailable("This address needs an ASGI server.", code="streaming_unavailable")
    slot.append(_Stream(content, byte_count))
    response = HttpResponse(content_type=content_type)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"  # nginx would keep events back
    return response


class StreamingApplication:
    """Around Django's ASGI application: sends what a view left with `stream` as the body."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        slot: list[_Stream] = []
        starts: list[Message] = []

        async def send_unless_streaming(message: Message) -> None:
            if not slot:
                await send(message)
            elif message["type"] == "http.response.start":
                starts.append(message)

        scope[_SLOT] = slot
        await self._application(scope, receive, send_unless_streaming)
        for left in slot:
            if starts:
                is_head = scope["method"] == "HEAD"
                await _carry(left, starts[0], receive, send, is_head=is_head)
            else:  # the client went away while Django was still deciding
                await _aclose(left.content)


async def _carry(
    left: _Stream, start: Message, receive: Receive, send: Send, *, is_head: bool
) -> None:
    """Until the content ends or the client is gone, whichever is first."""
    content = left.content
    # Django counted the empty body that it had.
    headers = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
    if left.byte_count is not None:
        headers.append((b"content-length", str(left.byte_count).encode()))
    await send({**start, "headers": headers})
    if is_head:
        await _aclose(content)
        await send({"type": "http.response.body", "body": b""})
        return
    sending = asyncio.create_task(_send_all(content, send), name="stream")
    leaving = asyncio.create_task(_until_gone(receive), name="stream disconnect")
    try:
        await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sending, leaving):
            task.cancel()
        results = await asyncio.gather(sending, leaving, return_exceptions=True)
        await _aclose(content)
    if isinstance(results[0], Exception):
        logger.error("a stream broke: %s", type(results[0]).__name__)


async def _send_all(content: AsyncIterator[bytes], send: Send) -> None:
    async for piece in content:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _aclose(content: AsyncIterator[bytes]) -> None:
    with contextlib.suppress(RuntimeError):
        await cast(AsyncGenerator[bytes, None], content).aclose()
