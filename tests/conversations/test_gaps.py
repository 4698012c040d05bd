"""A stretch of a call to which nobody listened is shown wherever the conversation is read."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import User
from conversations import actions
from conversations.export.formats import EXPORT_FORMATS
from conversations.models import Conversation, Item
from conversations.queries import history_for_seed, items_of
from tests import people
from tests.conversations.conftest import Feed
from tests.conversations.saying import SESSION, say

BEGAN = dt.datetime(2026, 11, 21, 14, 2, 3, tzinfo=dt.UTC)
ENDED = BEGAN + dt.timedelta(seconds=3.1)
WORDS = (
    "Recording gap from 2026-11-21 14:02:03 UTC to 2026-11-21 14:02:06 UTC (3.1 s): what was said"
    " in between was not recorded."
)


def gap(conversation: Conversation, ended_at: dt.datetime | None = None) -> Item:
    return actions.record_gap(
        conversation.pk, SESSION, item_id="gap_1", began_at=BEGAN, ended_at=ended_at
    )


def test_a_gap_stands_where_it_happened_and_says_from_when_to_when(
    conversation: Conversation,
) -> None:
    say(conversation, "item_1", "Hello.")
    gap(conversation)
    gap(conversation, ENDED)
    say(conversation, "item_2", "Are you there?", after="item_1")
    assert {item.item_id for item in items_of(conversation)} == {"item_1", "gap_1", "item_2"}
    stored = Item.objects.get(item_id="gap_1")
    assert (stored.text, stored.status, stored.role) == (WORDS, "completed", "system")
    assert (stored.created_at, stored.completed_at) == (BEGAN, ENDED)


def test_a_gap_that_is_told_twice_is_one(conversation: Conversation, feed: Feed) -> None:
    gap(conversation)
    gap(conversation, ENDED)
    told = len(feed.told)
    gap(conversation)
    gap(conversation, timezone.now())
    assert (Item.objects.count(), len(feed.told)) == (1, told)
    assert Item.objects.get().completed_at == ENDED


def test_a_gap_that_lasted_to_the_end_of_the_call_says_so(conversation: Conversation) -> None:
    gap(conversation)
    actions.settle_open_items(conversation.pk, SESSION)
    stored = Item.objects.get()
    assert stored.status == "incomplete"
    assert stored.text.startswith("Recording gap from 2026-11-21 14:02:03 UTC on")


@pytest.mark.parametrize("export_format", sorted(EXPORT_FORMATS))
def test_every_export_shows_a_gap(conversation: Conversation, export_format: str) -> None:
    gap(conversation, ENDED)
    exported = EXPORT_FORMATS[export_format].render(conversation, list(items_of(conversation)))
    assert WORDS in exported


def test_its_owner_and_a_reviewer_see_a_gap(
    conversation: Conversation, alice: User, carol: User
) -> None:
    gap(conversation, ENDED)
    own = people.client_of(alice).get(f"/api/conversations/{conversation.pk}/items/").json()
    assert [(item["kind"], item["text"]) for item in own["results"]] == [("recording_gap", WORDS)]
    read = people.client_of(carol).get(f"/api/review/conversations/{conversation.pk}/").json()
    assert [item["text"] for item in read["items"]] == [WORDS]


def test_the_model_is_not_told_of_gaps(conversation: Conversation) -> None:
    gap(conversation, ENDED)
    assert history_for_seed(conversation.pk, 1000) == []
