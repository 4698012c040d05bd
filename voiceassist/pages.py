"""The single page, and the two addresses an operator's probes ask."""

from __future__ import annotations

import asyncio

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from realtime import sessions

REDIS_TIMEOUT_S = 2.0


@require_safe
def app(request: HttpRequest, **_path: str) -> HttpResponse:
    """The React application; every page of it is this one document."""
    response = render(request, "app.html")
    response.headers["Cache-Control"] = "no-cache"
    return response


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the process lives."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database (and Redis, where configured) answer and the server is not draining."""
    parts = {"database": _database_answers(), "serving": not sessions.is_draining()}
    if settings.REDIS_URL:
        parts["redis"] = _redis_answers()
    ready = all(parts.values())
    return JsonResponse({"ready": ready, "parts": parts}, status=200 if ready else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _redis_answers() -> bool:
    async def publish() -> None:
        layer = get_channel_layer()
        if layer is not None:
            async with asyncio.timeout(REDIS_TIMEOUT_S):
                await layer.group_send("readyz", {"type": "noop"})

    try:
        async_to_sync(publish)()
    except Exception:
        return False
    return True
