"""What has changed since an earlier reading: enough to have the whole transcript again."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from conversations import actions
from conversations.models import Conversation, Item
from conversations.scribe import Scribe
from tests.conversations.saying import SESSION, answer, say
from tests.conversations.test_scribe import random_change, write
from tests.people import client_of

pytestmark = pytest.mark.django_db(transaction=True)


MORNING = datetime(2026, 11, 20, 8, tzinfo=UTC)


class Reader:
    """Keeps a conversation as a page does: read once, then only what has changed."""

    def __init__(self, person: User, conversation: Conversation) -> None:
        self._client = client_of(person)
        self._address = f"/api/conversations/{conversation.pk}/items/"
        self._seq = 0
        self._items: dict[tuple[str, str], dict[str, Any]] = {}

    def read(self) -> dict[str, Any]:
        """Ask for what is new and take it in; returns the answer."""
        said: dict[str, Any] = self._client.get(self._address, {"since": self._seq}).json()
        if said["since"] is None:
            self._items = {}
        for item in said["removed"]:
            self._items.pop((item["session_id"], item["item_id"]), None)
        for item in said["results"]:
            self._items[item["session_id"], item["item_id"]] = item
        self._seq = said["seq"]
        return said

    @property
    def transcript(self) -> list[dict[str, Any]]:
        return sorted(self._items.values(), key=lambda item: int(item["position"]))

    def everything(self) -> list[dict[str, Any]]:
        """The transcript as it is read without `since`."""
        results: list[dict[str, Any]] = self._client.get(self._address).json()["results"]
        return results


@pytest.fixture
def alices_reader(alice: User, conversation: Conversation) -> Reader:
    return Reader(alice, conversation)


@pytest.mark.parametrize("seed", range(6))
def test_whoever_reads_only_changes_has_the_whole_transcript(
    conversation: Conversation, alices_reader: Reader, seed: int
) -> None:
    chance = random.Random(seed)
    sessions = [SESSION, "rtc_1_second"]
    scribes = [Scribe(conversation.pk, session_id) for session_id in sessions]
    for number in range(25):
        scribe = chance.choice(scribes)
        write(scribe, *(random_change(chance) for _ in range(chance.randrange(1, 4))))
        if chance.random() < 0.1:
            actions.settle_open_items(conversation.pk, chance.choice(sessions))
        if chance.random() < 0.2:
            actions.record_gap(
                conversation.pk,
                SESSION,
                item_id=f"gap_{chance.randrange(3)}",
                began_at=MORNING,
                ended_at=chance.choice([None, MORNING + timedelta(minutes=1)]),
            )
        if chance.random() < 0.1:
            actions.forget_words(conversation.pk, "rtc_1_third")
            say(conversation, f"u{number}", "soon forgotten", session_id="rtc_1_third")
        if chance.random() < 0.3:
            actions.rename_conversation(conversation, f"Plans {number}")
        if chance.random() < 0.5:
            alices_reader.read()
            assert alices_reader.transcript == alices_reader.everything()
    alices_reader.read()
    assert alices_reader.transcript == alices_reader.everything()


def test_only_what_has_changed_is_told(conversation: Conversation, alices_reader: Reader) -> None:
    say(conversation, "u1", "hello")
    answer(conversation, "a1", "hi", after="u1")
    assert alices_reader.read()["since"] is None
    answer(conversation, "a2", "anything else?", after="a1")
    said = alices_reader.read()
    assert said["since"] is not None
    assert [item["item_id"] for item in said["results"]] == ["a2"]
    assert alices_reader.read()["results"] == []


def test_items_that_make_room_are_told_with_their_new_places(
    conversation: Conversation, alices_reader: Reader
) -> None:
    say(conversation, "u1", "one")
    say(conversation, "u3", "three", after="u1")
    alices_reader.read()
    say(conversation, "u2", "two", after="u1")
    alices_reader.read()
    assert [item["item_id"] for item in alices_reader.transcript] == ["u1", "u2", "u3"]
    assert alices_reader.transcript == alices_reader.everything()


def test_what_was_taken_out_is_told_by_name_alone(
    conversation: Conversation, alices_reader: Reader
) -> None:
    say(conversation, "u1", "my secret")
    say(conversation, "u2", "and more", after="u1")
    alices_reader.read()
    actions.delete_item(conversation.pk, SESSION, item_id="u1")
    said = alices_reader.read()
    assert said["removed"] == [{"session_id": SESSION, "item_id": "u1"}]
    assert said["results"] == []
    assert "secret" not in str(said)
    assert [item["item_id"] for item in alices_reader.transcript] == ["u2"]


def test_words_that_were_forgotten_leave_who_had_read_them(
    conversation: Conversation, alices_reader: Reader
) -> None:
    say(conversation, "u1", "my secret")
    say(conversation, "u1", "kept", session_id="rtc_1_second")
    alices_reader.read()
    actions.forget_words(conversation.pk, SESSION)
    alices_reader.read()
    assert [item["text"] for item in alices_reader.transcript] == ["kept"]


def test_a_reader_from_the_future_is_told_everything(
    alice: User, conversation: Conversation
) -> None:
    """The database was put back to an older copy."""
    say(conversation, "u1", "hello")
    address = f"/api/conversations/{conversation.pk}/items/"
    said = client_of(alice).get(address, {"since": 2**63 - 1}).json()
    assert said["since"] is None
    assert [item["item_id"] for item in said["results"]] == ["u1"]


def test_items_from_before_they_had_a_seq_are_told_when_they_change(
    conversation: Conversation, alices_reader: Reader
) -> None:
    say(conversation, "u1", "hello")
    answer(conversation, "a1", "hi there", after="u1")
    Item.objects.update(seq=None)
    alices_reader.read()
    assert alices_reader.read()["results"] == []
    actions.mark_heard(conversation.pk, SESSION, item_id="a1", heard_text="hi", heard_ms=200)
    assert [item["item_id"] for item in alices_reader.read()["results"]] == ["a1"]
    assert alices_reader.transcript == alices_reader.everything()


@pytest.mark.parametrize("since", ["-1", "soon", "1.5", str(2**63), "9" * 400])
def test_a_since_that_is_no_seq_is_refused(
    alice: User, conversation: Conversation, since: str
) -> None:
    client: APIClient = client_of(alice)
    refused = client.get(f"/api/conversations/{conversation.pk}/items/", {"since": since})
    assert refused.status_code == 400
    assert "since" in str(refused.json())
