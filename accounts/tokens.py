"""Access and refresh tokens: issue, check, rotate, revoke.

Both are JWTs. An access token is good while its family (one sign-in) stands and the person's
`token_epoch` is the one it names. A refresh token works exactly once: the row update that sets
`used_at` decides, so a race has one winner on every database.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

from django.db import transaction
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken as JwtAccessToken
from rest_framework_simplejwt.tokens import RefreshToken as JwtRefreshToken

from accounts.models import RefreshToken, TokenFamily, User
from accounts.signals import send_access_revoked

FAMILY_CLAIM = "family"
EPOCH_CLAIM = "epoch"

# Two tabs may refresh at the same moment with the same token; the slower one is no thief.
REUSE_GRACE = timedelta(seconds=10)

# How long the rows of used tokens are kept; a tab that refreshes all day must not fill the table.
USED_TOKENS_KEPT = timedelta(hours=1)

InvalidTokenCode: TypeAlias = Literal[
    "token_not_valid",
    "token_superseded",
    "token_reused",
    "wrong_credential",
    "invalid_api_key",
    "api_key_revoked",
    "api_key_expired",
]


class InvalidToken(Exception):
    """The token opens nothing (answer 401).

    code: `token_not_valid`; `token_superseded` when another refresh of the same token won within
    10 s; `token_reused` when it was used long ago, which has now revoked the family;
    `wrong_credential` for a client secret; `invalid_api_key`, `api_key_revoked`, `api_key_expired`.
    """

    MESSAGES: dict[InvalidTokenCode, str] = {
        "token_not_valid": "The token is not valid or has expired. Sign in again.",
        "token_superseded": "This refresh token was used a moment ago. Use its successor.",
        "token_reused": "This refresh token was used before. Its sign-in has been ended.",
        "wrong_credential": "A client secret opens a session; here an access token or an API key is"
        " needed.",
        "invalid_api_key": "This is no API key of this server. Make one in its settings.",
        "api_key_revoked": "This API key was revoked. Make a new one.",
        "api_key_expired": "This API key has expired. Make a new one.",
    }

    def __init__(self, code: InvalidTokenCode = "token_not_valid") -> None:
        super().__init__(self.MESSAGES[code])
        self.code = code


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a sign-in or a refresh hands out. Neither may be logged."""

    access: str
    refresh: str


@dataclass(frozen=True, slots=True)
class AccessGrant:
    """Who an access token speaks for, and since which sign-in."""

    user: User
    family_id: uuid.UUID
    expires_at: datetime


@transaction.atomic
def issue_tokens(user: User) -> TokenPair:
    """Start a new family for a person whose password has just been checked."""
    RefreshToken.objects.filter(family__user=user, expires_at__lt=timezone.now()).delete()
    TokenFamily.objects.filter(user=user, tokens__isnull=True).delete()
    family = TokenFamily.objects.create(user=user, token_epoch=user.token_epoch)
    return _next_pair(family, user)


def check_access_token(raw: str) -> AccessGrant:
    """What the access token grants now. Raises InvalidToken; one database query."""
    token = _decode(JwtAccessToken, raw)
    family = (
        TokenFamily.objects.select_related("user")
        .filter(pk=_family_id(token), revoked_at__isnull=True)
        .first()
    )
    if (
        family is None
        or str(family.user_id) != str(token.get("user_id"))
        or family.token_epoch != token.get(EPOCH_CLAIM)
        or not _may_continue(family)
    ):
        raise InvalidToken
    return AccessGrant(
        user=family.user,
        family_id=family.pk,
        expires_at=datetime.fromtimestamp(token["exp"], tz=UTC),
    )


def authenticate_access_token(raw: str) -> User:
    """The active person an access token speaks for. Raises InvalidToken."""
    return check_access_token(raw).user


def rotate_refresh_token(raw: str) -> TokenPair:
    """Use up the refresh token for a new pair. Raises InvalidToken (see its codes)."""
    token = _decode(JwtRefreshToken, raw)
    # The refusal is raised outside the transaction: a revoked family must stay revoked.
    with transaction.atomic():
        result = _rotate(str(token.get("jti")), _family_id(token))
    if isinstance(result, TokenPair):
        return result
    raise InvalidToken(result)


def revoke_refresh_token(raw: str) -> None:
    """Sign out: end the family this refresh token belongs to, used or not. Repeating it is fine.

    Raises InvalidToken for what is no refresh token of ours.
    """
    token = _decode(JwtRefreshToken, raw)
    with transaction.atomic():
        family = TokenFamily.objects.select_for_update().filter(pk=_family_id(token)).first()
        if family is not None:
            _revoke(family)


def _rotate(jti: str, family_id: uuid.UUID) -> TokenPair | InvalidTokenCode:
    family = TokenFamily.objects.select_for_update().filter(pk=family_id).first()
    if family is None or family.revoked_at is not None or not _may_continue(family):
        return "token_not_valid"
    now = timezone.now()
    mine = RefreshToken.objects.filter(family=family, jti=jti)
    if mine.filter(used_at__isnull=True).update(used_at=now) == 1:
        RefreshToken.objects.filter(family=family, used_at__lt=now - USED_TOKENS_KEPT).delete()
        return _next_pair(family, family.user)
    used_at = mine.values_list("used_at", flat=True).first()
    # Every token we signed was recorded, so one without a row was used and forgotten since.
    if used_at is not None and now - used_at <= REUSE_GRACE:
        return "token_superseded"
    _revoke(family)
    return "token_reused"


def _may_continue(family: TokenFamily) -> bool:
    return family.user.is_active and family.token_epoch == family.user.token_epoch


def _revoke(family: TokenFamily) -> None:
    if family.revoked_at is None:
        family.revoked_at = timezone.now()
        family.save(update_fields=["revoked_at"])
        send_access_revoked(family.user, family.pk)


def _next_pair(family: TokenFamily, user: User) -> TokenPair:
    refresh = JwtRefreshToken.for_user(user)
    refresh[FAMILY_CLAIM] = str(family.pk)
    refresh[EPOCH_CLAIM] = family.token_epoch
    RefreshToken.objects.create(
        jti=refresh["jti"],
        family=family,
        expires_at=datetime.fromtimestamp(refresh["exp"], tz=UTC),
    )
    return TokenPair(access=str(refresh.access_token), refresh=str(refresh))


def _decode(
    kind: type[JwtAccessToken | JwtRefreshToken], raw: str
) -> JwtAccessToken | JwtRefreshToken:
    """Signature, expiry and token type. Raises InvalidToken."""
    try:
        return kind(raw)  # type: ignore[arg-type]
    except TokenError:
        raise InvalidToken from None


def _family_id(token: JwtAccessToken | JwtRefreshToken) -> uuid.UUID:
    try:
        return uuid.UUID(str(token.get(FAMILY_CLAIM)))
    except ValueError:
        raise InvalidToken from None
