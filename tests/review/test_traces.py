"""The events and the latency of a call, as a reviewer reads them."""

from __future__ import annotations

import datetime as dt
import json

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from accounts.models import User
from conversations import actions
from conversations.models import AccessLogEntry, Conversation, Item
from realtime.models import EventLogPart, RealtimeSession, SentContext, TurnTime
from realtime.tracing.parts import packed
from review.models import AuditEntry
from tests.people import client_of, make_admin
from tests.review.conftest import SESSION
from tests.review.test_one_call import call as call  # the fixture
from tests.review.test_retention import run as retention

pytestmark = pytest.mark.django_db

EVENTS = f"/api/review/calls/{SESSION}/events/"
LATENCY = f"/api/review/calls/{SESSION}/latency/"


@pytest.fixture
def client(carol: User) -> APIClient:
    return client_of(carol)


def keep(call: RealtimeSession, run_id: str, began_at: dt.datetime, *types: str) -> None:
    assert call.conversation is not None
    lines = [
        orjson.dumps(
            {
                "at_ms": 10.0 * number,
                "direction": "to_client" if number % 2 else "from_provider",
                "type": kind,
                "size": 40,
                "event": {"type": kind, "text": f"word{number}"},
            }
        )
        for number, kind in enumerate(types)
    ]
    EventLogPart.objects.create(
        session=call,
        conversation=call.conversation,
        run_id=run_id,
        began_at=began_at,
        first_number=1,
        entry_count=len(lines),
        lines=packed(b"\n".join(lines)),
    )


@pytest.fixture
def log(call: RealtimeSession) -> dt.datetime:
    """Two runs of two and three events, the second 60 s after the first."""
    began_at = timezone.now() - dt.timedelta(minutes=5)
    keep(call, "zz", began_at, "session.created", "session.created")
    keep(call, "aa", began_at + dt.timedelta(seconds=60), "error", "error", "response.done")
    return began_at


def test_the_events_of_all_runs_are_one_list(client: APIClient, log: dt.datetime) -> None:
    client.get(LATENCY.replace("latency/", ""), headers={"X-Access-Reason": "complaint 7"})
    with CaptureQueriesContext(connection) as queries:
        body = client.get(EVENTS).json()
    assert len(queries) <= 10
    assert [(one["n"], one["run"], one["at_ms"]) for one in body["results"]] == [
        (1, 1, 0.0),
        (2, 1, 10.0),
        (3, 2, 60_000.0),
        (4, 2, 60_010.0),
        (5, 2, 60_020.0),
    ]
    assert body["types"] == {"error": 2, "response.done": 1, "session.created": 2}
    assert body["directions"] == {"from_provider": 3, "to_client": 2}
    assert (body["count"], body["kept_days"], body["is_on"]) == (5, 30, True)
    assert AccessLogEntry.objects.get().reason == "complaint 7"


def test_they_are_filtered_and_paged(client: APIClient, log: dt.datetime) -> None:
    def numbers(query: str) -> tuple[int, list[int]]:
        body = client.get(f"{EVENTS}?{query}").json()
        return body["count"], [one["n"] for one in body["results"]]

    assert numbers("direction=to_client") == (2, [2, 4])
    assert numbers("type=error&type=response.done") == (3, [3, 4, 5])
    assert numbers("direction=from_provider&direction=to_client&page=2&page_size=2") == (5, [3, 4])
    assert numbers("find=WORD2") == (1, [5])
    assert numbers("page=9") == (5, [])
    for wrong in ("direction=sideways", "page=0", "page_size=501", f"type={'x' * 81}"):
        assert client.get(f"{EVENTS}?{wrong}").status_code == 400


def test_the_export_is_the_whole_log_and_stands_in_both_logs(
    client: APIClient, log: dt.datetime
) -> None:
    answer = client.get(f"{EVENTS}export/")
    assert answer["Content-Disposition"] == f'attachment; filename="{SESSION}-events.jsonl"'
    lines = [json.loads(line) for line in answer.content.splitlines()]
    assert [line["n"] for line in lines] == [1, 2, 3, 4, 5]
    assert AccessLogEntry.objects.count() == 1
    entry = AuditEntry.objects.get(action="call.export")
    assert (entry.targets, entry.detail) == ([SESSION], {"format": "events"})


