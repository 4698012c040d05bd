"""The addresses a listener is given: as the caller reached us, or as PUBLIC_URL says."""

from __future__ import annotations

import time
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from rest_framework.request import Request

from realtime.headless import stream_tokens

_STREAMS = {
    "events_url": "voice-session-events",
    "transcript_url": "voice-session-transcript",
    "audio_url": "voice-session-sound",
}


def stream_urls(request: Request, public_id: str) -> dict[str, str | int]:
    """`events_url`, `transcript_url` and `audio_url` with a stream token each, and `expires_at`."""
    base = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    urls: dict[str, str | int] = {}
    for field, name in _STREAMS.items():
        query = urlencode({stream_tokens.PARAMETER: stream_tokens.issue(public_id)})
        urls[field] = f"{base}{reverse(name, args=[public_id])}?{query}"
    return urls | {"expires_at": int(time.time()) + settings.REALTIME_TOKEN_EXPIRY_SEC}
