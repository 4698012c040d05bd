"""`POST /api/token/`."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.people import PASSWORD, client_of

pytestmark = pytest.mark.django_db


def sign_in(client: APIClient, username: str = "alice", password: str = PASSWORD) -> Any:
    return client.post("/api/token/", {"username": username, "password": password})


def test_right_password_gives_an_access_and_a_refresh_token(
    alice: User, stranger: APIClient
) -> None:
    answer = sign_in(stranger)
    assert answer.status_code == 200
    assert set(answer.json()) == {"access", "refresh"}
    assert answer.headers["Cache-Control"] == "no-store"
    stranger.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    assert stranger.get("/api/me/").json()["username"] == "alice"


def test_a_form_signs_in_as_json_does(alice: User, stranger: APIClient) -> None:
    body = f"username=alice&password={PASSWORD.replace(' ', '+')}"
    kind = "application/x-www-form-urlencoded"
    answer = stranger.post("/api/token/", body, content_type=kind)
    assert answer.status_code == 200
    body = f"refresh={answer.json()['refresh']}"
    assert stranger.post("/api/token/refresh/", body, content_type=kind).status_code == 200


@pytest.mark.parametrize(
    ("username", "password"), [("alice", "wrong"), ("nobody", PASSWORD), ("alice", "a" * 1024)]
)
def test_wrong_name_or_password_is_401_and_does_not_say_which(
    alice: User, stranger: APIClient, username: str, password: str
) -> None:
    answer = sign_in(stranger, username, password)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "invalid_credentials"
    assert answer.json()["detail"] == "The user name or the password is wrong."


def test_deactivated_user_cannot_sign_in(alice: User, stranger: APIClient) -> None:
    alice.is_active = False
    alice.save()
    assert sign_in(stranger).status_code == 401


@pytest.mark.parametrize("body", [{}, {"username": "alice"}, {"username": "", "password": ""}])
def test_missing_fields_are_400(stranger: APIClient, body: dict[str, str]) -> None:
    assert stranger.post("/api/token/", body).status_code == 400


def test_spaces_belong_to_the_password(alice: User, stranger: APIClient) -> None:
    alice.set_password("  spaced out  ")
    alice.save()
    assert sign_in(stranger, password="  spaced out  ").status_code == 200


def test_dead_access_token_in_the_header_does_not_stop_a_sign_in(
    alice: User, stranger: APIClient
) -> None:
    stranger.credentials(HTTP_AUTHORIZATION="Bearer long.dead.token")
    assert sign_in(stranger).status_code == 200


def test_sign_in_is_remembered_as_the_last_login(alice: User, stranger: APIClient) -> None:
    assert alice.last_login is None
    sign_in(stranger)
    alice.refresh_from_db()
    assert alice.last_login is not None


def test_me_tells_who_i_am_and_what_i_may_do(alice: User, carol: User, admin: User) -> None:
    assert client_of(alice).get("/api/me/").json() == {
        "id": alice.pk,
        "username": "alice",
        "email": "alice@example.org",
        "first_name": "",
        "last_name": "",
        "is_staff": False,
        "is_superuser": False,
        "is_demo": False,
        "permissions": [],
    }
    reviewing = ["review_conversation", "export_conversation", "end_session"]
    administering = ["manage_webhooks", "administer_voice"]
    every = [*reviewing[:2], "delete_conversation", "end_session", *administering]
    assert client_of(carol).get("/api/me/").json()["permissions"] == reviewing
    assert client_of(admin).get("/api/me/").json()["permissions"] == every
