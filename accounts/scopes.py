"""What an API key may be used for: one table, and nothing beyond it.

An address that no row names is closed to every key, so a new view is safe until somebody decides
what it is. A JWT speaks for the person and is not limited by this.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rest_framework.exceptions import PermissionDenied

from accounts.api_keys import KeyGrant
from accounts.models import ApiKey

MINT, HEADLESS, HISTORY = ApiKey.Scope.MINT, ApiKey.Scope.HEADLESS, ApiKey.Scope.HISTORY
ANY = frozenset(ApiKey.Scope)


@dataclass(frozen=True, slots=True)
class Row:
    """These methods at the paths that match as a whole are open to a key with one of `scopes`."""

    methods: frozenset[str]
    path: re.Pattern[str]
    scopes: frozenset[ApiKey.Scope]


def _row(methods: str, path: str, *scopes: ApiKey.Scope) -> Row:
    return Row(frozenset(methods.split()), re.compile(path), frozenset(scopes))


TABLE = (
    _row("GET", r"/api/(voice/status|limits)", *ANY),
    _row("GET", r"/api/voice/sessions/([^/]+/)?", *ANY),
    _row("POST", r"/api/voice/realtime-session", MINT),
    _row("GET", r"/v1/models(/[^/]+)?", MINT),
    _row("GET POST", r"/v1/realtime(/.*)?", MINT),
    _row("POST", r"/api/voice/sessions/([^/]+/(text|audio|commit|stop)/?)?", HEADLESS),
    _row("GET", r"/api/voice/sessions/[^/]+/(events|transcript|audio\.wav)/?", HEADLESS),
    _row("POST", r"/api/voice/turns/?", HEADLESS),
    _row("GET", r"/api/conversations/(.*)?", HISTORY),
)


class InsufficientScope(PermissionDenied):
    default_code = "insufficient_scope"


def scopes_for(method: str, path: str) -> frozenset[ApiKey.Scope]:
    """The scopes of which a key needs one here; empty where no key is let in."""
    asked = "GET" if method == "HEAD" else method
    for row in TABLE:
        if asked in row.methods and row.path.fullmatch(path):
            return row.scopes
    return frozenset()


def require_scope(grant: KeyGrant, method: str, path: str) -> None:
    """Raises InsufficientScope (403), naming the scope that is missing."""
    scopes = scopes_for(method, path)
    if not scopes:
        raise InsufficientScope("No API key may do this. Sign in as yourself.")
    if grant.scopes.isdisjoint(scopes):
        raise InsufficientScope(missing_scope(*sorted(scopes)))


def missing_scope(*scopes: str) -> str:
    """The sentence for a key that has none of these."""
    named = " or ".join(f"`{scope}`" for scope in scopes)
    return f"This API key lacks the scope {named}."
