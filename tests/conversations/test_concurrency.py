"""Writers of one conversation wait for each other; none is lost, none is doubled."""

from __future__ import annotations

import pytest

from accounts.models import User
from conversations.access import access_conversation_for_review
from conversations.models import AccessLogEntry, Conversation, Item
from tests.conversations.saying import SESSION, order, say
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_items_stored_at_once_get_positions_without_gaps_or_doubles(
    conversation: Conversation,
) -> None:
    results = at_once(
        [lambda n=n: say(conversation, f"item_{n}", str(n)) for n in range(12)]  # type: ignore[misc]
    )
    assert all(isinstance(result, Item) for result in results), results
    assert sorted(order(conversation)) == sorted(f"item_{n}" for n in range(12))


def test_one_item_stored_at_once_by_many_exists_once(conversation: Conversation) -> None:
    results = at_once([lambda: say(conversation, "item_1", "once")] * 10)
    assert all(isinstance(result, Item) for result in results), results
    assert Item.objects.filter(session_id=SESSION, item_id="item_1").count() == 1


def test_every_change_raises_seq(conversation: Conversation) -> None:
    at_once([lambda n=n: say(conversation, f"item_{n}", "x") for n in range(6)])  # type: ignore[misc]
    conversation.refresh_from_db()
    assert conversation.seq == 12


def test_one_visit_in_many_tabs_is_logged_once(conversation: Conversation, carol: User) -> None:
    results = at_once([lambda: access_conversation_for_review(carol, conversation.pk, "why")] * 8)
    assert all(isinstance(result, Conversation) for result in results), results
    assert AccessLogEntry.objects.count() == 1
