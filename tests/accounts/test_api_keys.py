"""API keys: made once, kept as a digest, checked on every use, revoked at once."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.utils import timezone

from accounts.api_keys import (
    KEYS_PER_USER,
    TooManyKeys,
    check_api_key,
    end_expired_keys,
    is_dead,
    issue_api_key,
    revoke_api_key,
)
from accounts.models import ApiKey, User
from accounts.signals import access_revoked
from accounts.tokens import InvalidToken
from tests.people import client_of

pytestmark = pytest.mark.django_db(transaction=True)

KEYS = "/api/keys/"


class Heard:
    def __init__(self) -> None:
        self.sign_ins: list[uuid.UUID | None] = []

    def __call__(self, *, family_id: uuid.UUID | None, **_: Any) -> None:
        self.sign_ins.append(family_id)


@pytest.fixture
def heard() -> Any:
    heard = Heard()
    access_revoked.connect(heard, weak=False)
    yield heard
    access_revoked.disconnect(heard)


def refused(raw: str) -> str:
    with pytest.raises(InvalidToken) as refusal:
        check_api_key(raw)
    return refusal.value.code


def test_a_key_grants_its_scopes_and_only_its_digest_is_kept(dave: User) -> None:
    issued = issue_api_key(dave, "bridge", {"history", "mint"})
    assert re.fullmatch(r"va_[A-Za-z0-9]{33,}", issued.value)  # 33 of 62 characters: 196 bits
    grant = check_api_key(issued.value)
    assert (grant.user, grant.key_id) == (dave, issued.row.pk)
    assert grant.scopes == {"mint", "history"}
    stored = ApiKey.objects.values().get()
    assert issued.value not in str(stored)
    assert issued.value.startswith(stored["prefix"])
    assert len(stored["prefix"]) < 12


@pytest.mark.parametrize("scopes", [[], ["admin"], ["mint", "review"]])
def test_a_key_without_scopes_or_with_unknown_ones_is_not_made(
    dave: User, scopes: list[str]
) -> None:
    with pytest.raises(ValueError, match="scopes"):
        issue_api_key(dave, "x", scopes)
    answer = client_of(dave).post(KEYS, {"name": "x", "scopes": scopes})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert not ApiKey.objects.exists()


def test_unknown_foreign_and_malformed_keys_are_refused(dave: User) -> None:
    value = issue_api_key(dave, "x", ["mint"]).value
    for raw in ("va_", "va_unknown", "sk-proj-abc", value[:-1], value + "a", value.upper()):
        assert refused(raw) == "invalid_api_key"


def test_the_last_use_is_noted_at_most_once_a_minute(dave: User) -> None:
    issued = issue_api_key(dave, "x", ["mint"])
    row = ApiKey.objects.get()
    assert row.last_used_at is None
    check_api_key(issued.value)
    row.refresh_from_db()
    first = row.last_used_at
    assert first is not None
    check_api_key(issued.value)
    row.refresh_from_db()
    assert row.last_used_at == first
    ApiKey.objects.update(last_used_at=first - dt.timedelta(minutes=1))
    check_api_key(issued.value)
    row.refresh_from_db()
    assert row.last_used_at is not None
    assert row.last_used_at >= first


def test_a_revoked_key_opens_nothing_and_ends_what_it_opened_once(dave: User, heard: Heard) -> None:
    issued = issue_api_key(dave, "x", ["mint"])
    assert not is_dead(issued.row.pk)
    revoke_api_key(issued.row)
    revoke_api_key(issued.row)
    assert refused(issued.value) == "api_key_revoked"
    assert heard.sign_ins == [issued.row.pk]
    assert is_dead(issued.row.pk)


def test_an_expired_key_opens_nothing_and_what_it_opened_is_ended_once(
    dave: User, heard: Heard
) -> None:
    issued = issue_api_key(dave, "x", ["mint"], timezone.now() + dt.timedelta(hours=1))
    issue_api_key(dave, "for ever", ["mint"])
    check_api_key(issued.value)
    assert end_expired_keys() == 0
    ApiKey.objects.filter(pk=issued.row.pk).update(expires_at=timezone.now())
    assert refused(issued.value) == "api_key_expired"
    assert is_dead(issued.row.pk)
    assert (end_expired_keys(), end_expired_keys()) == (1, 0)
    assert heard.sign_ins == [issued.row.pk]


def test_the_keys_of_a_deactivated_person_are_dead(dave: User) -> None:
    issued = issue_api_key(dave, "x", ["mint"])
    dave.is_active = False
    dave.save()
    assert refused(issued.value) == "invalid_api_key"


def test_a_person_has_no_more_than_so_many_keys(dave: User) -> None:
    ApiKey.objects.bulk_create(
        ApiKey(user=dave, name="x", digest=str(number), scopes=["mint"])
        for number in range(KEYS_PER_USER)
    )
    with pytest.raises(TooManyKeys):
        issue_api_key(dave, "x", ["mint"])
    answer = client_of(dave).post(KEYS, {"name": "x", "scopes": ["mint"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_keys")
    revoke_api_key(ApiKey.objects.all()[0])
    issue_api_key(dave, "x", ["mint"])


def test_a_key_is_shown_when_made_and_never_again(dave: User) -> None:
    client = client_of(dave)
    made = client.post(KEYS, {"name": "bridge", "scopes": ["headless"], "expires_in_days": 30})
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    body = made.json()
    key = body.pop("key")
    assert check_api_key(key).scopes == {"headless"}
    expires_in = dt.datetime.fromisoformat(body["expires_at"]) - timezone.now()
    assert dt.timedelta(days=29, hours=23) < expires_in <= dt.timedelta(days=30)
    listed = client.get(KEYS)
    assert [one | {"last_used_at": None} for one in listed.json()["results"]] == [body]
    assert key not in listed.content.decode()


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"scopes": ["mint"]}, "name"),
        ({"name": " ", "scopes": ["mint"]}, "name"),
        ({"name": "x" * 101, "scopes": ["mint"]}, "name"),
        ({"name": "x"}, "scopes"),
        ({"name": "x", "scopes": "mint"}, "scopes"),
        ({"name": "x", "scopes": ["mint"], "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "x", "scopes": ["mint"], "expires_in_days": 0}, "expires_in_days"),
        (
            {
                "name": "x",
                "scopes": ["mint"],
                "expires_in_days": 1,
                "expires_at": "2999-01-01T00:00:00Z",
            },
            "non_field_errors",
        ),
    ],
)
def test_a_wish_that_makes_no_sense_makes_no_key(
    dave: User, wish: dict[str, Any], field: str
) -> None:
    answer = client_of(dave).post(KEYS, wish)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert not ApiKey.objects.exists()


def test_revoking_by_rest_takes_the_key_off_the_list(dave: User, heard: Heard) -> None:
    issued = issue_api_key(dave, "x", ["mint"])
    client = client_of(dave)
    path = f"{KEYS}{issued.row.pk}/"
    assert client.delete(path).status_code == 204
    assert client.get(KEYS).json() == {"results": []}
    assert client.delete(path).status_code == 404
    assert heard.sign_ins == [issued.row.pk]
    assert refused(issued.value) == "api_key_revoked"


def test_somebody_elses_key_does_not_exist(dave: User, bob: User) -> None:
    issued = issue_api_key(dave, "x", ["mint"])
    client = client_of(bob)
    assert client.get(KEYS).json() == {"results": []}
    assert client.delete(f"{KEYS}{issued.row.pk}/").status_code == 404
    check_api_key(issued.value)
