"""One call as a reviewer opens it: what was said, measured, paid, sent and seen."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from conversations import actions
from conversations.models import AccessLogEntry, Conversation
from realtime.models import RealtimeSession, ResponseUsage
from tests.conversations.saying import say
from tests.people import client_of
from tests.review.conftest import SESSION

pytestmark = pytest.mark.django_db

PATH = f"/api/review/calls/{SESSION}/"


@pytest.fixture
def client(carol: User) -> APIClient:
    return client_of(carol)


@pytest.fixture
def call(conversation: Conversation) -> RealtimeSession:
    """alice's call of two items, one of them interrupted, with its usage."""
    session = RealtimeSession.objects.get(public_id=SESSION)
    session.started_at = timezone.now() - dt.timedelta(minutes=5)
    session.ended_at = session.started_at + dt.timedelta(seconds=90)
    session.turns = session.interruptions = 1
    session.cost_usd = Decimal("0.125")
    session.config = {
        "type": "realtime",
        "instructions": "Be kind.",
        "output_modalities": ["audio"],
        "tools": [{"type": "mcp", "server_label": "crm", "authorization": "secret-token"}],
    }
    session.save()
    ResponseUsage.objects.create(
        session=session,
        reference="resp_1",
        status="cancelled",
        item_ids=["a1"],
        first_audio_ms=420,
        is_interrupted=True,
        output_audio_tokens=50,
        cost_usd=Decimal("0.12"),
        price_version="gpt-realtime@2026-01-01",
    )
    ResponseUsage.objects.create(
        session=session,
        kind=ResponseUsage.Kind.TRANSCRIPTION,
        reference="u1",
        audio_s=3.5,
        cost_usd=Decimal("0.005"),
    )
    return session


def test_it_tells_all_that_is_kept(client: APIClient, call: RealtimeSession) -> None:
    with CaptureQueriesContext(connection) as queries:
        body = client.get(PATH, headers={"X-Access-Reason": "complaint 7"}).json()
    assert len(queries) <= 25
    assert body["call"]["duration_ms"] == 90_000
    assert body["call"]["first_audio_p50_ms"] == 420
    assert [(item["item_id"], item["text"]) for item in body["items"]] == [
        ("u1", "What is the weather in Paris?"),
        ("a1", "Sunny and warm"),
    ]
    assert body["items"][1]["heard_text"] == "Sunny"
    assert [(one["response_id"], one["first_audio_ms"]) for one in body["latency"]] == [
        ("resp_1", 420)
    ]
    assert {one["kind"]: one["cost_usd"] for one in body["usage"]} == {
        "response": "0.12000000",
        "transcription": "0.00500000",
    }
    assert body["usage"][0]["price_version"] == "gpt-realtime@2026-01-01"
    assert body["context_sent"] == {
        "instructions": "Be kind.",
        "voice": "",
        "output_modalities": ["audio"],
        "tools": ["crm"],
        "earlier_items": 0,
        "sent": [],
    }
    assert "secret-token" not in str(body)
    assert [(one["reviewer"], one["reason"]) for one in body["access"]] == [
        ("carol", "complaint 7")
    ]


def test_it_holds_the_lines_of_this_call_alone(
    client: APIClient, call: RealtimeSession, conversation: Conversation
) -> None:
    say(conversation, "later", "Another call", session_id="rtc_1_second")
    RealtimeSession.objects.create(
        public_id="rtc_1_second",
        user=call.user,
        conversation=conversation,
        model="m",
        started_at=timezone.now(),
    )
    assert [item["item_id"] for item in client.get(PATH).json()["items"]] == ["u1", "a1"]
    second = client.get("/api/review/calls/rtc_1_second/").json()
    assert [item["item_id"] for item in second["items"]] == ["later"]
    assert second["context_sent"]["earlier_items"] == 2


def test_opening_writes_one_access_row_for_a_visit(
    client: APIClient, call: RealtimeSession, conversation: Conversation
) -> None:
    for _ in range(3):
        assert client.get(PATH).status_code == 200
    client.get(f"/api/review/conversations/{conversation.pk}/")
    entry = AccessLogEntry.objects.get()
    assert (entry.reviewer_username, entry.owner_username) == ("carol", "alice")


def test_private_unknown_and_never_live_calls_answer_alike(
    client: APIClient, call: RealtimeSession
) -> None:
    Conversation.objects.update(is_private=True)
    RealtimeSession.objects.create(public_id="rtc_minted", user=call.user, model="m")
    bodies = []
    for session_id in (SESSION, "rtc_unknown", "rtc_minted", "nonsense"):
        path = f"/api/review/calls/{session_id}/"
        for answer in (
            client.get(path),
            client.patch(f"{path}review/", {"rating": 1}),
            client.post(f"{path}comments/", {"item_id": "u1", "text": "x"}),
        ):
            assert answer.status_code == 404
            bodies.append(answer.json())
    assert all(body == bodies[0] for body in bodies)
    assert not AccessLogEntry.objects.exists()


def test_a_call_whose_conversation_was_deleted_keeps_its_numbers_alone(
    client: APIClient, call: RealtimeSession, conversation: Conversation
) -> None:
    actions.delete_conversation(conversation)
    body = client.get(PATH).json()
    assert body["items"] == []
    assert body["context_sent"] is None
    assert body["call"]["flags"] == ["interrupted", "conversation_deleted"]
    assert body["call"]["cost_usd"] == "0.12500000"
    assert not AccessLogEntry.objects.exists()
