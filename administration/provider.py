"""How the voice provider does: what its key and address are like, and whether it answers."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Max
from django.utils import timezone

from realtime.availability import misconfiguration
from realtime.core.effects import EndReason
from realtime.models import KeyHeader, RealtimeSession
from realtime.provider_health import rest_s
from realtime.upstream_routes import UpstreamRoute, route_of
from realtime.voice_settings import VoiceInEffect

LOOKED_BACK = dt.timedelta(hours=24)
FAILURES = (
    EndReason.UPSTREAM_CLOSED.value,
    EndReason.UPSTREAM_ERROR.value,
    EndReason.UPSTREAM_EXPIRED.value,
)


def provider_facts(voice: VoiceInEffect) -> dict[str, Any]:
    """Of the server that has the default model. No key, and no name of one, is among them."""
    route = route_of(voice.model, voice.provider)
    recent = RealtimeSession.objects.filter(
        created_at__gt=timezone.now() - LOOKED_BACK, provider=route.provider
    )
    succeeded = recent.aggregate(at=Max("started_at"))["at"]
    failed = recent.filter(end_reason__in=FAILURES).aggregate(at=Max("ended_at"))["at"]
    health, detail = _health(voice, route, succeeded, failed)
    return {
        "server": urlsplit(route.url).hostname or "",
        "key": key_state(route),
        "health": health,
        "detail": detail,
        "last_success_at": succeeded,
        "last_failure_at": failed,
    }


def key_state(route: UpstreamRoute) -> str:
    if route.lacks_its_key:
        return "missing"
    return "not_needed" if route.key_header == KeyHeader.NONE else "set"


def _health(
    voice: VoiceInEffect,
    route: UpstreamRoute,
    succeeded: dt.datetime | None,
    failed: dt.datetime | None,
) -> tuple[str, str]:
    reason = misconfiguration(voice)
    if reason is not None:
        return "not_configured", reason
    if rest_s(route.url) > 0:
        return "fails", "It failed several times in a row; new sessions wait a few seconds."
    if failed is not None and (succeeded is None or failed > succeeded):
        return "fails", "The latest session ended because the provider failed."
    if succeeded is None:
        return "not_asked", "Nobody has opened a session in the last 24 hours."
    return "answers", ""
