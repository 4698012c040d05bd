"""The usage board: right numbers, few queries, and a table that harms no spreadsheet."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from conversations.models import Conversation
from realtime.models import RealtimeSession, ResponseUsage
from review.usage.table import harmless
from tests.people import client_of, make_carol
from tests.review.conftest import SESSION
from tests.seeding.writing import seed_calls

USAGE = "/api/review/usage/"


def finish(user: User, minutes: int, *answers_ms: int, **fields: object) -> RealtimeSession:
    """A call of this length that ended just now, with answers that began after so long."""
    now = timezone.now()
    number = RealtimeSession.objects.count()
    session = RealtimeSession.objects.create(
        **{
            "public_id": f"rtc_{user.pk}_{number}",
            "user": user,
            "model": "gpt-realtime",
            "state": "ended",
            "end_reason": "user_hangup",
            "started_at": now - dt.timedelta(minutes=minutes),
            "ended_at": now,
            "turns": len(answers_ms),
            **fields,
        }
    )
    for place, first_audio_ms in enumerate(answers_ms):
        ResponseUsage.objects.create(
            session=session, reference=f"r{place}", first_audio_ms=first_audio_ms
        )
    return session


@pytest.mark.django_db
def test_the_numbers_are_those_of_the_calls(alice: User, bob: User, carol: User) -> None:
    family = Group.objects.create(name="=family")
    alice.groups.add(family)
    finish(alice, 10, 100, 200, 300, 400, interruptions=1, cost_usd=Decimal("0.5"))
    finish(alice, 2, 500, end_reason="upstream_error", cost_usd=Decimal("0.25"))
    finish(bob, 3, model="gpt-realtime-2.1")
    body = client_of(carol).get(USAGE).json()
    total = body["total"]
    assert (total["calls"], total["minutes"], total["users"]) == (3, 15.0, 2)
    assert Decimal(total["cost_usd"]) == Decimal("0.75")
    assert (total["turns"], total["interruptions_per_turn"]) == (5, 0.2)
    times = [total[f"first_audio_p{percent}_ms"] for percent in (50, 90, 95)]
    assert times == [300, 500, 500]
    assert total["error_rate"] == pytest.approx(1 / 3, abs=1e-4)
    assert [(row["key"], row["calls"]) for row in body["models"]] == [
        ("gpt-realtime", 2),
        ("gpt-realtime-2.1", 1),
    ]
    assert [(row["key"], row["calls"]) for row in body["groups"]] == [("=family", 2), ("", 1)]
    assert body["end_reasons"] == [
        {"end_reason": "user_hangup", "calls": 2},
        {"end_reason": "upstream_error", "calls": 1},
    ]
    assert client_of(carol).get(USAGE, {"model": "gpt-realtime-2.1"}).json()["total"]["calls"] == 1


@pytest.mark.django_db
def test_the_table_holds_the_same_and_no_formula(alice: User, carol: User) -> None:
    alice.groups.add(Group.objects.create(name="=family"))
    finish(alice, 10, 100)
    answer = client_of(carol).get(USAGE, {"format": "csv"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert {row["by"] for row in rows} == {"all", "day", "model", "group", "end_reason"}
    assert [row["key"] for row in rows if row["by"] == "group"] == ["'=family"]
    assert rows[0]["calls"] == "1"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "  =1"])
def test_a_cell_that_would_be_computed_is_quoted(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless("plain") == "plain"


@pytest.mark.django_db
def test_the_board_is_for_reviewers(alice: User, carol: User) -> None:
    assert client_of(alice).get(USAGE).status_code == 403
    assert client_of(carol).get(USAGE, {"format": "xml"}).status_code == 400


@pytest.mark.django_db
def test_a_private_conversation_is_in_no_number(carol: User, conversation: Conversation) -> None:
    RealtimeSession.objects.filter(public_id=SESSION).update(started_at=timezone.now())
    assert client_of(carol).get(USAGE).json()["total"]["calls"] == 1
    Conversation.objects.filter(pk=conversation.pk).update(is_private=True)
    assert client_of(carol).get(USAGE).json()["total"]["calls"] == 0


@pytest.mark.django_db
def test_many_calls_cost_few_queries() -> None:
    seeded = seed_calls(400)
    carol = client_of(make_carol())
    with CaptureQueriesContext(connection) as queries:
        body = carol.get(USAGE, {"date_from": "2000-01-01"}).json()
    assert len(queries) <= 10
    assert body["total"]["calls"] == sum(day["calls"] for day in body["days"])
    ends = Counter(
        session.end_reason for session in seeded.sessions if session.started_at is not None
    )
    counted = {row["end_reason"]: row["calls"] for row in body["end_reasons"]}
    assert sum(counted.values()) <= sum(ends.values())
    assert set(counted) <= set(ends)
