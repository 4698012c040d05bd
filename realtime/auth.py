"""Who opens a WebSocket, from where, and how a refusal reaches them (protocol §2, contract §7)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from accounts import origins
from accounts.api_keys import KeyGrant
from accounts.credentials import check_bearer
from accounts.models import User
from accounts.scopes import MINT, missing_scope
from accounts.tokens import InvalidToken
from realtime import client_secrets, database
from realtime.core.errors import Forbidden, NotAuthenticated
from realtime.models import RealtimeSession

PRIVATE_SUBPROTOCOL = "voiceassist.v1"
REALTIME_SUBPROTOCOL = "realtime"
KEY_SUBPROTOCOL_PREFIX = "openai-insecure-api-key."
BETA_SUBPROTOCOL = "openai-beta.realtime-v1"


class Via(Enum):
    """How the credential came; programs send a header and read HTTP errors, browsers cannot."""

    HEADER = "header"
    SUBPROTOCOL = "subprotocol"


@dataclass(frozen=True, slots=True)
class Credential:
    """`raw` must never be logged."""

    raw: str
    via: Via


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated opener: of the one session its secret names, or of a new one.

    sign_in_id: the sign-in or API key whose end ends what is opened.
    """

    user: User
    session: RealtimeSession | None = None
    sign_in_id: uuid.UUID | None = None


def header(scope: dict[str, Any], name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value).decode("latin-1")
    return None


def find_credential(scope: dict[str, Any]) -> Credential | None:
    """The Authorization header wins over the subprotocol, as at OpenAI."""
    authorization = header(scope, b"authorization")
    if authorization is not None:
        scheme, _, raw = authorization.partition(" ")
        return Credential(raw.strip() if scheme.lower() == "bearer" else "", Via.HEADER)
    for offered in scope.get("subprotocols", []):
        if offered.startswith(KEY_SUBPROTOCOL_PREFIX):
            return Credential(offered.removeprefix(KEY_SUBPROTOCOL_PREFIX), Via.SUBPROTOCOL)
    return None


def is_page(scope: dict[str, Any], credential: Credential | None) -> bool:
    """Whether a refusal must come as an event, because HTTP errors are hidden from the opener.

    Pages name themselves by `Origin` and can put a key into a subprotocol only. One that forgot the
    key, but offers subprotocols as the SDKs do, is told so in the same way.
    """
    if credential is not None:
        return credential.via is Via.SUBPROTOCOL
    return bool(scope.get("subprotocols")) and header(scope, b"origin") is not None


def choose_subprotocol(offered: Iterable[str]) -> str | None:
    """Select only what was offered, and never the one that carries the key (it would be logged)."""
    names = set(offered)
    for name in (REALTIME_SUBPROTOCOL, PRIVATE_SUBPROTOCOL):
        if name in names:
            return name
    return None


def authenticate(credential: Credential | None) -> Caller:
    """Database work: run it on a database thread. Raises NotAuthenticated, and Forbidden for a key
    that may not open sessions."""
    if credential is None or not credential.raw:
        raise NotAuthenticated(
            "Open this socket with a client secret, an API key or an access token.",
            code="missing_credential",
        )
    if credential.raw.startswith(client_secrets.PREFIX):
        session = client_secrets.redeem(credential.raw)
        return Caller(session.user, session, session.sign_in_id)
    try:
        grant = check_bearer(credential.raw)
    except InvalidToken as error:
        raise NotAuthenticated(str(error), code=error.code) from None
    if not isinstance(grant, KeyGrant):
        return Caller(grant.user, None, grant.family_id)
    if MINT not in grant.scopes:
        raise Forbidden(missing_scope(MINT), code="insufficient_scope")
    return Caller(grant.user, None, grant.key_id)


async def check_origin(scope: dict[str, Any]) -> None:
    """A missing Origin is a program and fine; a present one must be ours or allowed, exactly.

    Raises Forbidden with code `origin_not_allowed`. Asks the database about strangers alone.
    """
    origin = header(scope, b"origin")
    if origin is None:
        return
    scheme = "https" if scope.get("scheme") == "wss" else "http"
    if origin in origins.known_origins(scheme, header(scope, b"host") or ""):
        return
    if not await database.run(origins.is_listed, origin):
        raise Forbidden("This page may not open voice sessions here.", code="origin_not_allowed")
