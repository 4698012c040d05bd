"""API keys `va_…`: how a program signs in (contract §3).

A key is shown once and kept as a digest. What it opens carries the key's id in the place of a
sign-in, so that revoking the key, or its expiry, ends that like a sign-out would.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import string
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.signals import send_access_revoked
from accounts.tokens import InvalidToken

PREFIX = "va_"
# Letters and digits alone: a double click selects the key whole, and it is an RFC 9110 token.
ALPHABET = string.ascii_letters + string.digits
RANDOM_CHARS = 43  # 256 bits
SHOWN_CHARS = len(PREFIX) + 6
USE_NOTED_EVERY = dt.timedelta(minutes=1)
KEYS_PER_USER = 100


class TooManyKeys(Exception):
    """The person has as many keys as one may have; some must be revoked first."""


@dataclass(frozen=True, slots=True)
class KeyGrant:
    """Who an API key speaks for, and what it may be used for."""

    user: User
    key_id: uuid.UUID
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """The one time the key itself exists on our side: hand `value` to its owner and forget it."""

    value: str
    row: ApiKey


def issue_api_key(
    user: User, name: str, scopes: Collection[str], expires_at: dt.datetime | None = None
) -> IssuedKey:
    """A new key of `user`. Raises ValueError for unknown or no scopes, TooManyKeys."""
    chosen = [scope for scope in ApiKey.Scope.values if scope in scopes]
    if not chosen or len(chosen) != len(set(scopes)):
        raise ValueError("an API key needs scopes, and known ones")
    require_room(user)
    row = ApiKey(user=user, name=name, scopes=chosen, expires_at=expires_at)
    value = seal(row)
    row.save()
    return IssuedKey(value, row)


def seal(row: ApiKey) -> str:
    """Give a row that was never saved its key, and return it; save the row next."""
    value = PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARS))
    row.prefix, row.digest = value[:SHOWN_CHARS], _digest(value)
    return value


def require_room(user: User) -> None:
    """Raises TooManyKeys when the person may not have one more."""
    if keys_of(user).count() >= KEYS_PER_USER:
        raise TooManyKeys(f"You have {KEYS_PER_USER} API keys. Revoke those not in use.")


def check_api_key(raw: str) -> KeyGrant:
    """What the key grants now; notes its use at most once a minute. Otherwise one query.

    Raises InvalidToken with code `invalid_api_key`, `api_key_revoked` or `api_key_expired`.
    """
    key = ApiKey.objects.select_related("user").filter(digest=_digest(raw)).first()
    if key is None or not key.user.is_active:
        raise InvalidToken("invalid_api_key")
    now = timezone.now()
    if key.revoked_at is not None:
        raise InvalidToken("api_key_revoked")
    if key.expires_at is not None and key.expires_at <= now:
        raise InvalidToken("api_key_expired")
    if key.last_used_at is None or now - key.last_used_at >= USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return KeyGrant(key.user, key.pk, frozenset(key.scopes))


def keys_of(user: User) -> QuerySet[ApiKey]:
    """The keys a person can see: all but the revoked ones, the newest first."""
    return ApiKey.objects.filter(user=user, revoked_at=None)


def revoke_api_key(key: ApiKey) -> None:
    """From now on the key opens nothing, and what it had opened ends. Repeating it is fine."""
    now = timezone.now()
    with transaction.atomic():
        revoked = ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(
            revoked_at=now, access_ended_at=now
        )
        if revoked:
            send_access_revoked(key.user, key.pk)


def end_expired_keys() -> int:
    """End what keys had opened that have expired since; returns how many. Call it often."""
    now = timezone.now()
    due = ApiKey.objects.filter(access_ended_at=None, expires_at__lte=now)
    ended = 0
    for key in due.select_related("user"):
        with transaction.atomic():
            if ApiKey.objects.filter(pk=key.pk, access_ended_at=None).update(access_ended_at=now):
                send_access_revoked(key.user, key.pk)
                ended += 1
    return ended


def is_dead(key_id: uuid.UUID) -> bool:
    """Whether this is a key that was revoked or has expired; False for any other id."""
    return dead_keys(timezone.now()).filter(pk=key_id).exists()


def dead_keys(now: dt.datetime | Combinable) -> QuerySet[ApiKey]:
    """The keys that were revoked or have expired."""
    return ApiKey.objects.filter(Q(revoked_at__isnull=False) | Q(expires_at__lte=now)).order_by()


def _digest(raw: str) -> str:
    """SHA-256 suffices: the key is random, so there is nothing to guess and no salt to add."""
    return hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()
