"""Client secrets `ek_…`: what a session is opened with (contract §3).

A secret's life limits *opening*. It opens one session, is used up once `session.created` was
delivered, and stays valid for that session until it ends, so that a reconnect takes it over.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from django.db.models import CharField, DateTimeField, Exists, OuterRef
from django.utils import timezone

from accounts import api_keys
from conversations.made import Given, MadeModels, MadeUpdate
from conversations.rows import insert
from realtime.core.errors import NotAuthenticated
from realtime.models import ClientSecret, RealtimeSession, SessionState

PREFIX = "ek_"
RANDOM_BYTES = 32  # 256 bits; base64url of it holds RFC 9110 token characters only


@dataclass(frozen=True, slots=True)
class IssuedSecret:
    """The one time the secret itself exists on our side: hand `value` out and forget it."""

    value: str
    expires_at: dt.datetime

    @property
    def expires_at_s(self) -> int:
        """Unix seconds, as the Realtime API counts them."""
        return int(self.expires_at.timestamp())


def issue(session: RealtimeSession, life_s: int) -> IssuedSecret:
    """A new secret that opens `session` within `life_s` seconds. Call within a transaction."""
    value = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    expires_at = timezone.now() + dt.timedelta(seconds=life_s)
    insert(ClientSecret(session=session, digest=digest(value), expires_at=expires_at))
    return IssuedSecret(value, expires_at)


def redeem(raw: str) -> RealtimeSession:
    """The session that `raw` opens now; nothing is used up yet (see `mark_used`).

    Raises NotAuthenticated with code `invalid_client_secret`, `client_secret_expired` or
    `client_secret_used`.
    """
    secret = _valid_secret(raw)
    session = secret.session
    if session.state == SessionState.ENDED and session.started_at is not None:
        raise NotAuthenticated(
            "This client secret was used for a session that has ended. Create a new one.",
            code="client_secret_used",
        )
    if session.state == SessionState.ENDED or (
        secret.used_at is None and secret.expires_at <= timezone.now()
    ):
        raise NotAuthenticated(
            "This client secret has expired. Create a new one.", code="client_secret_expired"
        )
    return session


def session_of(raw: str) -> RealtimeSession:
    """The session that `raw` is or was for, also one that has ended: this opens nothing.

    Raises NotAuthenticated with code `invalid_client_secret`.
    """
    return _valid_secret(raw).session


def mark_used(session_pk: int) -> None:
    """Call when `session.created` reached the client."""
    _MARK_USED(session_pk=session_pk, now=timezone.now())


def revoke_unused(user_id: int) -> int:
    """Kill the user's secrets that have opened nothing yet; returns how many."""
    return ClientSecret.objects.filter(
        session__user_id=user_id, used_at=None, revoked_at=None
    ).update(revoked_at=timezone.now())


def _valid_secret(raw: str) -> ClientSecret:
    for secret in _VALID(digest=digest(raw), now=timezone.now()):
        return secret
    raise NotAuthenticated("This client secret is not valid.", code="invalid_client_secret")


# A key can die while a secret is being minted with it, after its secrets were revoked.
_VALID: MadeModels[ClientSecret] = MadeModels(
    lambda: (
        ClientSecret.objects.select_related("session__user")
        .filter(
            ~Exists(
                api_keys.dead_keys(Given("now", DateTimeField())).filter(
                    pk=OuterRef("session__sign_in_id")
                )
            ),
            digest=Given("digest", CharField()),
            revoked_at=None,
            session__user__is_active=True,
        )
        .order_by()
    )
)
_MARK_USED = MadeUpdate(
    lambda: ClientSecret.objects.filter(session_id=Given("session_pk"), used_at=None),
    used_at=Given("now", DateTimeField()),
)


def digest(raw: str) -> str:
    """SHA-256 suffices: the secret is random, so there is nothing to guess and no salt to add."""
    return hashlib.sha256(raw.encode()).hexdigest()
