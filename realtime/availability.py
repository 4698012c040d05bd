"""Whether voice can be offered now, and if not, why (contract §4: `/api/voice/status`)."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from realtime import catalogue
from realtime.core.errors import Unavailable
from realtime.models import Provider
from realtime.serving import require_serving
from realtime.upstream_routes import route_of


@dataclass(frozen=True, slots=True)
class VoiceStatus:
    """`reason` is a sentence for people, `code` the word for programs.

    While enabled there is no code, and a reason only as a warning: the model will be retired.
    """

    enabled: bool
    provider: str
    model: str
    reason: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class WebRtcOffer:
    """Whether calls by WebRTC are taken, and whether a page that may choose should prefer them."""

    available: bool
    preferred: bool


def webrtc_offer() -> WebRtcOffer:
    """Media that goes straight to a provider elsewhere has the shorter way; our own embedded one
    is where the WebSocket ends too, and WebRTC would only cost it more."""
    is_embedded = settings.REALTIME_PROVIDER == Provider.EMBEDDED
    is_installed = not is_embedded or importlib.util.find_spec("aiortc") is not None
    available = bool(settings.WEBRTC_ENABLED) and is_installed
    return WebRtcOffer(available, preferred=available and not is_embedded)


def require_webrtc() -> None:
    """Raises Unavailable with `webrtc_disabled` or `webrtc_not_installed`."""
    if not settings.WEBRTC_ENABLED:
        raise Unavailable("This server takes no WebRTC calls.", code="webrtc_disabled")
    if not webrtc_offer().available:
        raise Unavailable(
            "This server's own provider lacks the packages for WebRTC.", code="webrtc_not_installed"
        )


def voice_status() -> VoiceStatus:
    model = settings.REALTIME_MODEL
    provider = settings.REALTIME_PROVIDER
    if not settings.REALTIME_ENABLED:
        return VoiceStatus(
            False, provider, model, "Voice is switched off on this server.", "realtime_disabled"
        )
    reason = _misconfiguration()
    if reason is not None:
        return VoiceStatus(False, provider, model, reason, "realtime_not_configured")
    return VoiceStatus(
        True, provider, model, catalogue.retirement_warning(model, timezone.localdate())
    )


def require_voice() -> None:
    """Raises Unavailable with `realtime_disabled` or `realtime_not_configured`, or Draining: what
    is made now could not be opened here any more."""
    require_serving()
    status = voice_status()
    if not status.enabled:
        raise Unavailable(str(status.reason), code=status.code)


def _misconfiguration() -> str | None:
    if settings.REALTIME_PROVIDER not in Provider.values:
        return f"REALTIME_PROVIDER {settings.REALTIME_PROVIDER!r} is not a provider we know."
    if route_of(settings.REALTIME_MODEL).lacks_its_key:
        return "No provider key is configured: set OPENAI_API_KEY."
    return catalogue.retirement_reason(settings.REALTIME_MODEL, timezone.localdate())
