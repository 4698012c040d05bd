"""Who calls a REST view, in the terms sessions need."""

from __future__ import annotations

import uuid

from rest_framework.request import Request

from accounts.api_keys import KeyGrant
from accounts.models import User
from accounts.tokens import AccessGrant


def caller(request: Request) -> User:
    """The authenticated user; for views that require authentication."""
    assert isinstance(request.user, User)
    return request.user


def sign_in_id(request: Request) -> uuid.UUID | None:
    """The sign-in or the API key behind the request: its end ends the session."""
    match request.auth:
        case AccessGrant():
            return request.auth.family_id
        case KeyGrant():
            return request.auth.key_id
    return None


def is_program(request: Request) -> bool:
    """Whether an API key asks: what it says is filed as `api`."""
    return isinstance(request.auth, KeyGrant)
