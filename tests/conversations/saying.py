"""Short ways of letting people say things in a conversation, as a session would store them."""

from __future__ import annotations

from conversations import actions
from conversations.models import Conversation, Item
from conversations.queries import items_of

SESSION = "rtc_1_first"


def say(
    conversation: Conversation,
    item_id: str,
    text: str,
    *,
    role: str = "user",
    after: str | None = None,
    session_id: str = SESSION,
    source: str = "voice",
) -> Item:
    """Open the item behind `after` and complete it with the text."""
    actions.open_item(
        conversation.pk,
        session_id,
        item_id=item_id,
        role=role,
        kind="message",
        source=source,
        previous_item_id=after,
    )
    return actions.complete_item(
        conversation.pk, session_id, item_id=item_id, text=text, status="completed"
    )


def answer(conversation: Conversation, item_id: str, text: str, after: str | None = None) -> Item:
    """The assistant says it."""
    return say(conversation, item_id, text, role="assistant", after=after)


def order(conversation: Conversation) -> list[str]:
    """The item ids in order; checks that positions have no gap."""
    stored = Item.objects.filter(conversation=conversation).order_by("position")
    assert [item.position for item in stored] == list(range(len(stored)))
    return [item.item_id for item in items_of(conversation)]
