"""The browser's refresh cookie, and the Origin that guards it."""

from __future__ import annotations

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db

COOKIE = "voiceassist_refresh"
WEB = {"X-VoiceAssist-Client": "web", "Origin": "http://testserver"}
CREDENTIALS = {"username": "alice", "password": PASSWORD}


@pytest.fixture
def browser(alice: User) -> APIClient:
    """alice's browser, signed in."""
    browser = APIClient()
    assert browser.post("/api/token/", CREDENTIALS, headers=WEB).status_code == 200
    return browser


def test_refresh_token_travels_in_a_cookie_that_scripts_cannot_read(alice: User) -> None:
    answer = APIClient().post("/api/token/", CREDENTIALS, headers=WEB)
    assert set(answer.json()) == {"access"}
    cookie = answer.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert cookie["path"] == "/api/token/"
    assert not cookie["secure"]


def test_cookie_is_secure_behind_https(alice: User, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://voice.example.org"
    headers = {**WEB, "Origin": "https://voice.example.org"}
    answer = APIClient().post("/api/token/", CREDENTIALS, headers=headers)
    assert answer.cookies[COOKIE]["secure"]


def test_browser_refreshes_by_cookie_and_gets_the_next_one(browser: APIClient) -> None:
    before = browser.cookies[COOKIE].value
    answer = browser.post("/api/token/refresh/", {}, headers=WEB)
    assert answer.status_code == 200
    assert set(answer.json()) == {"access"}
    assert browser.cookies[COOKIE].value != before
    assert browser.post("/api/token/refresh/", {}, headers=WEB).status_code == 200


def test_browser_signs_out_by_cookie(browser: APIClient) -> None:
    before = browser.cookies[COOKIE].value
    assert browser.post("/api/token/logout/", {}, headers=WEB).status_code == 204
    assert browser.cookies[COOKIE].value == ""
    browser.cookies[COOKIE] = before
    assert browser.post("/api/token/refresh/", {}, headers=WEB).status_code == 401


def test_browser_without_a_cookie_is_signed_out(db: None) -> None:
    assert APIClient().post("/api/token/refresh/", {}, headers=WEB).status_code == 401
    assert APIClient().post("/api/token/logout/", {}, headers=WEB).status_code == 204


def test_cookie_opens_nothing_without_the_client_header(browser: APIClient) -> None:
    assert browser.post("/api/token/refresh/", {}).status_code == 400
    assert browser.post("/api/token/logout/", {}).status_code == 400
    assert browser.get("/api/me/").status_code == 401


def test_refresh_token_in_the_body_is_ignored_for_a_browser(alice: User) -> None:
    refresh = APIClient().post("/api/token/", CREDENTIALS).json()["refresh"]
    answer = APIClient().post("/api/token/refresh/", {"refresh": refresh}, headers=WEB)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "https://evil.example",
        "https://testserver",
        "http://testserver:8000",
        "http://testserver.evil.example",
        "http://testserver/",
    ],
)
@pytest.mark.parametrize("path", ["/api/token/", "/api/token/refresh/", "/api/token/logout/"])
def test_foreign_or_missing_origin_is_403(
    browser: APIClient, path: str, origin: str | None
) -> None:
    headers = {key: value for key, value in {**WEB, "Origin": origin}.items() if value}
    answer = browser.post(path, CREDENTIALS, headers=headers)
    assert answer.status_code == 403
    assert COOKIE not in answer.cookies


def test_origins_that_the_operator_allows_are_ours(alice: User, settings: Settings) -> None:
    settings.ALLOWED_ORIGINS = ["https://chat.example.org"]
    headers = {**WEB, "Origin": "https://chat.example.org"}
    assert APIClient().post("/api/token/", CREDENTIALS, headers=headers).status_code == 200
