"""Wrong combinations of settings, each with a stable id and a sentence that says what to do."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from accounts.origins import canonical_origin
from realtime.upstream_addresses import is_azure, is_openai, shows_key_to_the_network

MIN_SECRET_KEY_CHARS = 50


@register()
def check_secret_key(**_kwargs: Any) -> list[CheckMessage]:
    if len(settings.SECRET_KEY) < MIN_SECRET_KEY_CHARS:
        return [
            Error(
                "SECRET_KEY is too short.",
                hint=f"Use at least {MIN_SECRET_KEY_CHARS} random characters.",
                id="voiceassist.E001",
            )
        ]
    return []


@register()
def check_provider(**_kwargs: Any) -> list[CheckMessage]:
    messages: list[CheckMessage] = []
    if settings.REALTIME_PROVIDER not in {"openai", "embedded"}:
        messages.append(
            Error(
                f"REALTIME_PROVIDER is {settings.REALTIME_PROVIDER!r}.",
                hint="Set it to `openai` (any Realtime-GA server) or `embedded`.",
                id="voiceassist.E002",
            )
        )
    if urlsplit(settings.REALTIME_BASE_URL).scheme not in {"ws", "wss"}:
        messages.append(
            Error(
                f"REALTIME_BASE_URL is {settings.REALTIME_BASE_URL!r}.",
                hint="It must begin with ws:// or wss://, as in wss://api.openai.com/v1/realtime.",
                id="voiceassist.E003",
            )
        )
    header, url = settings.REALTIME_KEY_HEADER, settings.REALTIME_BASE_URL
    if header not in {"", "bearer", "api-key", "none"}:
        messages.append(
            Error(
                f"REALTIME_KEY_HEADER is {header!r}.",
                hint="It takes bearer, api-key or none; unset, the address decides.",
                id="voiceassist.E008",
            )
        )
    needs_key = is_openai(url) or is_azure(url) or header in {"bearer", "api-key"}
    if settings.OPENAI_API_KEY and header != "none" and shows_key_to_the_network(url):
        messages.append(
            Warning(
                "REALTIME_BASE_URL is ws:// elsewhere: OPENAI_API_KEY can be read on the way.",
                hint="Use wss://, or REALTIME_KEY_HEADER=none where no key is needed.",
                id="voiceassist.W004",
            )
        )
    if settings.REALTIME_PROVIDER == "openai" and needs_key and not settings.OPENAI_API_KEY:
        messages.append(
            Warning(
                "REALTIME_PROVIDER is `openai` but OPENAI_API_KEY is not set; voice answers 503.",
                hint="Set OPENAI_API_KEY, or REALTIME_PROVIDER=embedded for the demo voice.",
                id="voiceassist.W001",
            )
        )
    if settings.REALTIME_PROVIDER == "embedded" and settings.OPENAI_API_KEY:
        messages.append(
            Warning(
                "OPENAI_API_KEY is set, yet REALTIME_PROVIDER is `embedded`: the key is not used.",
                hint="Unset REALTIME_PROVIDER to talk to OpenAI.",
                id="voiceassist.W002",
            )
        )
    return messages


@register()
def check_addresses(**_kwargs: Any) -> list[CheckMessage]:
    messages: list[CheckMessage] = []
    if settings.PUBLIC_URL and urlsplit(settings.PUBLIC_URL).scheme not in {"http", "https"}:
        messages.append(
            Error(
                f"PUBLIC_URL is {settings.PUBLIC_URL!r}.",
                hint="Write it as people type it, for example https://voice.example.org.",
                id="voiceassist.E004",
            )
        )
    for origin in settings.ALLOWED_ORIGINS:
        if not canonical_origin(origin):
            messages.append(
                Error(
                    f"ALLOWED_ORIGINS holds {origin!r}.",
                    hint="An origin is scheme, host and port only, for example https://app.example.org.",
                    id="voiceassist.E005",
                )
            )
    if settings.IS_HTTPS and not settings.TRUSTED_PROXIES:
        messages.append(
            Warning(
                "PUBLIC_URL is https, but TRUSTED_PROXIES is empty: every address is the proxy's.",
                hint="Set TRUSTED_PROXIES to the addresses of your reverse proxies.",
                id="voiceassist.W003",
            )
        )
    return messages


@register()
def check_ways_through(**_kwargs: Any) -> list[CheckMessage]:
    """What pages are given to get through for WebRTC calls."""
    messages: list[CheckMessage] = []
    servers = settings.ICE_SERVERS
    is_list = isinstance(servers, list)
    if not is_list or not all(isinstance(s, dict) and s.get("urls") for s in servers):
        messages.append(
            Error(
                "ICE_SERVERS is not a JSON list of servers with `urls`.",
                hint='Write it as [{"urls": "stun:stun.example.org:3478"}].',
                id="voiceassist.E006",
            )
        )
    if bool(settings.TURN_URLS) != bool(settings.TURN_SECRET):
        messages.append(
            Error(
                "TURN_URLS and TURN_SECRET go together, and one is missing.",
                hint="Set both, or neither: without the secret no call can enter the server.",
                id="voiceassist.E009",
            )
        )
    return messages
