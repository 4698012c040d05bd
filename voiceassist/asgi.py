"""The ASGI application: HTTP by Django, WebSockets by Channels, lifespan by the sessions."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voiceassist.settings")

import django
from channels.routing import ProtocolTypeRouter

django.setup(set_prefix=False)

from realtime.headless.streaming import StreamingApplication  # noqa: E402
from voiceassist.body_limit import BoundedBodies  # noqa: E402
from voiceassist.lifespan import lifespan_application  # noqa: E402
from voiceassist.middleware import NamedAnswers  # noqa: E402
from voiceassist.request_threads import ThreadedHandler  # noqa: E402
from voiceassist.routing import websocket_application  # noqa: E402

streaming_application = StreamingApplication(ThreadedHandler())
http_application = NamedAnswers(BoundedBodies(streaming_application))
application = ProtocolTypeRouter(
    {
        "http": http_application,
        "websocket": websocket_application,
        "lifespan": lifespan_application,
    }
)
