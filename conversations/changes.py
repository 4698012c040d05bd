"""What a session changes in its conversation, on a page. Each is idempotent by the item's id.

Texts are kept as given; only NUL, which PostgreSQL cannot hold, becomes U+FFFD, so that no text can
block the ones behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from django.utils import timezone

from conversations.gaps import gap_text
from conversations.models import Item
from conversations.ordering import move_after, position_for_new_item
from conversations.page import Page

Change: TypeAlias = Callable[[Page], Item | None]


def open_item(
    page: Page,
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
    text = _storable(text)
    item = page.find(item_id)
    if item is None:
        item = Item(
            conversation_id=page.conversation.pk,
            session_id=page.session_id,
            item_id=item_id,
            previous_item_id=previous_item_id,
            role=role,
            kind=kind,
            source=source,
            text=text,
            call_id=call_id,
            name=name,
            position=position_for_new_item(page, previous_item_id),
        )
        page.add(item)
        return item
    if previous_item_id and item.previous_item_id != previous_item_id:
        item.previous_item_id = previous_item_id
        page.note(item, "previous_item_id")
        move_after(page, item, previous_item_id)
    is_open = item.status == Item.Status.IN_PROGRESS
    for field, value in (("text", text), ("call_id", call_id), ("name", name)):
        if value and not getattr(item, field) and is_open:
            setattr(item, field, value)
            page.note(item, field)
    return item


def complete_item(
    page: Page, *, item_id: str, text: str, status: str = Item.Status.COMPLETED
) -> Item:
    """The item's final text, byte for byte, and how it ended.

    An item nobody opened is opened as the assistant's: a final that was said is never dropped.
    """
    text = _storable(text)
    item = page.find(item_id)
    if item is None:
        item = open_item(page, item_id=item_id, role=Item.Role.ASSISTANT, text=text)
    if item.text == text and item.status == status:
        return item
    item.text = text
    item.status = status
    item.completed_at = item.completed_at or timezone.now()
    page.note(item, "text", "status", "completed_at")
    return item


def mark_heard(page: Page, *, item_id: str, heard_text: str, heard_ms: int) -> Item | None:
    """The answer was cut: only `heard_text` was played, in `heard_ms`. None for an unknown item."""
    heard_text = _storable(heard_text)
    item = page.find(item_id)
    if item is None or (item.heard_text == heard_text and item.heard_ms == heard_ms):
        return item
    item.heard_text = heard_text
    item.heard_ms = heard_ms
    page.note(item, "heard_text", "heard_ms")
    return item


def delete_item(page: Page, *, item_id: str) -> Item | None:
    """Take the item out of the conversation: no reader sees it again.

    The row stays, so that a final which arrives later does not bring the item back.
    """
    item = page.find(item_id)
    if item is not None and item.deleted_at is None:
        item.deleted_at = timezone.now()
        page.note(item, "deleted_at")
    return item


def record_gap(
    page: Page, *, item_id: str, began_at: datetime, ended_at: datetime | None = None
) -> Item:
    """Nobody listened from `began_at` on; a later call for the same gap names its end.

    The beginning that was named first stays. A gap is never over that nobody ends.
    """
    item = page.find(item_id)
    if item is None:
        item = Item(
            conversation_id=page.conversation.pk,
            session_id=page.session_id,
            item_id=item_id,
            role=Item.Role.SYSTEM,
            kind=Item.Kind.RECORDING_GAP,
            source=Item.Source.VOICE,
            created_at=began_at,
            position=position_for_new_item(page, None),
        )
        page.add(item)
    elif ended_at is None or item.completed_at is not None:
        return item
    if ended_at is not None:
        item.completed_at, item.status = ended_at, Item.Status.COMPLETED
    item.text = gap_text(item.created_at, item.completed_at)
    page.note(item, "completed_at", "status", "text")
    return item


def _storable(text: str) -> str:
    return text.replace("\x00", "\ufffd")
