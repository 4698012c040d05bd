"""One conversation as a reviewer reads it, and what that leaves behind."""

from __future__ import annotations

import uuid

import pytest

from accounts.models import User
from conversations import actions
from conversations.models import AccessLogEntry, Conversation
from tests.people import client_of, grant
from tests.review.conftest import SESSION

pytestmark = pytest.mark.django_db


def path(conversation_id: object) -> str:
    return f"/api/review/conversations/{conversation_id}/"


def test_reviewer_reads_items_and_sessions(carol: User, conversation: Conversation) -> None:
    body = client_of(carol).get(path(conversation.pk)).json()
    assert body["owner"]["username"] == "alice"
    assert (body["title"], body["seq"]) == (conversation.title, conversation.seq)
    assert [item["text"] for item in body["items"]] == [
        "What is the weather in Paris?",
        "Sunny and warm",
    ]
    assert body["items"][1]["heard_text"] == "Sunny"
    assert [session["session_id"] for session in body["sessions"]] == [SESSION]


def test_look_is_logged_once_a_visit_with_the_reason_given(
    carol: User, conversation: Conversation
) -> None:
    client = client_of(carol)
    for _ in range(3):
        client.get(path(conversation.pk), headers={"X-Access-Reason": "Gr%C3%BC%C3%9Fe%0D%0A100%"})
    entry = AccessLogEntry.objects.get()
    assert (entry.reviewer, entry.owner, entry.conversation_id) == (
        carol,
        conversation.owner,
        conversation.pk,
    )
    assert entry.reason == "Grüße 100%"


def test_own_conversation_is_not_logged(carol: User) -> None:
    own = actions.create_conversation(carol)
    assert client_of(carol).get(path(own.pk)).status_code == 200
    assert not AccessLogEntry.objects.exists()


def test_unknown_conversation_is_404_and_not_logged(carol: User) -> None:
    for conversation_id in (uuid.uuid4(), "nonsense"):
        assert client_of(carol).get(path(conversation_id)).status_code == 404
    assert not AccessLogEntry.objects.exists()


def test_superuser_holds_the_permission(admin: User, conversation: Conversation) -> None:
    assert client_of(admin).get(path(conversation.pk)).status_code == 200
    assert AccessLogEntry.objects.get().reviewer == admin


def test_export_is_logged_and_needs_its_own_permission(
    carol: User, bob: User, conversation: Conversation
) -> None:
    export = path(conversation.pk) + "export/?format=txt"
    answer = client_of(carol).get(export, headers={"X-Access-Reason": "audit"})
    assert "Sunny and warm" in answer.content.decode()
    assert AccessLogEntry.objects.get().reason == "audit"
    grant(bob, "review_conversation")
    assert client_of(bob).get(path(conversation.pk)).status_code == 200
    assert client_of(bob).get(export).status_code == 403
