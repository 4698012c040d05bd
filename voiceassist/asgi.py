"""The ASGI application: HTTP by Django, WebSockets by Channels, lifespan by the sessions."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voiceassist.settings")

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from voiceassist.lifespan import lifespan_application  # noqa: E402
from voiceassist.routing import websocket_application  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": websocket_application,
        "lifespan": lifespan_application,
    }
)
