"""Every address of one's own history, asked for by every kind of caller."""

from __future__ import annotations

import uuid

import pytest

from accounts.models import User
from conversations.models import Conversation
from tests.callers import Address, ask, bad_credentials
from tests.conversations.saying import say
from tests.people import client_of, make_admin, make_bob, make_carol, make_staff, stranger

pytestmark = pytest.mark.django_db

ONE = [
    ("GET", "", None, 200),
    ("PATCH", "", {"title": "x"}, 200),
    ("GET", "items/", None, 200),
    ("GET", "export/?format=md", None, 200),
    ("DELETE", "", None, 204),
]
ALL: list[tuple[str, dict[str, str] | None]] = [("GET", None), ("POST", {})]


def addresses(conversation_id: object) -> list[tuple[Address, int]]:
    base = f"/api/conversations/{conversation_id}/"
    return [(Address(method, base + tail, body), status) for method, tail, body, status in ONE]


def test_owner_may_do_everything(conversation: Conversation, alice: User) -> None:
    say(conversation, "u1", "hello")
    client = client_of(alice)
    for address, status in addresses(conversation.pk):
        assert ask(client, address).status_code == status, str(address)


@pytest.mark.parametrize("make", [make_bob, make_carol, make_staff, make_admin])
def test_anybody_else_gets_404_as_for_an_unknown_one(conversation: Conversation, make) -> None:  # type: ignore[no-untyped-def]
    say(conversation, "u1", "hello")
    client = client_of(make())
    for conversation_id in (conversation.pk, uuid.uuid4(), "nonsense"):
        for address, _ in addresses(conversation_id):
            answer = ask(client, address)
            assert answer.status_code == 404, str(address)
            assert answer.json()["code"] == "conversation_not_found"
            assert answer.headers["Content-Type"] == "application/problem+json"
    conversation.refresh_from_db()
    assert conversation.title == "hello"


def test_caller_who_is_not_authenticated_gets_401_whether_it_exists_or_not(
    conversation: Conversation, alice: User
) -> None:
    callers = {"anonymous": "", **bad_credentials(alice)}
    for kind, authorization in callers.items():
        headers = {"Authorization": authorization} if authorization else {}
        for conversation_id in (conversation.pk, uuid.uuid4(), "nonsense"):
            for address, _ in addresses(conversation_id):
                answer = ask(stranger(), address, **headers)
                assert answer.status_code == 401, f"{kind}: {address}"
        for method, body in ALL:
            address = Address(method, "/api/conversations/", body)
            assert ask(stranger(), address, **headers).status_code == 401, f"{kind}: {address}"
    assert Conversation.objects.filter(pk=conversation.pk).exists()


def test_lists_hold_ones_own_alone(conversation: Conversation, bob: User, admin: User) -> None:
    say(conversation, "u1", "hello")
    for person in (bob, admin):
        answer = client_of(person).get("/api/conversations/", {"search": "hello"})
        assert answer.json()["results"] == []
