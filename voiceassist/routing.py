"""Every WebSocket address of the product."""

from __future__ import annotations

from channels.routing import URLRouter
from realtime.routing import websocket_urlpatterns

websocket_application = URLRouter(websocket_urlpatterns)
