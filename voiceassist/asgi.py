"""The ASGI application: HTTP by Django, WebSockets by Channels, lifespan by the sessions."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voiceassist.settings")

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from realtime.headless.streaming import StreamingApplication  # noqa: E402
from voiceassist.body_limit import BoundedBodies  # noqa: E402
from voiceassist.lifespan import lifespan_application  # noqa: E402
from voiceassist.middleware import NamedAnswers  # noqa: E402
from voiceassist.routing import websocket_application  # noqa: E402

# Django's stubs call the scope's messages read-only; it changes none of them.
streaming_application = StreamingApplication(django_application)  # type: ignore[arg-type]
http_application = NamedAnswers(BoundedBodies(streaming_application))
application = ProtocolTypeRouter(
    {
        "http": http_application,
        "websocket": websocket_application,
        "lifespan": lifespan_application,
    }
)
