"""Request bodies are bounded before they are read: Django would first put all of one on disk."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

import orjson
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from realtime import database
from voiceassist.cors import CrossOriginMiddleware
from voiceassist.errors import PROBLEM_JSON, openai_body, problem_body

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# The addresses that take recordings (contract §8: a body 1 MiB, audio 25 MiB).
AUDIO_PATH = re.compile(r"/api/voice/(?:sessions/[^/]+/audio|turns)")

# How long the rest of a refused body is still taken and thrown away. Closed at once, the connection
# is reset, and a client that is busy sending never reads why.
LINGER_S = 10.0


class _TooLarge(Exception):
    pass


class BoundedBodies:
    """Around an HTTP application: 413 by the declared length, or as soon as more has come."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_audio = AUDIO_PATH.fullmatch(scope["path"]) is not None
        most = settings.LIMIT_AUDIO_BODY_BYTES if is_audio else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        read = 0

        async def receive_bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                raise _TooLarge
            return message

        if _declared_length(scope) > most:
            await _refuse(scope, receive, send, most, is_audio=is_audio)
            return
        try:
            await self._application(scope, receive_bounded, send)
        except _TooLarge:
            # Django reads the whole body before anything is answered.
            await _refuse(scope, receive, send, most, is_audio=is_audio)


def _declared_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


async def _refuse(scope: Scope, receive: Receive, send: Send, most: int, *, is_audio: bool) -> None:
    code = "audio_too_large" if is_audio else "body_too_large"
    sentence = f"The body is larger than the {most} bytes this address reads."
    body: dict[str, Any] = problem_body(413, code, sentence)
    kind = PROBLEM_JSON
    if scope["path"].startswith("/v1/"):
        body = openai_body(sentence, "invalid_request_error", code, None)
        kind = "application/json"
    refusal = HttpResponse(orjson.dumps(body), status=413, content_type=kind)
    # A page of another origin can read it only where the answer says so, as any other answer does.
    across_origins = CrossOriginMiddleware(lambda _: refusal)
    answer = await database.run(across_origins, ASGIRequest(scope, BytesIO()))
    headers = [(name.lower().encode(), value.encode()) for name, value in answer.items()]
    headers.append((b"content-length", str(len(answer.content)).encode()))
    headers.append((b"connection", b"close"))
    start = {"type": "http.response.start", "status": answer.status_code, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": answer.content, "more_body": True})
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(_throw_away(receive), LINGER_S)
    await send({"type": "http.response.body", "body": b""})


async def _throw_away(receive: Receive) -> None:
    """Read until the body ends or the client, which has its answer, has gone."""
    while (message := await receive())["type"] == "http.request" and message.get("more_body"):
        continue
