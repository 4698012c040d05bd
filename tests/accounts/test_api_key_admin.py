"""API keys in the Django admin."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.api_keys import check_api_key, issue_api_key
from accounts.models import ApiKey, User
from accounts.tokens import InvalidToken

pytestmark = pytest.mark.django_db

KEYS = "/admin/accounts/apikey/"


@pytest.fixture
def office(admin: User, client: Client) -> Client:
    """The browser of an administrator."""
    client.force_login(admin)
    return client


def test_a_key_made_in_the_admin_is_shown_once_and_in_no_cookie(office: Client, dave: User) -> None:
    form = {"user": dave.pk, "name": "bridge", "scopes": ["mint", "headless"]}
    answer = office.post(f"{KEYS}add/", form)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    shown = re.findall(r"va_[A-Za-z0-9_-]{40,}", answer.content.decode())
    assert len(shown) == 1
    grant = check_api_key(shown[0])
    assert (grant.user, set(grant.scopes)) == (dave, {"mint", "headless"})
    assert all(shown[0] not in cookie.value for cookie in answer.cookies.values())
    for page in (KEYS, f"{KEYS}{grant.key_id}/change/", f"{KEYS}{grant.key_id}/history/"):
        assert shown[0] not in office.get(page).content.decode()


@pytest.mark.parametrize(
    "wrong", [{"scopes": []}, {"scopes": ["root"]}, {"expires_at_0": "2020-01-01"}, {"user": 0}]
)
def test_a_form_that_makes_no_sense_makes_no_key(
    office: Client, dave: User, wrong: dict[str, object]
) -> None:
    form = {"user": dave.pk, "name": "x", "scopes": ["mint"], "expires_at_1": "00:00:00", **wrong}
    answer = office.post(f"{KEYS}add/", form)
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert not ApiKey.objects.exists()


def test_an_admin_cannot_read_other_peoples_history_past_the_access_log(
    office: Client, admin: User, dave: User
) -> None:
    form = {"name": "x", "scopes": ["history"]}
    answer = office.post(f"{KEYS}add/", {**form, "user": dave.pk})
    assert "read in the review" in answer.content.decode()
    assert not ApiKey.objects.exists()
    office.post(f"{KEYS}add/", {**form, "user": admin.pk})
    assert ApiKey.objects.get().user == admin


@pytest.mark.django_db(transaction=True)
def test_the_selected_keys_are_revoked(office: Client, dave: User) -> None:
    lost, kept = (issue_api_key(dave, name, ["mint"]) for name in ("lost", "kept"))
    action = {"action": "revoke", "_selected_action": [str(lost.row.pk)]}
    assert office.post(KEYS, action).status_code == 302
    check_api_key(kept.value)
    with pytest.raises(InvalidToken):
        check_api_key(lost.value)
    assert "revoked" in office.get(f"{KEYS}{lost.row.pk}/change/").content.decode()


def test_a_key_is_neither_edited_nor_deleted(office: Client, dave: User) -> None:
    issued = issue_api_key(dave, "x", ["mint"])
    form = {"name": "x", "scopes": ["mint", "headless", "history"]}
    office.post(f"{KEYS}{issued.row.pk}/change/", form)
    assert check_api_key(issued.value).scopes == {"mint"}
    assert office.post(f"{KEYS}{issued.row.pk}/delete/").status_code == 403
