"""What people see and decide about their own data: who looked, an archive, deleting it all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from conversations import actions
from conversations.models import AccessLogEntry, Conversation, Item
from realtime.models import RealtimeSession
from tests.people import client_of
from tests.review.conftest import SESSION
from tests.review.test_one_call import call as call  # the fixture

pytestmark = pytest.mark.django_db

LOG = "/api/me/access-log/"


def archive(client: APIClient) -> dict[str, Any]:
    answer = client.get("/api/me/export")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="voiceassist-data.json"'
    body: dict[str, Any] = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    return body


def test_owner_sees_who_read_what_when_and_why(
    call: RealtimeSession, conversation: Conversation, alice: User, bob: User, carol: User
) -> None:
    reason = {"X-Access-Reason": "complaint 7"}
    client_of(carol).get(f"/api/review/calls/{SESSION}/", headers=reason)
    (seen,) = client_of(alice).get(LOG).json()["results"]
    assert (seen["reviewer"], seen["reason"]) == ("carol", "complaint 7")
    assert seen["conversation_id"] == str(conversation.pk)
    assert seen["title"] == conversation.title
    assert seen["visited_at"]
    for person in (bob, carol):
        assert client_of(person).get(LOG).json()["results"] == []
    actions.delete_conversation(conversation)
    (seen,) = client_of(alice).get(LOG).json()["results"]
    assert (seen["reviewer"], seen["title"]) == ("carol", "")


def test_log_takes_a_handful_of_queries(
    call: RealtimeSession, conversation: Conversation, alice: User, carol: User
) -> None:
    first = client_of(carol).get(f"/api/review/calls/{SESSION}/")
    assert first.status_code == 200
    entry = AccessLogEntry.objects.get()
    for _ in range(40):
        entry.pk = None
        entry.save()
    client = client_of(alice)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(LOG).json()["count"] == 41
    assert len(queries) <= 10


def test_archive_holds_all_of_ones_own_and_nothing_of_others(
    call: RealtimeSession, conversation: Conversation, other: Conversation, alice: User, carol: User
) -> None:
    client_of(carol).get(f"/api/review/calls/{SESSION}/")
    Item.objects.filter(item_id="u1").update(text='<script> "quotes" \x1b \u202e')
    actions.archive_conversation(conversation)
    body = archive(client_of(alice))
    assert body["account"]["username"] == "alice"
    (mine,) = body["conversations"]
    assert mine["id"] == str(conversation.pk)
    assert [item["item_id"] for item in mine["items"]] == ["u1", "a1"]
    (session,) = body["sessions"]
    assert len(session["responses"]) == 2
    assert [entry["reviewer"] for entry in body["access_log"]] == ["carol"]
    assert "password" not in str(body)


def test_archive_of_somebody_new_is_whole(bob: User) -> None:
    body = archive(client_of(bob))
    assert (body["conversations"], body["sessions"], body["access_log"]) == ([], [], [])


def test_deleting_ones_conversations_leaves_those_of_others(
    call: RealtimeSession, conversation: Conversation, other: Conversation, alice: User
) -> None:
    assert client_of(alice).delete("/api/me/conversations/").json() == {"conversations": 1}
    assert list(Conversation.objects.all()) == [other]
    assert RealtimeSession.objects.filter(user=alice).exists(), "what was paid is kept"
    assert client_of(alice).delete("/api/me/conversations").json() == {"conversations": 0}
