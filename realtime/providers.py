"""Which upstream a session gets. The only place that knows all of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.conf import settings

from realtime.core.session_kind import SessionKind, kind_of
from realtime.models import Provider
from realtime.provider_health import WatchedUpstream
from realtime.runtime.ports import CallsProvider, Upstream, UpstreamFactory, UpstreamTarget
from realtime.upstream.realtime_http import RealtimeHttpCalls
from realtime.upstream.realtime_ws import (
    DirectRealtimeWebSocketUpstream,
    RealtimeWebSocketUpstream,
)
from realtime.upstream_routes import UpstreamRoute, own_route
from realtime.voice_settings import VoiceInEffect, voice_in_effect

if TYPE_CHECKING:
    from realtime.upstream.embedded.provider import EmbeddedProvider

DIAL_TIMEOUT_S = 10.0
# A call goes on while nobody listens to it, so another attempt is better than a long one.
ATTACH_TIMEOUT_S = 4.0

_embedded: EmbeddedProvider | None = None


def upstream_factory(route: UpstreamRoute) -> UpstreamFactory:
    """How to dial the server that `route` leads to."""
    if route.provider == Provider.EMBEDDED:
        return embedded_provider().upstream
    return partial(_dial, route)


def calls_provider(route: UpstreamRoute | None = None) -> CallsProvider:
    """Who takes WebRTC calls there (None: this server's own provider).

    Raises Unavailable where the packages for it are not installed.
    """
    route = route or own_route("")
    if route.provider == Provider.EMBEDDED:
        return embedded_provider().calls()
    header, prefix = route.key_fields
    return RealtimeHttpCalls(route.url, route.key, key_header=header, key_prefix=prefix)


async def load_calls(route: UpstreamRoute) -> None:
    """Await before the first `calls_provider` there: the embedded one's libraries take a second to
    load, in which nobody else's call must stand still."""
    if route.provider == Provider.EMBEDDED:
        with contextlib.suppress(ImportError):  # `calls_provider` says what is missing
            await asyncio.to_thread(import_module, "realtime.upstream.embedded.webrtc.calls")


def check_session(session: Mapping[str, Any]) -> None:
    """Refuse at the mint what the provider would refuse at the call. Raises InvalidEvent.

    The rules of the embedded provider are known here. Another one judges for itself when dialled:
    it may know fields that we do not.
    """
    if voice_in_effect().provider == Provider.EMBEDDED:
        from realtime.upstream.embedded.session_config import (
            default_session,
            default_transcription_session,
            merge_session,
        )

        listens = kind_of(session) is SessionKind.TRANSCRIPTION
        born = default_transcription_session("", 0) if listens else default_session("", "", 0)
        merge_session(born, session)


def embedded_provider() -> EmbeddedProvider:
    """The one embedded provider of this process; its workers start with its first session."""
    global _embedded
    if _embedded is None:
        # Here and not above: management commands and OpenAI servers need none of its libraries.
        from realtime.call_options import call_options
        from realtime.upstream.embedded.mind.choice import choose_mind
        from realtime.upstream.embedded.provider import EmbeddedProvider

        mind = choose_mind(
            settings.EMBEDDED_CHAT_BASE_URL,
            settings.EMBEDDED_CHAT_API_KEY,
            settings.EMBEDDED_CHAT_MODEL,
        )
        _embedded = EmbeddedProvider(mind=mind, call_options=call_options())
    return _embedded


def warm_up(voice: VoiceInEffect) -> None:
    """Let the embedded provider, if it is the one, load its models while nobody waits for it.
    Returns at once."""
    if settings.EMBEDDED_WARM_UP and voice.enabled and voice.provider == Provider.EMBEDDED:
        embedded_provider().start()


async def aclose() -> None:
    global _embedded
    if _embedded is not None:
        closing, _embedded = _embedded, None
        await closing.aclose()


def _dial(route: UpstreamRoute, target: UpstreamTarget) -> Upstream:
    header, prefix = route.key_fields
    is_fast = settings.REALTIME_FAST_PATH == "auto"
    connect = DirectRealtimeWebSocketUpstream if is_fast else RealtimeWebSocketUpstream
    dialled = connect(
        route.url,
        route.key,
        target,
        open_timeout_s=DIAL_TIMEOUT_S if target.call_id is None else ATTACH_TIMEOUT_S,
        key_header=header,
        key_prefix=prefix,
    )
    return WatchedUpstream(dialled, route.url)
