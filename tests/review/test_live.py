"""The live floor over REST: what runs, for those who poll."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from accounts.models import User
from conversations import actions
from conversations.models import AccessLogEntry, Conversation, ReadingSwitch
from realtime.models import RealtimeSession, ResponseUsage, SessionState, TurnTime
from tests.conversations.saying import answer, say
from tests.people import client_of

pytestmark = pytest.mark.django_db

FLOOR = "/api/review/live/"
SESSION = "rtc_1_live"
ONE = f"{FLOOR}{SESSION}/"
HOSTILE = "<script>x</script>\x1b[31m\u202e" + "x" * 5000


@pytest.fixture
def client(carol: User) -> APIClient:
    return client_of(carol)


@pytest.fixture
def call(alice: User) -> RealtimeSession:
    """alice's, with a question and an answer that has just begun."""
    conversation = actions.create_conversation(alice)
    say(conversation, "u1", HOSTILE, session_id=SESSION)
    actions.open_item(
        conversation.pk,
        SESSION,
        item_id="a1",
        role="assistant",
        source="voice",
        previous_item_id="u1",
    )
    session = run(conversation, SESSION, cost_usd=Decimal("0.25"))
    for first_audio_ms in (300, 500, 900):
        ResponseUsage.objects.create(
            session=session, reference=f"r{first_audio_ms}", first_audio_ms=first_audio_ms
        )
        TurnTime.objects.create(
            session=session,
            response_id=f"r{first_audio_ms}",
            began_at=session.created_at,
            at_ms=first_audio_ms,
            v2v_ms=first_audio_ms + 100.4,
        )
    return session


def run(conversation: Conversation, public_id: str, **fields: object) -> RealtimeSession:
    now = timezone.now()
    return RealtimeSession.objects.create(
        **{
            "public_id": public_id,
            "user_id": conversation.owner_id,
            "conversation": conversation,
            "state": SessionState.LIVE,
            "model": "gpt-realtime-2.1",
            "started_at": now - dt.timedelta(minutes=2),
            "slot_taken_at": now,
            "last_seen_at": now,
            **fields,
        }
    )


def test_a_running_call_is_listed_without_a_word_of_it(
    client: APIClient, call: RealtimeSession, settings: Settings
) -> None:
    settings.LIMIT_MONTH_USD = Decimal(20)
    floor = client.get(FLOOR).json()
    (row,) = floor["calls"]
    assert (row["session_id"], row["user"]["username"]) == (SESSION, "alice")
    assert (row["state"], row["activity"]) == ("live", "speaking")
    assert (row["v2v_ms"], row["first_audio_ms"]) == (600, 500)
    assert Decimal(row["cost_usd"]) == Decimal("0.25")
    assert (Decimal(row["month_usd"]), row["month_limit_usd"]) == (Decimal("0.25"), "20.00")
    assert (row["is_silent"], row["keeps_words"], floor["more"]) == (False, True, False)
    assert "script" not in str(floor)
    assert not AccessLogEntry.objects.exists()


def test_what_has_ended_or_is_private_or_not_begun_is_not_there(
    client: APIClient, call: RealtimeSession, bob: User
) -> None:
    private = actions.create_conversation(bob)
    Conversation.objects.filter(pk=private.pk).update(is_private=True)
    run(private, "rtc_private")
    open_one = actions.create_conversation(bob)
    run(open_one, "rtc_ended", state=SessionState.ENDED, ended_at=timezone.now())
    run(open_one, "rtc_minted", state=SessionState.MINTED, started_at=None)
    run(open_one, "rtc_lost", state=SessionState.DETACHED, slot_taken_at=None)
    calls = client.get(FLOOR).json()["calls"]
    assert {row["session_id"] for row in calls} == {SESSION, "rtc_lost"}
    lost = next(row for row in calls if row["session_id"] == "rtc_lost")
    assert (lost["activity"], lost["month_limit_usd"]) == ("reconnecting", None)
    assert client.get(f"{FLOOR}rtc_private/").status_code == 404


def test_opening_one_shows_its_words_and_is_one_visit(
    client: APIClient, call: RealtimeSession
) -> None:
    for _ in range(2):
        opened = client.get(ONE, headers={"X-Access-Reason": "shift"}).json()
    said, begun = opened["lines"]
    assert (said["role"], len(said["text"]), said["is_cut"]) == ("user", 4000, True)
    assert said["text"] == HOSTILE[:4000]
    assert (begun["status"], begun["text"]) == ("in_progress", "")
    entry = AccessLogEntry.objects.get()
    assert (entry.reviewer_username, entry.reason) == ("carol", "shift")
    assert entry.conversation_id == call.conversation_id


def test_of_a_call_that_keeps_no_words_none_are_shown(
    client: APIClient, call: RealtimeSession
) -> None:
    RealtimeSession.objects.filter(pk=call.pk).update(save_transcript=False)
    assert client.get(ONE).json()["lines"] == []
    assert not client.get(FLOOR).json()["calls"][0]["keeps_words"]


def test_with_reading_switched_off_nobody_sees_the_floor(
    client: APIClient, call: RealtimeSession, admin: User
) -> None:
    ReadingSwitch.objects.create(is_on=False)
    for path in (FLOOR, ONE):
        assert client.get(path).status_code == 403
        assert client_of(admin).get(path).status_code == 403


def test_where_a_reason_is_required_words_need_one(
    client: APIClient, call: RealtimeSession, settings: Settings
) -> None:
    settings.REVIEW_REASON_REQUIRED = True
    assert client.get(ONE).json()["code"] == "reason_required"
    assert client.get(FLOOR).status_code == 200


def test_three_hundred_calls_cost_no_more_than_ten_queries(
    client: APIClient, call: RealtimeSession, settings: Settings
) -> None:
    settings.LIMIT_MONTH_USD = Decimal(20)
    owners = User.objects.bulk_create(User(username=f"person{n}") for n in range(100))
    conversations = Conversation.objects.bulk_create(
        Conversation(owner=owners[n % 100]) for n in range(299)
    )
    now = timezone.now()
    RealtimeSession.objects.bulk_create(
        RealtimeSession(
            public_id=f"rtc_many_{n}",
            user_id=conversation.owner_id,
            conversation=conversation,
            state=SessionState.LIVE,
            model="gpt-realtime-2.1",
            started_at=now,
            slot_taken_at=now,
            last_seen_at=now - dt.timedelta(seconds=n),
        )
        for n, conversation in enumerate(conversations)
    )
    answer(conversations[0], "a1", "Hello")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        calls = client.get(FLOOR).json()["calls"]
    assert len(calls) == 300
    assert len(queries) <= 10, [query["sql"][:90] for query in queries]
    assert {row["is_silent"] for row in calls} == {True, False}
