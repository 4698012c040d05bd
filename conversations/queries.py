"""Read side of conversations: lists, search, and what a new session is told of the past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from conversations.models import Conversation, Item

CHARS_PER_TOKEN = 4
SEED_ITEMS_READ_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Transcript:
    """The visible items in order, and the `seq` they are at least as new as."""

    seq: int
    items: Sequence[Item]


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


def transcript_of(conversation: Conversation) -> Transcript:
    """The whole transcript. Items may be newer than `seq`, never older: a notice then refetches."""
    seq = Conversation.objects.values_list("seq", flat=True).get(pk=conversation.pk)
    return Transcript(seq=seq, items=list(items_of(conversation)))


def history_for_seed(conversation: Conversation, max_tokens: int) -> list[tuple[str, str, str]]:
    """(item_id, role, text) of the newest messages that fit the budget, oldest first.

    An interrupted answer counts with the part that was heard. Calls and empty items are left out.
    A token is taken as four characters; the item that would pass the budget ends the reading, so
    the history has no hole.
    """
    budget_chars = max_tokens * CHARS_PER_TOKEN
    newest_first = (
        items_of(conversation)
        .filter(kind=Item.Kind.MESSAGE, role__in=[Item.Role.USER, Item.Role.ASSISTANT])
        .exclude(status=Item.Status.FAILED)
        .reverse()
    )
    seed: list[tuple[str, str, str]] = []
    for item in newest_first.iterator(chunk_size=SEED_ITEMS_READ_AT_ONCE):
        text = (item.text if item.heard_text is None else item.heard_text).strip()
        if not text:
            continue
        budget_chars -= len(text)
        if budget_chars < 0:
            break
        seed.append((item.item_id, item.role, text))
    seed.reverse()
    return seed
