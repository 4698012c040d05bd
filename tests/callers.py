"""Every kind of caller that an address must tell apart (promise f)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import jwt
from django.conf import settings
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tokens import issue_tokens


@dataclass(frozen=True, slots=True)
class Address:
    """One thing that can be asked for; `path` and `body` are sent as they are, a dict as JSON."""

    method: str
    path: str
    body: dict[str, Any] | str | None = None
    content_type: str = "application/json"

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def ask(client: APIClient, address: Address, **headers: str) -> Any:
    """Send the request and return the answer."""
    return client.generic(
        address.method,
        address.path,
        data=_encoded(address.body),
        content_type=address.content_type,
        headers=headers,
    )


def bad_credentials(user: User) -> dict[str, str]:
    """Kind of refused caller → its Authorization header, all about a user who could get in."""
    pair = issue_tokens(user)
    claims = jwt.decode(pair.access, options={"verify_signature": False})
    return {
        "forged": "Bearer " + jwt.encode(claims, "k" * 64, algorithm="HS256"),
        "unsigned": "Bearer " + jwt.encode(claims, "", algorithm="none"),
        "expired": "Bearer "
        + jwt.encode({**claims, "exp": 1_000_000_000}, settings.SECRET_KEY, algorithm="HS256"),
        "refresh token": f"Bearer {pair.refresh}",
        "client secret": "Bearer ek_" + "a" * 43,
        "basic": "Basic YWxpY2U6c2VjcmV0",
        "garbage": "Bearer garbage",
    }


def _encoded(body: dict[str, Any] | str | None) -> str:
    return json.dumps(body) if isinstance(body, dict) else body or ""
