"""Read side of conversations: lists, search, and what a new session is told of the past."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractUser
from django.db.models import Exists, OuterRef, Q, QuerySet, UUIDField

from conversations.made import Given, MadeRows
from conversations.models import Conversation, Item

CHARS_PER_TOKEN = 4
SEED_ITEMS_READ_AT_ONCE = 100
BEHIND_ALL = 2**31 - 1  # the highest position that the column takes


@dataclass(frozen=True, slots=True)
class Transcript:
    """The visible items in order, and the `seq` they are at least as new as.

    since: only what has changed after this `seq`, and of the items that were taken out since then
    the ids in `removed`; None: everything.
    """

    seq: int
    since: int | None
    items: Sequence[Item]
    removed: Sequence[Item] = ()


def conversations_of(user: AbstractUser, *, archived: bool = False) -> QuerySet[Conversation]:
    """The user's visible conversations, the most recently used first."""
    return Conversation.objects.filter(
        owner_id=user.pk, hidden=False, archived_at__isnull=not archived
    ).order_by("-updated_at", "-pk")


def matching(conversations: QuerySet[Conversation], search: str) -> QuerySet[Conversation]:
    """Those whose title or items contain every word of the search, in any letter case."""
    for word in search.split():
        said = Item.objects.filter(
            conversation=OuterRef("pk"), deleted_at__isnull=True, text__icontains=word
        )
        conversations = conversations.filter(Q(title__icontains=word) | Exists(said))
    return conversations


def items_of(conversation: Conversation) -> QuerySet[Item]:
    """The visible items in the order of the conversation."""
    return Item.objects.filter(conversation=conversation, deleted_at__isnull=True).order_by(
        "position"
    )


def transcript_of(conversation: Conversation, since: int = 0) -> Transcript:
    """The whole transcript, or what has changed since the one of that `seq`.

    Items may be newer than `seq`, never older: a notice then refetches. A `since` that this
    conversation has not reached (its database is an older copy) is answered with everything.
    """
    seq = Conversation.objects.values_list("seq", flat=True).get(pk=conversation.pk)
    if not 0 < since <= seq:
        return Transcript(seq=seq, since=None, items=list(items_of(conversation)))
    changed = Item.objects.filter(conversation=conversation, seq__gt=since).order_by("position")
    items: list[Item] = []
    removed: list[Item] = []
    for item in changed:
        (items if item.deleted_at is None else removed).append(item)
    return Transcript(seq=seq, since=since, items=items, removed=removed)


def history_for_seed(conversation_id: uuid.UUID, max_tokens: int) -> list[tuple[str, str, str]]:
    """(item_id, role, text) of the newest messages that fit the budget, oldest first.

    An interrupted answer counts with the part that was heard. Calls and empty items are left out.
    A token is taken as four characters; the item that would pass the budget ends the reading, so
    the history has no hole.
    """
    budget_chars = max_tokens * CHARS_PER_TOKEN
    seed: list[tuple[str, str, str]] = []
    for item_id, role, said, heard in _newest_first(conversation_id):
        text = (said if heard is None else heard).strip()
        if not text:
            continue
        budget_chars -= len(text)
        if budget_chars < 0:
            break
        seed.append((item_id, role, text))
    seed.reverse()
    return seed


def _newest_first(conversation_id: uuid.UUID) -> Iterator[tuple[str, str, str, str | None]]:
    """What the messages say, a handful at a time: mostly the first is all there is."""
    before = BEHIND_ALL
    while True:
        rows = _MESSAGES(conversation_id=conversation_id, before=before)
        for item_id, role, text, heard_text, _ in rows:
            yield item_id, role, text, heard_text
        if len(rows) < SEED_ITEMS_READ_AT_ONCE:
            return
        before = rows[-1][-1]


_MESSAGES = MadeRows(
    lambda: (
        Item.objects.filter(
            conversation_id=Given("conversation_id", UUIDField()),
            position__lt=Given("before"),
            deleted_at__isnull=True,
            kind=Item.Kind.MESSAGE,
            role__in=[Item.Role.USER, Item.Role.ASSISTANT],
        )
        .exclude(status=Item.Status.FAILED)
        .order_by("-position")
        .values_list("item_id", "role", "text", "heard_text", "position")[:SEED_ITEMS_READ_AT_ONCE]
    )
)
