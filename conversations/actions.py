"""The only writers of conversations. Each action is atomic, locks its conversation, and publishes.

Item actions are idempotent by (conversation, session_id, item_id): the same call twice changes
nothing, raises `seq` by nothing and tells nobody. They raise ConversationNotFound when the
conversation has been deleted meanwhile. Texts are stored as given; only NUL, which PostgreSQL
cannot hold, becomes U+FFFD, so that no text can block the ones behind it.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.utils import timezone

from conversations.access import parse_conversation_id
from conversations.errors import ConversationNotFound
from conversations.gaps import gap_text
from conversations.models import Conversation, Item
from conversations.notices import Notice, NoticeType, publish
from conversations.ordering import ITEM, move_after, position_for_new_item
from conversations.rows import RowBy, insert, update
from conversations.titles import one_line, title_from_words

_CONVERSATION = RowBy(Conversation, "id", locked=True)


@transaction.atomic
def create_conversation(owner: AbstractUser, title: str = "", hidden: bool = False) -> Conversation:
    """A new, empty conversation. A hidden one shows itself with its first item."""
    conversation = Conversation.objects.create(
        owner_id=owner.pk, title=_clean_title(title), hidden=hidden
    )
    if not hidden:
        _publish(conversation, "conversation.updated")
    return conversation


@transaction.atomic
def rename_conversation(conversation: Conversation, title: str) -> Conversation:
    """Give it this title; an empty one is replaced by the next words its owner says."""
    locked = _lock(conversation.pk)
    title = _clean_title(title)
    if locked.title != title:
        locked.title = title
        _save_change(locked, "title")
    return locked


@transaction.atomic
def archive_conversation(conversation: Conversation, archived: bool = True) -> Conversation:
    """Put it away, or take it back with `archived=False`."""
    locked = _lock(conversation.pk)
    if (locked.archived_at is not None) != archived:
        locked.archived_at = timezone.now() if archived else None
        _save_change(locked, "archived_at")
    return locked


@transaction.atomic
def make_private(conversation: Conversation, private: bool = True) -> Conversation:
    """Keep it from reviewers, or let them read it again with `private=False`."""
    locked = _lock(conversation.pk)
    if locked.is_private != private:
        locked.is_private = private
        _save_change(locked, "is_private")
    return locked


@transaction.atomic
def delete_conversation(conversation: Conversation) -> None:
    """Remove it with all that was said in it. Sessions keep their cost without it."""
    locked = _lock(conversation.pk)
    notice = Notice("conversation.deleted", str(locked.pk), locked.seq + 1)
    owner_id = locked.owner_id
    locked.delete()
    publish(owner_id, notice)


@transaction.atomic
def forget_words(conversation_id: str | uuid.UUID, session_id: str) -> int:
    """Blank what was said in one session that is over, for good; returns how many items.

    The rows keep their places for the sessions around them; a conversation left without a visible
    item is deleted.
    """
    conversation = _lock(conversation_id)
    said = Item.objects.filter(conversation=conversation, session_id=session_id)
    count = said.update(text="", heard_text=None, name=None, deleted_at=timezone.now())
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


@transaction.atomic
def open_item(
    conversation_id: str | uuid.UUID,
    session_id: str,
    *,
    item_id: str,
    role: str,
    kind: str = Item.Kind.MESSAGE,
    source: str = Item.Source.VOICE,
    previous_item_id: str | None = None,
    text: str = "",
    call_id: str | None = None,
    name: str | None = None,
) -> Item:
    """The item exists. A later call may name its true predecessor or bring what was missing."""
    conversation = _lock(conversation_id)
    text = _storable(text)
    item = _find(conversation, session_id, item_id)
    if item is None:
        item = Item(
            conversation=conversation,
            session_id=session_id,
            item_id=item_id,
            previous_item_id=previous_item_id,
            role=role,
            kind=kind,
            source=source,
            text=text,
            call_id=call_id,
            name=name,
            position=position_for_new_item(conversation, session_id, previous_item_id),
        )
        insert(item)
        _item_changed(conversation, item)
        return item
    changed: list[str] = []
    if previous_item_id and item.previous_item_id != previous_item_id:
        item.previous_item_id = previous_item_id
        changed.append("previous_item_id")
        if move_after(conversation, item, previous_item_id):
            changed.append("position")
    is_open = item.status == Item.Status.IN_PROGRESS
    for field, value in (("text", text), ("call_id", call_id), ("name", name)):
        if value and not getattr(item, field) and is_open:
            setattr(item, field, value)
            changed.append(field)
    if changed:
        update(item, *changed)
        _item_changed(conversation, item)
    return item


@transaction.atomic
def complete_item(
    conversation_id: str | uuid.UUID,
    session_id: str,
    *,
    item_id: str,
    text: str,
    status: str = Item.Status.COMPLETED,
) -> Item:
    """The item's final text, byte for byte, and how it ended.

    An item nobody opened is opened as the assistant's: a final that was said is never dropped.
    """
    conversation = _lock(conversation_id)
    text = _storable(text)
    item = _find(conversation, session_id, item_id)
    if item is None:
        item = open_item(
            conversation_id, session_id, item_id=item_id, role=Item.Role.ASSISTANT, text=text
        )
        conversation.refresh_from_db()
    if item.text == text and item.status == status:
        return item
    item.text = text
    item.status = status
    item.completed_at = item.completed_at or timezone.now()
    update(item, "text", "status", "completed_at")
    _item_changed(conversation, item)
    return item


@transaction.atomic
def mark_heard(
    conversation_id: str | uuid.UUID,
    session_id: str,
    *,
    item_id: str,
    heard_text: str,
    heard_ms: int,
) -> Item | None:
    """The answer was cut: only `heard_text` was played, in `heard_ms`. None for an unknown item."""
    conversation = _lock(conversation_id)
    heard_text = _storable(heard_text)
    item = _find(conversation, session_id, item_id)
    if item is None or (item.heard_text == heard_text and item.heard_ms == heard_ms):
        return item
    item.heard_text = heard_text
    item.heard_ms = heard_ms
    update(item, "heard_text", "heard_ms")
    _item_changed(conversation, item)
    return item


@transaction.atomic
def delete_item(conversation_id: str | uuid.UUID, session_id: str, *, item_id: str) -> None:
    """Take the item out of the conversation: no reader sees it again.

    The row stays, so that a final which arrives later does not bring the item back.
    """
    conversation = _lock(conversation_id)
    item = _find(conversation, session_id, item_id)
    if item is None or item.deleted_at is not None:
        return
    item.deleted_at = timezone.now()
    item.save(update_fields=["deleted_at"])
    _item_changed(conversation, item)


@transaction.atomic
def record_gap(
    conversation_id: str | uuid.UUID,
    session_id: str,
    *,
    item_id: str,
    began_at: datetime,
    ended_at: datetime | None = None,
) -> Item:
    """Nobody listened from `began_at` on; a later call for the same gap names its end.

    The beginning that was named first stays. A gap is never over that nobody ends.
    """
    conversation = _lock(conversation_id)
    item = _find(conversation, session_id, item_id)
    if item is None:
        item = Item.objects.create(
            conversation=conversation,
            session_id=session_id,
            item_id=item_id,
            role=Item.Role.SYSTEM,
            kind=Item.Kind.RECORDING_GAP,
            source=Item.Source.VOICE,
            position=position_for_new_item(conversation, session_id, None),
        )
        item.created_at = began_at
    elif ended_at is None or item.completed_at is not None:
        return item
    if ended_at is not None:
        item.completed_at, item.status = ended_at, Item.Status.COMPLETED
    item.text = gap_text(item.created_at, item.completed_at)
    item.save(update_fields=["created_at", "completed_at", "status", "text"])
    _item_changed(conversation, item)
    return item


@transaction.atomic
def settle_open_items(conversation_id: str | uuid.UUID, session_id: str) -> int:
    """The session is over: what is still in progress will stay incomplete. Returns how many."""
    conversation = _lock(conversation_id)
    still_open = Item.objects.filter(
        conversation=conversation, session_id=session_id, status=Item.Status.IN_PROGRESS
    )
    count = still_open.update(status=Item.Status.INCOMPLETE, completed_at=timezone.now())
    if count:
        _save_change(conversation, notice="item.updated", session_id=session_id)
    return count


def _lock(conversation_id: str | uuid.UUID) -> Conversation:
    """The conversation, held against every other writer until the transaction ends."""
    pk = parse_conversation_id(conversation_id)
    conversation = _CONVERSATION.first(pk)
    if conversation is None:
        raise ConversationNotFound
    return conversation


def _find(conversation: Conversation, session_id: str, item_id: str) -> Item | None:
    return ITEM.first(conversation.pk, session_id, item_id)


def _item_changed(conversation: Conversation, item: Item) -> None:
    """What follows from an item: its conversation shows itself, gets a title, moves on."""
    fields: list[str] = []
    if conversation.hidden:
        conversation.hidden = False
        fields.append("hidden")
    if not conversation.title and item.role == Item.Role.USER and item.deleted_at is None:
        conversation.title = title_from_words(item.text)
        if conversation.title:
            fields.append("title")
    conversation.seq += 1
    update(conversation, *fields, "seq", "updated_at")
    _publish(conversation, "item.updated", session_id=item.session_id, item_id=item.item_id)
    if fields:
        _publish(conversation, "conversation.updated")


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
    publish(conversation.owner_id, Notice(notice, str(conversation.pk), conversation.seq, payload))


def _clean_title(title: str) -> str:
    return one_line(title)[: Conversation.TITLE_MAX_CHARS]


def _storable(text: str) -> str:
    return text.replace("\x00", "\ufffd")
