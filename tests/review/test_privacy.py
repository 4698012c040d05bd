"""What keeps reviewers out: the owner's choice, the instance's switch, a reason not given."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from conversations.models import AccessLogEntry, Conversation, ReadingSwitch
from tests.callers import ask
from tests.people import client_of
from tests.review.conftest import SESSION
from tests.review.test_callers import addresses

pytestmark = pytest.mark.django_db


def test_owner_makes_it_private_and_reads_it_still(conversation: Conversation, alice: User) -> None:
    path = f"/api/conversations/{conversation.pk}/"
    answer = client_of(alice).patch(path, {"private": True})
    assert answer.json()["private"] is True
    assert client_of(alice).get(f"{path}items/").status_code == 200
    assert client_of(alice).patch(path, {"private": False}).json()["private"] is False


def test_private_conversation_does_not_exist_for_reviewers(
    conversation: Conversation, carol: User, admin: User
) -> None:
    Conversation.objects.update(is_private=True)
    for person in (carol, admin):
        client = client_of(person)
        path = f"/api/review/conversations/{conversation.pk}/"
        for address in (path, f"{path}export/"):
            answer = client.get(address)
            assert answer.status_code == 404
            assert answer.json()["code"] == "conversation_not_found"
        assert client.get("/api/review/conversations/").json()["results"] == []
        assert client.get("/api/review/conversations/", {"search": "paris"}).json()["count"] == 0
    pages = Client()
    pages.force_login(admin)
    assert (
        pages.get(f"/admin/conversations/conversation/{conversation.pk}/change/").status_code == 404
    )
    assert b"weather" not in pages.get("/admin/conversations/conversation/").content
    assert not AccessLogEntry.objects.exists()


def test_switched_off_nobody_reads_not_even_a_superuser(
    conversation: Conversation, carol: User, admin: User
) -> None:
    ReadingSwitch.objects.create(is_on=False)
    for person in (carol, admin):
        for address in addresses(conversation):
            answer = ask(client_of(person), address)
            assert answer.status_code == 403, f"{person}: {address}"
    pages = Client()
    pages.force_login(admin)
    assert pages.get("/admin/conversations/conversation/").status_code == 403
    assert (
        pages.get(f"/admin/conversations/conversation/{conversation.pk}/change/").status_code == 403
    )
    assert not AccessLogEntry.objects.exists()


def test_superusers_alone_turn_the_switch(admin: User, staff: User) -> None:
    pages = Client()
    pages.force_login(staff)
    address = "/admin/conversations/readingswitch/"
    assert pages.get(address).status_code == 403
    pages.force_login(admin)
    assert pages.post(f"{address}add/", {}).status_code == 302
    assert ReadingSwitch.objects.get().is_on is False
    assert client_of(admin).get("/api/review/conversations/").status_code == 403
    assert pages.post(f"{address}1/change/", {"is_on": "on"}).status_code == 302
    assert client_of(admin).get("/api/review/conversations/").status_code == 200


def test_where_a_reason_is_required_none_is_400_and_logs_nothing(
    conversation: Conversation, carol: User, settings: Settings
) -> None:
    settings.REVIEW_REASON_REQUIRED = True
    client, path = client_of(carol), f"/api/review/conversations/{conversation.pk}/"
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (400, "reason_required")
    assert not AccessLogEntry.objects.exists()
    assert client.get(path, headers={"X-Access-Reason": "complaint 7"}).status_code == 200
    assert client.get(path).status_code == 200, "asked once in a visit"
    assert AccessLogEntry.objects.get().reason == "complaint 7"


def test_nobody_asks_the_owner_for_a_reason(
    conversation: Conversation, admin: User, settings: Settings
) -> None:
    settings.REVIEW_REASON_REQUIRED = True
    Conversation.objects.update(owner=admin)
    assert client_of(admin).get(f"/api/review/conversations/{SESSION}/").status_code == 404
    assert client_of(admin).get(f"/api/review/conversations/{conversation.pk}/").status_code == 200
