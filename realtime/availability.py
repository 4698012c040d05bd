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
from realtime.voice_settings import VoiceInEffect, voice_in_effect


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
    is_embedded = voice_in_effect().provider == Provider.EMBEDDED
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
    voice = voice_in_effect()
    model, provider = voice.model, voice.provider
    if not voice.enabled:
        return VoiceStatus(
            False, provider, model, "Voice is switched off on this server.", "realtime_disabled"
        )
    reason = misconfiguration(voice)
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


def misconfiguration(voice: VoiceInEffect) -> str | None:
    """One sentence when no session can speak with these settings, else None."""
    if voice.provider not in Provider.values:
        return f"REALTIME_PROVIDER {voice.provider!r} is not a provider we know."
    if route_of(voice.model, voice.provider).lacks_its_key:
        return "No provider key is configured: set OPENAI_API_KEY."
    return catalogue.retirement_reason(voice.model, timezone.localdate())
