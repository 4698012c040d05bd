"""Pages of allowed origins may hold headless sessions; others read nothing of them."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from tests.people import client_of

PAGE = "https://app.example.org"
PATH = "/api/voice/sessions/rtc_1_none/text"
ALLOW = "Access-Control-Allow-Origin"


def preflight(origin: str) -> Any:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    return APIClient().options(PATH, headers=asked)


@pytest.mark.django_db
def test_a_page_of_an_allowed_origin_may_ask_and_read(settings: Settings, dave: User) -> None:
    settings.ALLOWED_ORIGINS = [PAGE]
    asked = preflight(PAGE)
    assert (asked.status_code, asked.headers[ALLOW]) == (204, PAGE)
    assert asked.headers["Access-Control-Allow-Headers"] == "authorization,content-type"
    answer = client_of(dave).post(PATH, {"text": "hello"}, headers={"Origin": PAGE})
    assert (answer.status_code, answer.headers[ALLOW]) == (404, PAGE)


@pytest.mark.django_db
def test_another_page_reads_nothing(dave: User) -> None:
    assert ALLOW not in preflight(PAGE).headers
    answer = client_of(dave).post(PATH, {"text": "hello"}, headers={"Origin": PAGE})
    assert (answer.status_code, ALLOW in answer.headers) == (404, False)
    plain = client_of(dave).post(PATH, {"text": "hello"})
    assert ALLOW not in plain.headers
