"""The list of calls: 5,000 generated ones, every filter, sort and page, in at most 10 queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker
from rest_framework.test import APIClient

from accounts.models import User
from conversations.models import AccessLogEntry, Item
from realtime.models import RealtimeSession, ResponseUsage, TurnTime
from tests.people import client_of, make_carol
from tests.review.stages_from_log import stages_of
from tests.seeding.generated_call import Seeded
from tests.seeding.writing import seed_calls

pytestmark = pytest.mark.django_db

ROOT = "/api/review/calls/"
QUERIES_MAX = 10
CALLS = 5000
TRACED = 25


@pytest.fixture(scope="module")
def seeded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Seeded]:
    """The calls, in a transaction that ends with the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield seed_calls(CALLS, traced=TRACED)
        transaction.set_rollback(True)


@pytest.fixture
def client(seeded: Seeded) -> APIClient:
    return client_of(make_carol())


def asked(client: APIClient, path: str = "", /, **query: Any) -> dict[str, Any]:
    """The answer, which took few queries."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(ROOT + path, query)
    assert answer.status_code == 200, answer.json()
    assert len(queries) <= QUERIES_MAX, [query["sql"][:200] for query in queries]
    body: dict[str, Any] = answer.json()
    return body


def visible(seeded: Seeded) -> list[RealtimeSession]:
    return [call for call in seeded.sessions if not call.conversation.is_private]  # type: ignore[union-attr]


def measured(seeded: Seeded) -> Iterator[tuple[ResponseUsage, int]]:
    """Answers that were heard; one that called a tool was not."""
    for usage in seeded.usages:
        if usage.first_audio_ms is not None:
            yield usage, usage.first_audio_ms


def test_every_call_that_was_live_is_listed_once_newest_first(
    client: APIClient, seeded: Seeded
) -> None:
    page = asked(client)
    newest = sorted(visible(seeded), key=lambda call: call.started_at, reverse=True)  # type: ignore[arg-type,return-value]
    assert page["count"] == len(newest)
    assert [row["session_id"] for row in page["results"]] == [c.public_id for c in newest[:50]]
    last = asked(client, page=-(-len(newest) // 50))
    assert last["next"] is None
    assert last["results"][-1]["session_id"] == newest[-1].public_id
    assert not AccessLogEntry.objects.exists()


def test_a_row_tells_what_the_call_was(client: APIClient, seeded: Seeded) -> None:
    call = next(call for call in visible(seeded) if call.interruptions and call.turns > 3)
    (row,) = asked(client, search=call.public_id)["results"]
    times = sorted(ms for u, ms in measured(seeded) if u.session is call)
    assert row["user"] == {"id": call.user.pk, "username": call.user.username}
    assert row["first_audio_p50_ms"] == times[-(-len(times) // 2) - 1]
    assert row["first_audio_p95_ms"] == times[-1]
    assert row["duration_ms"] == call.duration_ms
    assert row["turns"] == call.turns
    assert row["interruptions"] == call.interruptions
    assert row["cost_usd"] == f"{call.cost_usd:.8f}"
    assert row["end_reason"] == call.end_reason
    assert "interrupted" in row["flags"]
    assert row["snippet"]["role"] == "user"
    (same,) = asked(client, search=str(call.conversation_id))["results"]
    assert same == row


def expected_of(seeded: Seeded, keeps: Any) -> set[str]:
    return {call.public_id for call in visible(seeded) if keeps(call)}


FILTERS: list[tuple[dict[str, Any], Any]] = [
    ({"model": "gpt-realtime-mini"}, lambda call: call.model == "gpt-realtime-mini"),
    ({"transport": "webrtc"}, lambda call: call.transport == "webrtc"),
    ({"end_reason": "server_lost"}, lambda call: call.end_reason == "server_lost"),
    ({"state": "live"}, lambda call: False),
    ({"language": "de"}, lambda call: call.language == "de"),
    ({"user": "CALLER-07"}, lambda call: call.user.username == "caller-07"),
    (
        {"group": "support"},
        lambda call: call.user.username in {f"caller-{n:02}" for n in range(1, 40, 3)},
    ),
    ({"opened_by": "api"}, lambda call: call.is_api_client),
    ({"opened_by": "page"}, lambda call: not call.is_api_client),
    ({"interrupted": "true"}, lambda call: call.interruptions > 0),
    ({"interrupted": "false"}, lambda call: call.interruptions == 0),
    (
        {"duration_min_s": 30, "duration_max_s": 45},
        lambda call: 30_000 <= call.duration_ms <= 45_000,
    ),
    (
        {"cost_min_usd": "0.05", "cost_max_usd": "0.10"},
        lambda call: Decimal("0.05") <= call.cost_usd <= Decimal("0.10"),
    ),
]


@pytest.mark.parametrize(("query", "keeps"), FILTERS, ids=lambda value: str(value)[:40])
def test_each_filter_keeps_what_it_names(
    client: APIClient, seeded: Seeded, query: dict[str, Any], keeps: Any
) -> None:
    wanted = expected_of(seeded, keeps)
    page = asked(client, page_size=100, **query)
    assert page["count"] == len(wanted)
    assert {row["session_id"] for row in page["results"]} <= wanted


def test_filters_over_lines_and_answers_agree_with_the_data(
    client: APIClient, seeded: Seeded
) -> None:
    tools = {i.session_id for i in seeded.items if i.kind == Item.Kind.FUNCTION_CALL}
    failed = {i.session_id for i in seeded.items if i.text.startswith('{"error"')}
    refunds = {i.session_id for i in seeded.items if "refund" in i.text and i.role == "user"}
    medians: dict[str, list[int]] = {}
    for usage, first_audio_ms in measured(seeded):
        medians.setdefault(usage.session.public_id, []).append(first_audio_ms)
    fast = {
        call for call, times in medians.items() if sorted(times)[-(-len(times) // 2) - 1] <= 400
    }
    for query, wanted in (
        ({"tool_call": "true"}, tools),
        ({"tool_error": "true"}, failed),
        ({"search": "refund", "said_by": "user"}, refunds),
        ({"first_audio_max_ms": 400}, fast),
        (
            {"search": "refund", "said_by": "user", "interrupted": "true", "tool_call": "true"},
            refunds & tools & expected_of(seeded, lambda call: call.interruptions),
        ),
    ):
        assert asked(client, **query)["count"] == len(
            wanted & expected_of(seeded, lambda call: True)
        ), query


def test_days_and_presets(client: APIClient, seeded: Seeded) -> None:
    today = timezone.localdate()
    monday = today - dt.timedelta(days=today.weekday() + 7)

    def between(first: dt.date, last: dt.date) -> int:
        return len(expected_of(seeded, lambda call: first <= call.started_at.date() <= last))

    for query, days in (
        ({"preset": "last_7_days"}, (today - dt.timedelta(days=6), today)),
        ({"preset": "last_week"}, (monday, monday + dt.timedelta(days=6))),
        ({"date_from": "2000-01-01", "date_to": "9999-12-31"}, (dt.date(2000, 1, 1), today)),
        ({"date_to": monday.isoformat()}, (dt.date(2000, 1, 1), monday)),
    ):
        assert asked(client, **query)["count"] == between(*days), query


def test_review_filters(client: APIClient, seeded: Seeded) -> None:
    shown = expected_of(seeded, lambda call: True)
    reviewed = {call.public_id for call in seeded.sessions[::11]} & shown
    assert asked(client, reviewer="caller-00")["count"] == len(reviewed)
    done, begun = asked(client, review_status="done"), asked(client, review_status="in_review")
    assert done["count"] + begun["count"] == len(reviewed)
    assert asked(client, review_status="open")["count"] == len(shown) - len(reviewed)
    rated = asked(client, rating_min=2, rating_max=3)
    assert {row["rating"] for row in rated["results"]} == {2, 3}
    tagged = asked(client, tag="BILLING")
    assert tagged["count"] > 0
    assert all([t["name"] for t in row["tags"]] == ["billing"] for row in tagged["results"])
    assert asked(client, tag=["billing", "bug"])["count"] == 0


@pytest.mark.parametrize(
    "key",
    [
        *("started", "duration", "cost", "turns", "interruptions", "first_audio_p50"),
        *("first_audio_p95", "user", "model", "transport", "end_reason", "rating"),
    ],
)
def test_each_column_sorts_both_ways(client: APIClient, key: str) -> None:
    name = {"started": "started_at", "duration": "duration_ms", "cost": "cost_usd"}.get(key, key)
    name = f"{name}_ms" if name.startswith(("first_audio", "v2v")) else name
    for sign in ("", "-"):
        rows = asked(client, sort=sign + key)["results"]
        values = [row[name]["username"] if key == "user" else row[name] or 0 for row in rows]
        values = [float(value) for value in values] if key == "cost" else values
        assert values == sorted(values, reverse=sign == "-")


def test_search_marks_what_it_found(client: APIClient, seeded: Seeded) -> None:
    row = asked(client, search="refund", said_by="user")["results"][0]
    hits = [part["text"] for part in row["snippet"]["parts"] if part["is_hit"]]
    assert [hit.lower() for hit in hits] == ["refund"]
    assert row["snippet"]["role"] == "user"
    assert "".join(part["text"] for part in row["snippet"]["parts"]) == row["snippet"]["text"]


def test_hostile_words_are_shown_short_on_one_line_and_without_controls(
    client: APIClient, seeded: Seeded
) -> None:
    for word in ("endless", "gnp", "title", "script", "calc"):
        for row in asked(client, search=word)["results"]:
            shown = row["snippet"]["text"]
            assert len(shown) < 400
            assert not any(ord(char) < 32 or char in "\u202e\u2066\x7f" for char in shown)


@pytest.mark.parametrize("search", ['"', "' OR 1=1 --", "NEAR(", "* ^ : & | !", "\\", "%", "( )"])
def test_no_search_is_an_error(client: APIClient, search: str) -> None:
    asked(client, search=search)


def test_summary_is_of_the_whole_filter(client: APIClient, seeded: Seeded) -> None:
    for query, calls in (
        ({}, visible(seeded)),
        ({"tag": "praise"}, None),
        ({"model": "gpt-realtime"}, [c for c in visible(seeded) if c.model == "gpt-realtime"]),
        ({"user": "nobody"}, []),
    ):
        numbers = asked(client, "summary/", **query)
        assert numbers["calls"] == asked(client, **query)["count"]
        if calls is None:
            continue
        ids = {call.pk for call in calls}
        times = sorted(ms for u, ms in measured(seeded) if u.session.pk in ids)
        broken = {"upstream_error", "upstream_closed", "server_lost", "upstream_expired"}
        failed = sum(call.end_reason in broken for call in calls)
        assert numbers["users"] == len({call.user.pk for call in calls})
        assert float(numbers["cost_usd"]) == pytest.approx(float(sum(c.cost_usd for c in calls)))
        assert numbers["minutes"] == pytest.approx(
            sum(c.duration_ms or 0 for c in calls) / 60_000, abs=0.05
        )
        assert numbers["first_audio_p50_ms"] == (times[-(-len(times) // 2) - 1] if times else None)
        assert numbers["error_rate"] == pytest.approx(failed / max(1, len(calls)), abs=1e-4)


def test_neighbours_follow_the_filter_and_its_order(client: APIClient) -> None:
    for query in (
        {"search": "refund", "preset": "last_30_days"},
        {"sort": "first_audio_p50", "model": "gpt-realtime"},
        {"sort": "-turns"},
        {"sort": "rating", "reviewer": "caller-00"},
    ):
        page = asked(client, **query)
        ids = [row["session_id"] for row in page["results"]]
        for at in (0, 1, 2):
            beside = asked(client, f"{ids[at]}/neighbours/", **query)
            assert beside == {
                "previous": ids[at - 1] if at else None,
                "next": ids[at + 1],
                "position": at + 1,
                "total": page["count"],
            }
    hidden = asked(client, f"{ids[0]}/neighbours/", user="nobody")
    assert hidden == {"previous": None, "next": None, "position": None, "total": 0}


def test_choices_name_what_occurs(client: APIClient) -> None:
    choices = asked(client, "choices/")
    assert choices["models"] == ["gpt-realtime", "gpt-realtime-2.1", "gpt-realtime-mini"]
    assert choices["transports"] == ["rest", "webrtc", "websocket"]
    assert choices["groups"] == ["Sales", "Support"]
    assert [tag["name"] for tag in choices["tags"]] == ["billing", "bug", "praise"]


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "secrets"},
        {"date_from": "yesterday"},
        {"duration_min_s": "-1"},
        {"rating_min": 6},
        {"search": "x" * 201},
        {"cost_min_usd": "NaN"},
        {"state": "asleep"},
        {"interrupted": "perhaps"},
    ],
)
def test_wrong_parameters_are_400(client: APIClient, query: dict[str, Any]) -> None:
    assert client.get(ROOT, query).status_code == 400


def test_a_call_that_never_was_live_is_no_call(client: APIClient, seeded: Seeded) -> None:
    before = asked(client)["count"]
    RealtimeSession.objects.create(
        public_id="rtc_minted", user=User.objects.get(username="caller-00"), model="m"
    )
    assert asked(client)["count"] == before


def test_percentiles_in_the_database_are_those_in_the_list(client: APIClient) -> None:
    rows = asked(client, sort="-first_audio_p95", page_size=100)["results"]
    answers = ResponseUsage.objects.filter(
        session__conversation__is_private=False, first_audio_ms__isnull=False
    )
    longest = answers.order_by("-first_audio_ms").values_list("first_audio_ms", flat=True).first()
    assert rows[0]["first_audio_p95_ms"] == longest
    slowest = asked(client, sort="-v2v_p95")["results"][0]
    times = TurnTime.objects.filter(session__conversation__is_private=False, v2v_ms__isnull=False)
    assert slowest["v2v_p95_ms"] == times.order_by("v2v_ms").last().v2v_ms  # type: ignore[union-attr]
    middle = -(-times.count() // 2) - 1
    assert asked(client, "summary/")["v2v_p50_ms"] == times.order_by("v2v_ms")[middle].v2v_ms


def test_the_latency_of_a_call_is_what_its_event_log_says(
    client: APIClient, seeded: Seeded
) -> None:
    traced = {time.session.public_id for time in seeded.times}
    for call in visible(seeded):
        path = f"{call.public_id}/"
        if call.public_id not in traced:
            continue
        client.get(f"{ROOT}{path}")  # the visit begins
        entries = asked(client, f"{path}events/", page_size=500)["results"]
        computed = stages_of(entries)
        waterfall = asked(client, f"{path}latency/")
        (row,) = asked(client, search=call.public_id)["results"]
        assert row["v2v_p50_ms"] == waterfall["percentiles"]["v2v_ms"]["p50"]
        assert [turn["response_id"] for turn in waterfall["turns"]] == list(computed)
        for turn in waterfall["turns"]:
            ours = computed[turn["response_id"]]
            assert {name: turn["stages"][name] for name in ours} == ours
