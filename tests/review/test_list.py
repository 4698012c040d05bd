"""The list of everybody's conversations, its search and its filters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from conversations import actions
from conversations.models import AccessLogEntry, Conversation
from tests.people import client_of
from tests.review.conftest import SESSION

pytestmark = pytest.mark.django_db

ROOT = "/api/review/conversations/"


@pytest.fixture
def client(carol: User) -> APIClient:
    return client_of(carol)


def found(client: APIClient, **query: Any) -> set[str]:
    answer = client.get(ROOT, query)
    assert answer.status_code == 200, answer.json()
    return {row["owner"]["username"] for row in answer.json()["results"]}


def test_row_names_owner_snippet_and_newest_session(
    client: APIClient, conversation: Conversation, alice: User
) -> None:
    row = client.get(ROOT).json()["results"][0]
    assert row["id"] == str(conversation.pk)
    assert row["owner"] == {"id": alice.pk, "username": "alice"}
    assert row["items_count"] == 2
    assert row["snippet"] == "What is the weather in Paris?"
    assert row["session"]["session_id"] == SESSION
    assert row["session"]["state"] == "ended"
    assert row["session"]["end_reason"] == "user_hangup"
    assert row["session"]["user"]["username"] == "alice"


@pytest.mark.parametrize(
    ("query", "people"),
    [
        ({}, {"alice", "bob"}),
        ({"search": "paris"}, {"alice"}),
        ({"search": "milk shopping"}, {"bob"}),
        ({"search": "nothing like it"}, set()),
        ({"search": SESSION}, {"alice"}),
        ({"search": "rtc_9_unknown"}, set()),
        ({"user": "ALICE"}, {"alice"}),
        ({"user": "nobody"}, set()),
        ({"user": "9" * 40}, set()),
        ({"model": "gpt-realtime-mini"}, {"bob"}),
        ({"end_reason": "user_hangup"}, {"alice"}),
        ({"status": "live"}, {"bob"}),
        ({"status": "ended", "model": "gpt-realtime-mini"}, set()),
        ({"status": "", "model": "", "user": "", "search": ""}, {"alice", "bob"}),
    ],
)
def test_filters(
    client: APIClient,
    conversation: Conversation,
    other: Conversation,
    query: dict[str, str],
    people: set[str],
) -> None:
    assert found(client, **query) == people


def test_user_and_conversation_are_found_by_id(
    client: APIClient, conversation: Conversation, other: Conversation, alice: User
) -> None:
    assert found(client, user=alice.pk) == {"alice"}
    assert found(client, search=conversation.pk) == {"alice"}


def test_days_are_those_in_which_it_was_in_use(
    client: APIClient, conversation: Conversation
) -> None:
    now = timezone.now()
    Conversation.objects.update(
        created_at=now - timedelta(days=10), updated_at=now - timedelta(days=5)
    )

    def day(days_ago: int) -> str:
        return (now - timedelta(days=days_ago)).date().isoformat()

    assert found(client, date_from=day(7), date_to=day(6)) == {"alice"}
    assert found(client, date_from=day(5)) == {"alice"}
    assert found(client, date_to=day(10)) == {"alice"}
    assert found(client, date_from=day(4)) == set()
    assert found(client, date_to=day(11)) == set()
    assert found(client, date_from="0001-01-01", date_to="9999-12-31") == {"alice"}


@pytest.mark.parametrize(
    "query", [{"date_from": "yesterday"}, {"status": "asleep"}, {"search": "x" * 201}]
)
def test_wrong_filters_are_400(client: APIClient, query: dict[str, str]) -> None:
    assert client.get(ROOT, query).status_code == 400


def test_hidden_conversations_are_not_listed_and_archived_ones_are(
    client: APIClient, alice: User, conversation: Conversation
) -> None:
    actions.create_conversation(alice, hidden=True)
    actions.archive_conversation(conversation)
    rows = client.get(ROOT).json()["results"]
    assert [(row["id"], row["archived"]) for row in rows] == [(str(conversation.pk), True)]


def test_list_and_search_write_no_access_row(client: APIClient, conversation: Conversation) -> None:
    client.get(ROOT)
    client.get(ROOT, {"search": "paris"})
    assert not AccessLogEntry.objects.exists()


def test_list_takes_a_handful_of_queries_however_long(
    client: APIClient,
    conversation: Conversation,
    other: Conversation,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    # token, two for permissions, the reading switch, count, page, sessions
    with django_assert_num_queries(7):
        assert len(client.get(ROOT).json()["results"]) == 2
    with django_assert_num_queries(7):
        found(client, search="paris", model="gpt-realtime")
