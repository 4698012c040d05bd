"""Where a model is spoken with: this server's own provider, or the address in the model's row."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings

from accounts.kept_rows import kept
from realtime.models import KeyHeader, Provider, RealtimeModel
from realtime.upstream_addresses import is_azure, is_openai
from realtime.voice_settings import voice_in_effect
from voiceassist.env import env_text


@dataclass(frozen=True, slots=True)
class UpstreamRoute:
    """One Realtime server and how to enter it; `url` is "" for the embedded provider.

    key: never to be logged or shown; "" where none is sent.
    """

    provider: str
    model: str
    url: str = ""
    key_header: str = KeyHeader.NONE
    key: str = field(default="", repr=False)

    @property
    def key_fields(self) -> tuple[str, str]:
        """The header that carries the key, and what stands before it."""
        is_bearer = self.key_header == KeyHeader.BEARER
        return ("Authorization", "Bearer ") if is_bearer else ("api-key", "")

    @property
    def lacks_its_key(self) -> bool:
        return self.key_header != KeyHeader.NONE and not self.key


def row_of(model: str) -> RealtimeModel | None:
    """What an administrator has written about the model; for reading alone."""
    return next((row for row in kept(RealtimeModel) if row.name == model), None)


def route_of(model: str, provider: str | None = None) -> UpstreamRoute:
    """How to reach the server that has this model, by the model's row, if there is one.

    provider: who serves models without an address of their own; None: who does so now.
    """
    return route_of_row(model, row_of(model), provider)


def route_of_row(
    model: str, row: RealtimeModel | None, provider: str | None = None
) -> UpstreamRoute:
    """The same for a row already read."""
    there = (row.upstream_name if row else "") or model
    if row is None or not row.base_url:
        return own_route(there, provider)
    return UpstreamRoute(
        provider=Provider.OPENAI,
        model=there,
        url=row.base_url,
        key_header=row.key_header or _usual_header(row.base_url, row.key_name),
        key=env_text(row.key_name) if row.key_name else "",
    )


def own_route(model: str, provider: str | None = None) -> UpstreamRoute:
    """The way to this server's own provider, by its settings."""
    provider = provider or voice_in_effect().provider
    if provider == Provider.EMBEDDED:
        return UpstreamRoute(provider=Provider.EMBEDDED, model=model)
    url, key = settings.REALTIME_BASE_URL, settings.OPENAI_API_KEY
    header = settings.REALTIME_KEY_HEADER or _usual_header(url, key)
    return UpstreamRoute(
        provider=provider,
        model=model,
        url=url,
        key_header=header,
        key="" if header == KeyHeader.NONE else key,
    )


def _usual_header(url: str, key: str) -> str:
    """OpenAI and Azure let nobody in without a key; others may."""
    if is_azure(url):
        return KeyHeader.API_KEY
    return KeyHeader.BEARER if key or is_openai(url) else KeyHeader.NONE
