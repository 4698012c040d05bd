"""Which web pages may use this server, and what their browsers are told under `/v1`."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.api_keys import issue_api_key
from accounts.models import AllowedOrigin, User
from accounts.origins import canonical_origin, is_allowed
from tests.people import client_of

pytestmark = pytest.mark.django_db

MINT = "/v1/realtime/client_secrets"
LISTED = "https://app.example.org"
FOREIGN = "https://evil.example"


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("https://app.example.org", "https://app.example.org"),
        (" HTTPS://App.Example.org:443/ ", "https://app.example.org"),
        ("http://app.example.org:80", "http://app.example.org"),
        ("http://127.0.0.1:5173", "http://127.0.0.1:5173"),
        ("http://[::1]:5173", "http://[::1]:5173"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_an_origin_is_brought_to_the_form_that_browsers_send(written: str, origin: str) -> None:
    assert canonical_origin(written) == origin


@pytest.mark.parametrize(
    "written",
    [
        "",
        "null",
        "*",
        "app.example.org",
        "https://",
        "https://app.example.org/path",
        "https://app.example.org?x=1",
        "https://me@app.example.org",
        "https://app.example.org:port",
        "file:///tmp",
        "wss://app.example.org",
    ],
)
def test_what_is_no_origin_of_a_page_is_none(written: str) -> None:
    assert canonical_origin(written) == ""


def test_an_origin_matches_exactly_or_not_at_all() -> None:
    AllowedOrigin.objects.create(origin=LISTED)
    assert is_allowed(LISTED, scheme="http", host="localhost")
    for near in (f"{LISTED}/", f"{LISTED}:443", LISTED.upper(), "http://app.example.org", ""):
        assert not is_allowed(near, scheme="http", host="localhost"), near


def test_the_public_address_is_an_origin_of_ours_whatever_its_path(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://voice.example.org/assistant"
    assert is_allowed("https://voice.example.org", scheme="http", host="localhost")


def test_an_admin_lists_an_origin_in_any_spelling_and_it_counts_at_once(
    admin: User, client: Client
) -> None:
    client.force_login(admin)
    add = "/admin/accounts/allowedorigin/add/"
    assert not is_allowed(LISTED, scheme="http", host="localhost")
    assert client.post(add, {"origin": "HTTPS://app.example.org:443/"}).status_code == 302
    assert is_allowed(LISTED, scheme="http", host="localhost")
    assert client.post(add, {"origin": "app.example.org"}).status_code == 200
    assert client.post(add, {"origin": "https://app.example.org"}).status_code == 200
    assert AllowedOrigin.objects.count() == 1


@pytest.mark.parametrize("path", [MINT, "/v1/realtime/calls", "/v1/realtime/calls/x/hangup"])
def test_a_preflight_of_an_allowed_page_allows_whatever_headers_it_asks_for(
    stranger: APIClient, path: str
) -> None:
    AllowedOrigin.objects.create(origin=LISTED)
    asked = "authorization,content-type,x-openai-agents-sdk,x-stainless-retry-count"
    answer = stranger.options(
        path,
        headers={
            "Origin": LISTED,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": asked,
        },
    )
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == LISTED
    assert answer.headers["Access-Control-Allow-Headers"] == asked
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert int(answer.headers["Access-Control-Max-Age"]) > 0
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


def test_an_allowed_page_reads_answers_and_errors_alike(dave: User, stranger: APIClient) -> None:
    AllowedOrigin.objects.create(origin=LISTED)
    minted = client_of(dave).post(MINT, {}, headers={"Origin": LISTED})
    refused = stranger.post(MINT, {}, headers={"Origin": LISTED})
    assert (minted.status_code, refused.status_code) == (200, 401)
    for answer in (minted, refused):
        assert answer.headers["Access-Control-Allow-Origin"] == LISTED
        exposed = answer.headers["Access-Control-Expose-Headers"].lower()
        assert {"location", "x-request-id"} <= set(exposed.split(", "))


def test_a_foreign_page_gets_no_cors_header_and_its_credential_opens_nothing(dave: User) -> None:
    key = issue_api_key(dave, "x", ["mint"]).value
    authorization = {"Authorization": f"Bearer {key}"}
    for origin in (FOREIGN, "null", f"{LISTED}/"):
        with_key = APIClient().post(MINT, {}, headers={**authorization, "Origin": origin})
        assert with_key.status_code == 403
        assert with_key.json()["error"]["code"] == "origin_not_allowed"
        without = APIClient().post(MINT, {}, headers={"Origin": origin})
        assert without.status_code == 401
        preflight = APIClient().options(
            MINT, headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
        )
        for answer in (with_key, without, preflight):
            assert not [name for name in answer.headers if name.startswith("Access-Control")]
            assert "Origin" in answer.headers["Vary"]


def test_programs_and_our_own_pages_are_let_in(dave: User) -> None:
    client = client_of(dave)
    assert client.post(MINT, {}).status_code == 200
    own = client.post(MINT, {}, headers={"Origin": "http://testserver"})
    assert own.status_code == 200


def test_outside_v1_no_page_of_another_origin_is_told_anything(dave: User) -> None:
    AllowedOrigin.objects.create(origin=LISTED)
    answer = client_of(dave).get("/api/me/", headers={"Origin": LISTED})
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/v1/models", "/v1/nothing", "/api/me/", "/api/nothing", "/healthz", "/login"]
)
def test_every_answer_is_named_by_us_and_no_name_is_used_twice(
    stranger: APIClient, path: str
) -> None:
    names = {
        stranger.get(path, headers={"x-request-id": "req_theirs"}).headers["x-request-id"]
        for _ in range(2)
    }
    assert len(names) == 2
    assert all(re.fullmatch(r"req_[0-9a-f]{32}", name) for name in names)
