"""The WebSocket addresses of sessions and of the feed."""

from __future__ import annotations

from django.urls import path

from realtime.consumers import RelayConsumer
from realtime.feed import FeedConsumer

websocket_urlpatterns = [
    path("v1/realtime", RelayConsumer.as_asgi()),
    path("ws/feed", FeedConsumer.as_asgi()),
]
