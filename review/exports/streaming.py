"""Sending a file while it is being made."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from rest_framework.request import Request


def streamed(
    request: Request, pieces: Iterator[bytes], media_type: str, name: str
) -> StreamingHttpResponse:
    """An attachment. Pieces are asked for one by one, in the request's own thread."""
    is_async = isinstance(request._request, ASGIRequest)
    return StreamingHttpResponse(
        _asynchronous(pieces) if is_async else pieces,
        content_type=f"{media_type}; charset=utf-8",
        headers={
            "Content-Disposition": str(content_disposition_header(True, name)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


async def _asynchronous(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    ask = sync_to_async(_next)
    while (piece := await ask(pieces)) is not None:
        yield piece


def _next(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)
