"""`/api/conversations/` as its owner uses it."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from conversations import actions
from conversations.models import Conversation
from tests.conversations.saying import SESSION, answer, say
from tests.people import client_of

pytestmark = pytest.mark.django_db

ROOT = "/api/conversations/"


@pytest.fixture
def client(alice: User) -> APIClient:
    return client_of(alice)


def titles(client: APIClient, **query: Any) -> list[str]:
    body = client.get(ROOT, query).json()
    return [conversation["title"] for conversation in body["results"]]


def test_created_conversation_is_listed_and_read(client: APIClient) -> None:
    created = client.post(ROOT, {"title": "Plans"})
    assert created.status_code == 201
    assert set(created.json()) == {
        "id",
        "title",
        "archived",
        "archived_at",
        "private",
        "seq",
        "created_at",
        "updated_at",
    }
    assert client.get(f"{ROOT}{created.json()['id']}/").json() == created.json()
    assert client.get(ROOT).json() == {
        "count": 1,
        "next": None,
        "previous": None,
        "results": [created.json()],
    }


def test_conversation_needs_no_title(client: APIClient) -> None:
    assert client.post(ROOT, {}).json()["title"] == ""


@pytest.mark.parametrize(
    "body", [{"title": "x" * 201}, {"title": ["no"]}, {"archived": "perhaps"}, ["no"], "no"]
)
def test_wrong_changes_are_400(client: APIClient, conversation: Conversation, body: Any) -> None:
    assert client.patch(f"{ROOT}{conversation.pk}/", body).status_code == 400


def test_body_that_is_no_json_is_400(client: APIClient) -> None:
    answer = client.post(ROOT, "{not json", content_type="application/json")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_newest_use_comes_first(client: APIClient, alice: User) -> None:
    first, _second = (actions.create_conversation(alice, title) for title in ("first", "second"))
    assert titles(client) == ["second", "first"]
    say(first, "u1", "hello again")
    assert titles(client) == ["first", "second"]


def test_hidden_conversation_is_in_no_list_until_something_is_said(
    client: APIClient, conversation: Conversation
) -> None:
    assert titles(client) == []
    assert client.get(f"{ROOT}{conversation.pk}/").status_code == 200
    say(conversation, "u1", "hello")
    assert titles(client) == ["hello"]


def test_search_finds_every_word_in_titles_and_items(client: APIClient, alice: User) -> None:
    weather = actions.create_conversation(alice, "Weather")
    say(weather, "u1", "Will it rain in Paris")
    answer(weather, "a1", "100% sure: it_will", after="u1")
    actions.create_conversation(alice, "Shopping")
    assert titles(client, search="PARIS") == ["Weather"]
    assert titles(client, search="weather rain") == ["Weather"]
    assert titles(client, search="shopp") == ["Shopping"]
    assert titles(client, search="rain shopping") == []
    assert titles(client, search="100% it_w") == ["Weather"]
    assert titles(client, search="%") == ["Weather"]
    assert titles(client, search="_") == ["Weather"]
    assert titles(client, search="  ") == ["Shopping", "Weather"]
    assert client.get(ROOT, {"search": "\x00"}).status_code == 400


def test_search_does_not_find_deleted_items(client: APIClient, alice: User) -> None:
    conversation = actions.create_conversation(alice, "t")
    say(conversation, "u1", "forget this")
    actions.delete_item(conversation.pk, SESSION, item_id="u1")
    assert titles(client, search="forget") == []


def test_archived_conversations_are_listed_apart(client: APIClient, alice: User) -> None:
    conversation = actions.create_conversation(alice, "Old")
    path = f"{ROOT}{conversation.pk}/"
    changed = client.patch(path, {"archived": True}).json()
    assert changed["archived"] is True
    assert changed["archived_at"] is not None
    assert (titles(client), titles(client, archived="true")) == ([], ["Old"])
    assert client.patch(path, {"archived": False}).json()["archived_at"] is None
    assert (titles(client), titles(client, archived="true")) == (["Old"], [])


def test_title_and_archive_change_together_and_seq_grows(client: APIClient, alice: User) -> None:
    conversation = actions.create_conversation(alice, "Old")
    body = client.patch(f"{ROOT}{conversation.pk}/", {"title": " New\n", "archived": True}).json()
    assert (body["title"], body["archived"], body["seq"]) == ("New", True, 2)


def test_list_is_paged(client: APIClient, alice: User) -> None:
    for number in range(5):
        actions.create_conversation(alice, str(number))
    first = client.get(ROOT, {"page_size": 2}).json()
    assert (first["count"], first["previous"]) == (5, None)
    seen = titles(client, page_size=2, page=1) + titles(client, page_size=2, page=2)
    assert seen + titles(client, page_size=2, page=3) == ["4", "3", "2", "1", "0"]
    assert client.get(first["next"]).status_code == 200
    for page in ("4", "0", "x"):
        assert client.get(ROOT, {"page_size": 2, "page": page}).status_code == 404


def test_list_takes_three_queries_however_long(
    client: APIClient, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(10):
        say(actions.create_conversation(alice), f"u{number}", "words")
    with django_assert_num_queries(3):
        assert len(titles(client, search="words")) == 10


def test_items_come_in_order_with_all_their_fields(
    client: APIClient,
    conversation: Conversation,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    say(conversation, "u1", "hello")
    answer(conversation, "a1", "hi there", after="u1")
    actions.mark_heard(conversation.pk, SESSION, item_id="a1", heard_text="hi", heard_ms=90)
    with django_assert_num_queries(4):
        body = client.get(f"{ROOT}{conversation.pk}/items/").json()
    conversation.refresh_from_db()
    assert set(body) == {"seq", "since", "results", "removed"}
    assert (body["seq"], body["since"], body["removed"]) == (conversation.seq, None, [])
    user, assistant = body["results"]
    assert user == {
        "item_id": "u1",
        "session_id": SESSION,
        "previous_item_id": None,
        "role": "user",
        "kind": "message",
        "status": "completed",
        "source": "voice",
        "text": "hello",
        "heard_text": None,
        "heard_ms": None,
        "call_id": None,
        "name": None,
        "position": 0,
        "created_at": user["created_at"],
        "completed_at": user["completed_at"],
    }
    assert (assistant["heard_text"], assistant["heard_ms"], assistant["position"]) == ("hi", 90, 1)


def test_deleted_conversation_is_gone(client: APIClient, conversation: Conversation) -> None:
    say(conversation, "u1", "hello")
    answer = client.delete(f"{ROOT}{conversation.pk}/")
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(f"{ROOT}{conversation.pk}/").status_code == 404
    assert client.delete(f"{ROOT}{conversation.pk}/").status_code == 404


def test_method_that_does_not_exist_is_405(client: APIClient, conversation: Conversation) -> None:
    assert client.put(f"{ROOT}{conversation.pk}/", {}).status_code == 405
    assert client.post(f"{ROOT}{conversation.pk}/items/", {}).status_code == 405
