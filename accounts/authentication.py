"""Who calls the REST API."""

from __future__ import annotations

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.api_keys import KeyGrant
from accounts.credentials import check_bearer
from accounts.models import User
from accounts.scopes import require_scope
from accounts.tokens import AccessGrant, InvalidToken


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer …` with an access token or an API key; `request.auth` is then its
    AccessGrant or KeyGrant.

    Without the header the caller is anonymous. A header that opens nothing is refused (401), even
    where anonymous callers are welcome: a client must learn that its token died. What a key may not
    do is refused here (403), because a view can replace its permissions but must say who it serves.
    """

    def authenticate(self, request: Request) -> tuple[User, AccessGrant | KeyGrant] | None:
        scheme, _, credential = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        try:
            grant = check_bearer(credential.strip().decode("ascii"))
        except InvalidToken as error:
            raise AuthenticationFailed(str(error), code=error.code) from None
        except UnicodeDecodeError:
            refusal = InvalidToken()
            raise AuthenticationFailed(str(refusal), code=refusal.code) from None
        if isinstance(grant, KeyGrant):
            require_scope(grant, str(request.method), request.path_info)
        return grant.user, grant

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'
