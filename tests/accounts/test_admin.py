"""People in the Django admin."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from accounts.tokens import InvalidToken, authenticate_access_token
from tests.people import access_token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(admin: User, client: Client) -> Client:
    """The browser of an administrator."""
    client.force_login(admin)
    return client


@pytest.mark.parametrize("page", ["", "add/", "{id}/change/", "{id}/password/"])
def test_pages_render(office: Client, alice: User, page: str) -> None:
    answer = office.get(f"/admin/accounts/user/{page.format(id=alice.pk)}")
    assert answer.status_code == 200


def test_admin_makes_a_user_who_can_sign_in(office: Client) -> None:
    form = {
        "username": "erin",
        "usable_password": "true",
        "password1": "a phrase nobody guesses",
        "password2": "a phrase nobody guesses",
    }
    assert office.post("/admin/accounts/user/add/", form).status_code == 302
    assert User.objects.get(username="erin").check_password("a phrase nobody guesses")


def test_password_set_by_an_admin_ends_the_users_access(office: Client, alice: User) -> None:
    token = access_token_of(alice)
    form = {
        "usable_password": "true",
        "password1": "a phrase nobody guesses",
        "password2": "a phrase nobody guesses",
    }
    answer = office.post(f"/admin/accounts/user/{alice.pk}/password/", form)
    assert answer.status_code == 302
    with pytest.raises(InvalidToken):
        authenticate_access_token(token)


def test_user_without_staff_rights_is_kept_out(alice: User, client: Client) -> None:
    client.force_login(alice)
    assert client.get("/admin/accounts/user/").status_code == 302
