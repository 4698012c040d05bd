"""The WebSocket address of the live floor."""

from __future__ import annotations

from django.urls import path

from review.live.feed import LiveFloorConsumer

websocket_urlpatterns = [path("ws/review/live", LiveFloorConsumer.as_asgi())]
