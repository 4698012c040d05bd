"""Every kind of bearer credential is told apart here, by its prefix."""

from __future__ import annotations

from accounts import api_keys
from accounts.api_keys import KeyGrant
from accounts.tokens import AccessGrant, InvalidToken, check_access_token

CLIENT_SECRET_PREFIX = "ek_"  # noqa: S105  (how one begins, not one)
# OpenAI's own keys: somebody changed the base URL and forgot the key.
FOREIGN_KEY_PREFIX = "sk-"


def check_bearer(raw: str) -> AccessGrant | KeyGrant:
    """What an access token or an API key grants now. Raises InvalidToken (see its codes)."""
    if raw.startswith((api_keys.PREFIX, FOREIGN_KEY_PREFIX)):
        return api_keys.check_api_key(raw)
    if raw.startswith(CLIENT_SECRET_PREFIX):
        raise InvalidToken("wrong_credential")
    return check_access_token(raw)
