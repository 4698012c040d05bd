"""Bodies no view should see are refused in both dialects, and never as our own mistake."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.people import client_of

pytestmark = pytest.mark.django_db
TOO_DEEP = "[" * 100_000 + "]" * 100_000


def test_a_body_over_the_limit_is_413() -> None:
    body = '{"username": "' + "x" * 1024 * 1024 + '"}'
    answer = APIClient().generic("POST", "/api/token/", body, content_type="application/json")
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "body_too_large"


def test_a_body_nested_too_deeply_is_400(alice: User) -> None:
    for address in ("/api/conversations/", "/api/voice/realtime-session"):
        answer = client_of(alice).generic(
            "POST", address, TOO_DEEP, content_type="application/json"
        )
        assert answer.status_code == 400
        assert answer.json()["code"] == "parse_error"
    answer = client_of(alice).generic(
        "POST", "/v1/realtime/client_secrets", TOO_DEEP, content_type="application/json"
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "parse_error"
