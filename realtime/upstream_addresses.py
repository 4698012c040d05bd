"""What counts as a Realtime server's address, and which settings may hold its key."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ValidationError

OPENAI_HOST = "api.openai.com"
AZURE_DOMAINS = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
# Keys alone: a row must not be able to send SECRET_KEY or a database's password to its address.
KEY_NAME = re.compile(r"[A-Z][A-Z0-9_]*_API_KEY")
NOT_FOR_MODELS = frozenset({"EMBEDDED_CHAT_API_KEY"})


def check_base_url(url: str) -> None:
    """Raises ValidationError unless `url` is a WebSocket address without anybody's password."""
    parts = _split(url)
    if parts is None or parts.scheme not in {"ws", "wss"} or not parts.hostname:
        raise ValidationError(
            "It must begin with ws:// or wss:// and name a host, as in"
            " wss://api.openai.com/v1/realtime.",
            code="invalid",
        )
    if parts.username is not None or parts.password is not None:
        raise ValidationError("Keys do not belong into an address.", code="invalid")


def check_key_name(name: str) -> None:
    """Raises ValidationError unless `name` is that of a setting that holds a provider's key."""
    if not KEY_NAME.fullmatch(name) or name in NOT_FOR_MODELS:
        raise ValidationError(
            "Give the NAME of an environment variable that ends in _API_KEY, not the key.",
            code="invalid",
        )


@lru_cache(maxsize=64)  # asked several times for each session, of the same few addresses
def is_openai(url: str) -> bool:
    parts = _split(url)
    return parts is not None and parts.scheme == "wss" and parts.hostname == OPENAI_HOST


@lru_cache(maxsize=64)
def is_azure(url: str) -> bool:
    parts = _split(url)
    return parts is not None and (parts.hostname or "").endswith(AZURE_DOMAINS)


def shows_key_to_the_network(url: str) -> bool:
    """Whether a key sent there could be read on the way."""
    parts = _split(url)
    here = {"localhost", "127.0.0.1", "::1"}
    return parts is not None and parts.scheme == "ws" and parts.hostname not in here


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    return parts
