"""The key a client of the provider's server shows: any will do, but one must be there (§2)."""

from __future__ import annotations

from collections.abc import Iterable

SUBPROTOCOL = "realtime"
BETA_SUBPROTOCOL = "openai-beta.realtime-v1"
_KEY_SUBPROTOCOL = "openai-insecure-api-key."


def find_key(
    authorization: str | None, api_key: str | None, subprotocols: Iterable[str] = ()
) -> str | None:
    """From the `Authorization` header, Azure's `api-key` header, or a browser's subprotocol."""
    scheme, _, key = (authorization or "").strip().partition(" ")
    if scheme.lower() == "bearer" and key.strip():
        return key.strip()
    if api_key:
        return api_key
    for offered in subprotocols:
        if offered.startswith(_KEY_SUBPROTOCOL) and len(offered) > len(_KEY_SUBPROTOCOL):
            return offered.removeprefix(_KEY_SUBPROTOCOL)
    return None


def asks_for_beta(header: str | None, subprotocols: Iterable[str] = ()) -> bool:
    """OpenAI withdrew its beta protocol on 2026-05-12 (protocol §0.1)."""
    return "realtime=v1" in (header or "") or BETA_SUBPROTOCOL in subprotocols