def test_private_calls_have_neither(
    client: APIClient, call: RealtimeSession, conversation: Conversation
) -> None:
    Conversation.objects.update(is_private=True)
    for path in (EVENTS, f"{EVENTS}export/", LATENCY):
        assert client.get(path).status_code == 404
    assert not AccessLogEntry.objects.exists()


def test_the_words_of_a_call_take_its_events_along(log: dt.datetime, call: RealtimeSession) -> None:
    order = {"action": "delete", "session_ids": [SESSION], "confirm": "delete 1"}
    assert client_of(make_admin()).post("/api/review/calls/bulk/", order).status_code == 200
    assert not EventLogPart.objects.exists()


def test_events_are_kept_for_a_month_by_default(log: dt.datetime, settings: Settings) -> None:
    long_ago = timezone.now() - dt.timedelta(days=31)
    EventLogPart.objects.filter(run_id="zz").update(created_at=long_ago)
    assert "events: 1 would be deleted (older than 30 days)" in retention("--dry-run")
    assert "events: 1 deleted" in retention()
    assert EventLogPart.objects.get().run_id == "aa"
    settings.RETENTION_EVENTS_DAYS = 0
    assert "events: kept for ever" in retention()


def test_the_waterfall_joins_times_and_what_became_of_the_answer(
    client: APIClient, call: RealtimeSession, settings: Settings
) -> None:
    settings.LATENCY_TARGET_MS = 600
    began_at = timezone.now()
    for number, v2v_ms in enumerate((900.5, 400.25, None), 1):
        TurnTime.objects.create(
            session=call,
            response_id=f"resp_{number}",
            began_at=began_at,
            at_ms=number * 1000.0,
            think_ms=100.0 * number,
            v2v_ms=v2v_ms,
            is_clients_view=number == 1,
        )
    with CaptureQueriesContext(connection) as queries:
        body = client.get(LATENCY).json()
    assert len(queries) <= 10
    assert (body["target_ms"], body["transport"]) == (600, "websocket")
    first, second, third = body["turns"]
    assert (first["response_id"], first["item_ids"]) == ("resp_1", ["a1"])
    assert (first["is_interrupted"], first["answer_ms"], first["view"]) == (True, 420, "client")
    assert (second["status"], second["view"], second["stages"]["v2v_ms"]) == (
        "",
        "gateway",
        400.25,
    )
    assert third["stages"]["v2v_ms"] is None
    assert body["percentiles"] == {
        "think_ms": {"p50": 200.0, "p90": 300.0, "p95": 300.0, "count": 3},
        "v2v_ms": {"p50": 400.25, "p90": 900.5, "p95": 900.5, "count": 2},
    }
    assert not AccessLogEntry.objects.exists(), "numbers are nobody's words"


def test_answers_from_before_times_were_measured_are_listed_too(
    client: APIClient, call: RealtimeSession
) -> None:
    (turn,) = client.get(LATENCY).json()["turns"]
    assert (turn["answer_ms"], turn["at_ms"], turn["view"]) == (420, None, "gateway")
    assert set(turn["stages"].values()) == {None}


def test_the_context_is_what_was_sent_as_far_as_its_words_still_stand(
    client: APIClient, call: RealtimeSession, conversation: Conversation
) -> None:
    SentContext.objects.create(
        session=call,
        run_id="run",
        instructions="Ours.\n\nBe kind.",
        voice="marin",
        output_modalities=["audio"],
        tools=["crm"],
        history=["u1", "a1", "deleted"],
    )
    path = f"/api/review/calls/{SESSION}/"
    (sent,) = client.get(path).json()["context_sent"]["sent"]
    assert sent["instructions"] == "Ours.\n\nBe kind."
    assert [(line["item_id"], line["text"]) for line in sent["history"]] == [
        ("u1", "What is the weather in Paris?"),
        ("a1", "Sunny"),
    ]
    assert sent["gone"] == 1
    actions.delete_item(conversation.pk, SESSION, item_id="u1")
    assert Item.objects.get(item_id="u1").deleted_at is not None
    (sent,) = client.get(path).json()["context_sent"]["sent"]
    assert (len(sent["history"]), sent["gone"]) == (1, 2)
