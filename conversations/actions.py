"""The only writers of conversations. Each action is atomic, locks its conversation, and publishes.

Item actions are idempotent by (conversation, session_id, item_id): the same call twice changes
nothing, raises `seq` by nothing and tells nobody. They raise ConversationNotFound when the
conversation has been deleted meanwhile.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.db.models import CharField, DateTimeField, UUIDField
from django.utils import timezone

from conversations import changes
from conversations.made import Given, MadeUpdate
from conversations.models import Conversation, Item
from conversations.notices import Notice, NoticeType, publish
from conversations.page import Page, lock
from conversations.rows import insert
from conversations.titles import one_line

P = ParamSpec("P")
T = TypeVar("T")


_SETTLE = MadeUpdate(
    lambda: Item.objects.filter(
        conversation_id=Given("conversation_id", UUIDField()),
        session_id=Given("session_id", CharField()),
        status=Item.Status.IN_PROGRESS,
    ),
    status=Item.Status.INCOMPLETE,
    completed_at=Given("now", DateTimeField()),
    seq=Given("seq"),
)


@transaction.atomic
def create_conversation(owner: AbstractUser, title: str = "", hidden: bool = False) -> Conversation:
    """A new, empty conversation. A hidden one shows itself with its first item."""
    conversation = Conversation(owner_id=owner.pk, title=_clean_title(title), hidden=hidden)
    insert(conversation)
    if not hidden:
        _publish(conversation, "conversation.updated")
    return conversation


@transaction.atomic
def rename_conversation(conversation: Conversation, title: str) -> Conversation:
    """Give it this title; an empty one is replaced by the next words its owner says."""
    locked = lock(conversation.pk)
    title = _clean_title(title)
    if locked.title != title:
        locked.title = title
        _save_change(locked, "title")
    return locked


@transaction.atomic
def archive_conversation(conversation: Conversation, archived: bool = True) -> Conversation:
    """Put it away, or take it back with `archived=False`."""
    locked = lock(conversation.pk)
    if (locked.archived_at is not None) != archived:
        locked.archived_at = timezone.now() if archived else None
        _save_change(locked, "archived_at")
    return locked


@transaction.atomic
def make_private(conversation: Conversation, private: bool = True) -> Conversation:
    """Keep it from reviewers, or let them read it again with `private=False`."""
    locked = lock(conversation.pk)
    if locked.is_private != private:
        locked.is_private = private
        _save_change(locked, "is_private")
    return locked


@transaction.atomic
def delete_conversation(conversation: Conversation) -> None:
    """Remove it with all that was said in it. Sessions keep their cost without it."""
    locked = lock(conversation.pk)
    notice = Notice("conversation.deleted", str(locked.pk), locked.seq + 1)
    owner_id = locked.owner_id
    locked.delete()
    publish(owner_id, lambda: [notice])


@transaction.atomic
def forget_words(conversation_id: str | uuid.UUID, session_id: str) -> int:
    """Blank what was said in one session that is over, for good; returns how many items.

    The rows keep their places for the sessions around them; a conversation left without a visible
    item is deleted.
    """
    conversation = lock(conversation_id)
    said = Item.objects.filter(conversation=conversation, session_id=session_id)
    count = said.update(
        text="", heard_text=None, name=None, deleted_at=timezone.now(), seq=conversation.seq + 1
    )
    if Item.objects.filter(conversation=conversation, deleted_at__isnull=True).exists():
        _save_change(conversation, notice="item.updated", session_id=session_id)
    else:
        delete_conversation(conversation)
    return count


def sweep_hidden_conversations(older_than: timedelta) -> int:
    """Delete hidden conversations that stayed empty for this long; returns how many.

    The caller passes more than a client secret and a session can last, or one would lose its home.
    """
    stale = Conversation.objects.filter(
        hidden=True, items__isnull=True, created_at__lt=timezone.now() - older_than
    )
    swept = 0
    for conversation_id in list(stale.values_list("pk", flat=True)):
        with transaction.atomic():
            locked = Conversation.objects.select_for_update().filter(pk=conversation_id).first()
            if locked and locked.hidden and not locked.items.exists():
                locked.delete()
                swept += 1
    return swept


def _in_its_own_transaction(
    change: Callable[Concatenate[Page, P], T],
) -> Callable[Concatenate[str | uuid.UUID, str, P], T]:
    @wraps(change)
    def action(
        conversation_id: str | uuid.UUID, session_id: str, /, *args: P.args, **what: P.kwargs
    ) -> T:
        with transaction.atomic():
            page = Page.locked(conversation_id, session_id)
            result = change(page, *args, **what)
            page.write()
        return result

    return action


# Of one item each; a session that talks makes many at once (`conversations.scribe`).
open_item = _in_its_own_transaction(changes.open_item)
complete_item = _in_its_own_transaction(changes.complete_item)
mark_heard = _in_its_own_transaction(changes.mark_heard)
delete_item = _in_its_own_transaction(changes.delete_item)
record_gap = _in_its_own_transaction(changes.record_gap)


@transaction.atomic
def settle_open_items(conversation_id: str | uuid.UUID, session_id: str) -> int:
    """The session is over: what is still in progress will stay incomplete. Returns how many."""
    conversation = lock(conversation_id)
    count = _SETTLE(
        conversation_id=conversation.pk,
        session_id=session_id,
        now=timezone.now(),
        seq=conversation.seq + 1,
    )
    if count:
        _save_change(conversation, notice="item.updated", session_id=session_id)
    return count


def _save_change(
    conversation: Conversation,
    *fields: str,
    notice: NoticeType = "conversation.updated",
    **payload: Any,
) -> None:
    conversation.seq += 1
    conversation.save(update_fields=[*fields, "seq", "updated_at"])
    _publish(conversation, notice, **payload)


def _publish(conversation: Conversation, notice: NoticeType, **payload: Any) -> None:
    told = Notice(notice, str(conversation.pk), conversation.seq, payload)
    publish(conversation.owner_id, lambda: [told])


def _clean_title(title: str) -> str:
    return one_line(title)[: Conversation.TITLE_MAX_CHARS]
