"""Every WebSocket address of the product."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from channels.routing import URLRouter
from django.urls import re_path

from accounts import request_ids
from realtime.core.errors import NotFound
from realtime.denial import Send, deny_by_http
from realtime.routing import websocket_urlpatterns as realtime_sockets
from review.live.routing import websocket_urlpatterns as live_floor_sockets

Receive = Callable[[], Awaitable[dict[str, Any]]]


async def unknown_address(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """404 for every other path; without it Channels would raise and the server answer 500."""
    await receive()  # websocket.connect
    error = NotFound("There is no WebSocket at this address.", code="unknown_url")
    await deny_by_http(scope, send, error)


websocket_urlpatterns = [*realtime_sockets, *live_floor_sockets]
# Channels routes ASGI applications, for which Django's stubs have no word.
fallback = re_path(r"", unknown_address)  # type: ignore[arg-type]
_router = URLRouter([*websocket_urlpatterns, fallback])


async def websocket_application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """What a call logs carries the name of the request that opened it."""
    request_ids.begin()
    await _router(scope, receive, send)
