"""Where an item stands in its conversation: behind the item its provider named, else at the end.

Items of one session stay together and sessions follow each other in the order of their first item.
Where others have to make room both functions raise LockNeeded, unless the page is locked.
"""

from __future__ import annotations

from django.db.models import F, Max, QuerySet

from conversations.models import Conversation, Item
from conversations.page import Page


def position_for_new_item(page: Page, previous_item_id: str | None) -> int:
    """Make room for one more item of the page's session and return its position."""
    last = page.last_item()
    if last is None:
        return 0
    if last.session_id == page.session_id and previous_item_id in (None, last.item_id):
        return last.position + 1  # as nearly always: at the end
    page.begin_to_move()
    items = _items(page.conversation)
    in_session = items.filter(session_id=page.session_id)
    previous = (
        in_session.filter(item_id=previous_item_id).values_list("position", flat=True).first()
        if previous_item_id
        else None
    )
    if previous is None:
        previous = _last_position(in_session)
    if previous is None:
        return last.position + 1
    previous = _end_of_interjections(in_session, previous)
    items.filter(position__gt=previous).update(position=F("position") + 1, seq=page.next_seq)
    return previous + 1


def move_after(page: Page, item: Item, previous_item_id: str) -> None:
    """Put a stored item right behind the named one of its session, if it does not stand there.

    An unknown neighbour (seeded history of an earlier session) leaves the item in its place.
    """
    named = page.find(previous_item_id)
    if named is None or named is item or item.position == named.position + 1:
        return
    page.begin_to_move()
    items = _items(page.conversation)
    previous = named.position
    in_session = items.filter(session_id=item.session_id).exclude(pk=item.pk)
    previous = _end_of_interjections(in_session, previous)
    if item.position == previous + 1:
        return
    if previous < item.position:
        items.filter(position__gt=previous, position__lt=item.position).update(
            position=F("position") + 1, seq=page.next_seq
        )
        item.position = previous + 1
    else:
        items.filter(position__gt=item.position, position__lte=previous).update(
            position=F("position") - 1, seq=page.next_seq
        )
        item.position = previous
    page.moved(item)


def _end_of_interjections(in_session: QuerySet[Item], position: int) -> int:
    """The position of the last answer outside the conversation that was given behind `position`.

    Such answers (`conversation: "none"`) name no neighbour. They stay where they were given, and
    what the conversation adds later stands behind them, not before.
    """
    followers = in_session.filter(position__gt=position).order_by("position")
    for following, role, named in followers.values_list("position", "role", "previous_item_id"):
        if named or role == Item.Role.USER or following != position + 1:
            break
        position = following
    return position


def _items(conversation: Conversation) -> QuerySet[Item]:
    return Item.objects.filter(conversation=conversation).order_by()


def _last_position(items: QuerySet[Item]) -> int | None:
    last: int | None = items.aggregate(last=Max("position"))["last"]
    return last
