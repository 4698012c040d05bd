"""Password change, deactivation and sign-out end access at once, and say so."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from django.contrib.auth import authenticate
from django.db import transaction
from pytest_django import Settings

from accounts.models import User
from accounts.signals import access_revoked
from accounts.tokens import (
    InvalidToken,
    authenticate_access_token,
    issue_tokens,
    revoke_refresh_token,
)
from tests.people import PASSWORD, client_of

pytestmark = pytest.mark.django_db(transaction=True)

NEW_PASSWORD = "an entirely different phrase"


class Heard:
    """Everything `access_revoked` said during a test."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, uuid.UUID | None]] = []

    def __call__(self, *, user: User, family_id: uuid.UUID | None, **_: Any) -> None:
        self.calls.append((user.pk, family_id))


@pytest.fixture
def heard() -> Iterator[Heard]:
    heard = Heard()
    access_revoked.connect(heard, weak=False)
    yield heard
    access_revoked.disconnect(heard)


def change_password(user: User, current: str = PASSWORD, new: str = NEW_PASSWORD) -> Any:
    return client_of(user).post(
        "/api/me/password/", {"current_password": current, "new_password": new}
    )


def test_password_change_kills_every_token_and_gives_new_ones(alice: User, heard: Heard) -> None:
    elsewhere = issue_tokens(alice)
    answer = change_password(alice)
    assert answer.status_code == 200
    with pytest.raises(InvalidToken):
        authenticate_access_token(elsewhere.access)
    assert authenticate_access_token(answer.json()["access"]) == alice
    assert heard.calls == [(alice.pk, None)]
    assert authenticate(username="alice", password=NEW_PASSWORD) == alice


def test_wrong_current_password_changes_nothing(alice: User, heard: Heard) -> None:
    answer = change_password(alice, current="guess")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["current_password"]
    assert authenticate(username="alice", password=PASSWORD) == alice
    assert heard.calls == []


@pytest.mark.parametrize("weak", ["short", "password123", "20391847561", "alice@example.org"])
def test_weak_new_password_is_refused(alice: User, weak: str) -> None:
    answer = change_password(alice, new=weak)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["new_password"]


def test_guessing_the_current_password_is_limited(alice: User, settings: Settings) -> None:
    settings.LIMIT_SIGNIN_USER_PER_MIN = 2
    assert [change_password(alice, current="guess").status_code for _ in range(3)] == [
        400,
        400,
        429,
    ]


def test_deactivation_kills_tokens_and_reactivation_does_not_revive_them(
    alice: User, heard: Heard
) -> None:
    pair = issue_tokens(alice)
    alice.is_active = False
    alice.save()
    alice.is_active = True
    alice.save()
    with pytest.raises(InvalidToken):
        authenticate_access_token(pair.access)
    assert heard.calls == [(alice.pk, None)]


def test_saving_other_fields_ends_nothing(alice: User, heard: Heard) -> None:
    pair = issue_tokens(alice)
    alice.email = "new@example.org"
    alice.save()
    alice.save(update_fields=["last_login"])
    assert authenticate_access_token(pair.access) == alice
    assert heard.calls == []


def test_saving_a_deactivated_user_again_says_nothing_new(alice: User, heard: Heard) -> None:
    alice.is_active = False
    alice.save()
    alice.save()
    assert len(heard.calls) == 1


def test_better_hash_of_the_same_password_ends_nothing(
    alice: User, heard: Heard, settings: Settings
) -> None:
    pair = issue_tokens(alice)
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    assert authenticate(username="alice", password=PASSWORD) == alice
    alice.refresh_from_db()
    assert alice.password.startswith("scrypt$")
    assert authenticate_access_token(pair.access) == alice
    assert heard.calls == []


def test_sign_out_names_the_sign_in_that_ended(alice: User, heard: Heard) -> None:
    pair = issue_tokens(alice)
    family = jwt.decode(pair.access, options={"verify_signature": False})["family"]
    revoke_refresh_token(pair.refresh)
    revoke_refresh_token(pair.refresh)
    assert heard.calls == [(alice.pk, uuid.UUID(family))]


def test_rolled_back_password_change_is_not_announced(alice: User, heard: Heard) -> None:
    with transaction.atomic():
        alice.set_password(NEW_PASSWORD)
        alice.save()
        transaction.set_rollback(True)
    assert heard.calls == []
