"""Stream tokens: what `EventSource` and `<audio>`, which cannot send headers, put into their URL.

Signed, of one session, good for listening alone and for opening within `REALTIME_TOKEN_EXPIRY_SEC`
(see `listening` for coming back later). Logs drop queries and redact `token=`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import User
from realtime.headless.listening import OWNER, Ticket
from realtime.models import RealtimeSession

PARAMETER = "token"
_SALT = "realtime.headless.stream"


@dataclass(frozen=True, slots=True)
class StreamGrant:
    """What a stream token opens: listening to this session."""

    public_id: str
    ticket: Ticket


def issue(public_id: str) -> str:
    """A new token for listening to this session."""
    content = {"session": public_id, "nonce": secrets.token_urlsafe(12)}
    return signing.TimestampSigner(salt=_SALT).sign_object(content)


class StreamTokenAuthentication(BaseAuthentication):
    """`?token=…`; `request.auth` is then a StreamGrant. Without it the caller is anonymous."""

    def authenticate(self, request: Request) -> tuple[User, StreamGrant] | None:
        raw = request.query_params.get(PARAMETER)
        if raw is None:
            return None
        grant = _read(raw)
        rows = RealtimeSession.objects.select_related("user")
        session = rows.filter(public_id=grant.public_id, user__is_active=True).first()
        if session is None:
            raise _refused()
        return session.user, grant

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def ticket_of(request: Request) -> Ticket:
    return request.auth.ticket if isinstance(request.auth, StreamGrant) else OWNER


def _read(raw: str) -> StreamGrant:
    signer = signing.TimestampSigner(salt=_SALT)
    is_fresh = True
    try:
        try:
            content = signer.unsign_object(raw, max_age=settings.REALTIME_TOKEN_EXPIRY_SEC)
        except signing.SignatureExpired:
            content, is_fresh = signer.unsign_object(raw), False
    except signing.BadSignature:
        raise _refused() from None
    return StreamGrant(content["session"], Ticket(content["nonce"], is_fresh))


def _refused() -> AuthenticationFailed:
    return AuthenticationFailed("This stream token is not valid.", code="stream_token_not_valid")
