"""Who calls the REST API."""

from __future__ import annotations

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import User
from accounts.tokens import AccessGrant, InvalidToken, check_access_token


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`; `request.auth` is then the AccessGrant.

    Without the header the caller is anonymous. A header that opens nothing is refused (401), even
    where anonymous callers are welcome: a client must learn that its token died. Every kind of
    bearer credential is told apart here, by its prefix.
    """

    def authenticate(self, request: Request) -> tuple[User, AccessGrant] | None:
        scheme, _, credential = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        try:
            grant = check_access_token(credential.strip().decode("ascii"))
        except (InvalidToken, UnicodeDecodeError):
            refusal = InvalidToken()
            raise AuthenticationFailed(str(refusal), code=refusal.code) from None
        return grant.user, grant

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'
