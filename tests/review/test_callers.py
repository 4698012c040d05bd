"""Every address of the review, asked for by every kind of caller: 403 hides what exists."""

from __future__ import annotations

import uuid

import pytest

from accounts.models import User
from conversations.models import AccessLogEntry, Conversation
from realtime.models import RealtimeSession
from tests.callers import Address, ask, bad_credentials
from tests.people import client_of, stranger
from tests.review.conftest import SESSION

pytestmark = pytest.mark.django_db


def addresses(conversation: Conversation) -> list[Address]:
    found = [Address("GET", "/api/review/conversations/")]
    for conversation_id in (conversation.pk, uuid.uuid4(), "nonsense"):
        path = f"/api/review/conversations/{conversation_id}/"
        found += [Address("GET", path), Address("GET", f"{path}export/?format=json")]
    for session_id in (SESSION, "rtc_1_unknown"):
        found.append(Address("POST", f"/api/review/sessions/{session_id}/end", {"reason": "x"}))
    return [
        *found,
        Address("GET", "/api/review/"),
        Address("POST", "/api/review/no/such/thing", {}),
    ]


def test_without_permission_everything_is_403(
    conversation: Conversation, alice: User, bob: User, staff: User
) -> None:
    for person in (alice, bob, staff):
        for address in addresses(conversation):
            answer = ask(client_of(person), address)
            assert answer.status_code == 403, f"{person}: {address}"
            assert answer.json()["code"] == "permission_denied", answer.json()
            assert answer.headers["Content-Type"] == "application/problem+json"
    assert not AccessLogEntry.objects.exists()
    assert RealtimeSession.objects.get(public_id=SESSION).end_note == ""


def test_without_authentication_everything_is_401(conversation: Conversation, carol: User) -> None:
    for kind, authorization in {"anonymous": "", **bad_credentials(carol)}.items():
        headers = {"Authorization": authorization} if authorization else {}
        for address in addresses(conversation):
            answer = ask(stranger(), address, **headers)
            assert answer.status_code == 401, f"{kind}: {address}"
    assert not AccessLogEntry.objects.exists()


def test_reviewer_learns_what_does_not_exist(carol: User) -> None:
    assert client_of(carol).get("/api/review/no/such/thing").status_code == 404


def test_permission_taken_away_works_at_once(conversation: Conversation, carol: User) -> None:
    client = client_of(carol)
    assert client.get("/api/review/conversations/").status_code == 200
    carol.user_permissions.clear()
    assert client.get("/api/review/conversations/").status_code == 403


def test_deactivated_reviewer_is_out_at_once(conversation: Conversation, carol: User) -> None:
    client = client_of(carol)
    carol.is_active = False
    carol.save()
    assert client.get("/api/review/conversations/").status_code == 401
