"""Who calls a REST view, in the terms sessions need."""

from __future__ import annotations

import uuid

from rest_framework.request import Request

from accounts.models import User
from accounts.tokens import AccessGrant


def caller(request: Request) -> User:
    """The authenticated user; for views that require authentication."""
    assert isinstance(request.user, User)
    return request.user


def sign_in_id(request: Request) -> uuid.UUID | None:
    """The sign-in behind an access token: its end ends the session. None for other callers."""
    return request.auth.family_id if isinstance(request.auth, AccessGrant) else None
