"""A conversation as one session writes in it: changed in memory, then written at once.

What a session knows of its conversation stays right until somebody changes that: every visible
change raises `seq`. So a page that was kept is written on the condition that `seq` is as it was,
without reading or locking anything before; else it is read anew, under the lock.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.utils import timezone

from conversations.access import parse_conversation_id
from conversations.errors import ConversationNotFound
from conversations.models import Conversation, Item
from conversations.notices import Notice, publish
from conversations.rows import RowBy, change, insert, update
from conversations.titles import title_from_words

# The turn that is spoken, and what it follows. A long text is not kept: it is read again.
_KEPT_ITEMS: Final = 4
_KEPT_TEXT_CHARS: Final = 4096
_LOCKED_CONVERSATION: Final = RowBy(Conversation, "id", locked=True)
_ITEM: Final = RowBy(Item, "conversation", "session_id", "item_id")
_LAST_ITEM: Final = RowBy(Item, "conversation", last_by="position")


class LockNeeded(Exception):
    """The change moves other items: it takes a page that is locked."""


class Page:
    """Change it by `conversations.changes`, then `write`; use within one transaction.

    is_locked: the conversation was read under its lock, which is held. Otherwise it is one that was
    kept after an earlier transaction.
    """

    def __init__(self, conversation: Conversation, session_id: str) -> None:
        self.conversation = conversation
        self.session_id = session_id
        self.is_locked = True
        self._items: dict[str, Item] = {}
        self._last: Item | None = None
        self._new: list[Item] = []
        self._changed: dict[str, list[str]] = {}
        self._touched: dict[str, Item] = {}
        self._shown: dict[str, Any] = {}

    @classmethod
    def locked(cls, conversation_id: str | uuid.UUID, session_id: str) -> Page:
        """Read anew, and held against every other writer until the transaction ends.

        Raises ConversationNotFound.
        """
        return cls(lock(conversation_id), session_id)

    def find(self, item_id: str) -> Item | None:
        """The session's item of this id."""
        item = self._items.pop(item_id, None)
        if item is None:
            item = _ITEM.first(self.conversation.pk, self.session_id, item_id)
            if item is None:
                return None
        self._items[item_id] = item  # the one used last stands last
        return item

    def last_item(self) -> Item | None:
        """The one at the end of the conversation, whichever session's it is."""
        if self._last is None:
            if self._new:
                self.begin_to_move()  # those just added are not found otherwise
            self._last = _LAST_ITEM.first(self.conversation.pk)
        return self._last

    @property
    def next_seq(self) -> int:
        """The `seq` of an item that this transaction changes: no reader can have seen it yet."""
        return self.conversation.seq + 1

    def add(self, item: Item) -> None:
        """A new item; its position is free."""
        item.seq = self.next_seq
        self._items[item.item_id] = self._touched[item.item_id] = item
        self._new.append(item)
        self._follow(item)
        if not item.position or (self._last and item.position > self._last.position):
            self._last = item

    def note(self, item: Item, *fields: str) -> None:
        """These fields of the item were changed."""
        item.seq = self.next_seq
        self._items[item.item_id] = self._touched[item.item_id] = item
        self._follow(item)
        if item.pk is not None:
            changed = self._changed.setdefault(item.item_id, [])
            changed += [field for field in (*fields, "seq") if field not in changed]

    def begin_to_move(self) -> None:
        """Call before positions are changed by statements: everything so far is written, and what
        is known of positions forgotten. Raises LockNeeded."""
        if not self.is_locked:
            raise LockNeeded
        self._write_items()
        self._items.clear()
        self._last = None

    def moved(self, item: Item) -> None:
        """Its position was changed. It is written at once: the next statement may read it."""
        self.note(item, "position")
        self._write_items()

    def write(self) -> bool:
        """Write what was changed, and tell the owner after the commit. False: the conversation has
        changed since the page was kept, and nothing was written."""
        if not self._touched:
            return True
        if not self._raise_seq():
            return False
        self._write_items()
        self._tell()
        return True

    def keep(self) -> None:
        """After the commit: forget what later changes hardly need."""
        self.is_locked = False
        self._touched, self._shown = {}, {}
        for item_id, item in list(self._items.items()):
            if len(self._items) > _KEPT_ITEMS or len(item.text) > _KEPT_TEXT_CHARS:
                del self._items[item_id]
        if self._last is not None and len(self._last.text) > _KEPT_TEXT_CHARS:
            self._last = None

    def _follow(self, item: Item) -> None:
        """What follows from an item for its conversation: it shows itself, and gets a title."""
        conversation = self.conversation
        if conversation.hidden:
            conversation.hidden = self._shown["hidden"] = False
        if not conversation.title and item.role == Item.Role.USER and item.deleted_at is None:
            conversation.title = title_from_words(item.text)
            if conversation.title:
                self._shown["title"] = conversation.title

    def _raise_seq(self) -> bool:
        conversation = self.conversation
        by: dict[str, Any] = {"id": conversation.pk}
        if not self.is_locked:
            by["seq"] = conversation.seq
        conversation.updated_at = timezone.now()
        seq = conversation.seq + len(self._touched)
        to = {"seq": seq, "updated_at": conversation.updated_at, **self._shown}
        if not change(Conversation, by, to=to):
            return False
        conversation.seq = seq
        return True

    def _write_items(self) -> None:
        for item in self._new:
            insert(item)
        for item_id, fields in self._changed.items():
            update(self._touched[item_id], *fields)
        self._new, self._changed = [], {}

    def _tell(self) -> None:
        conversation, session_id, touched = self.conversation, self.session_id, [*self._touched]
        seq, is_shown_anew = conversation.seq, bool(self._shown)

        def told() -> list[Notice]:
            pk = str(conversation.pk)
            notices = [
                Notice("item.updated", pk, number, {"session_id": session_id, "item_id": item_id})
                for number, item_id in enumerate(touched, seq - len(touched) + 1)
            ]
            if is_shown_anew:
                notices.append(Notice("conversation.updated", pk, seq, {}))
            return notices

        publish(conversation.owner_id, told)


def lock(conversation_id: str | uuid.UUID) -> Conversation:
    """The conversation, held against every other writer until the transaction ends. Raises
    ConversationNotFound."""
    conversation = _LOCKED_CONVERSATION.first(parse_conversation_id(conversation_id))
    if conversation is None:
        raise ConversationNotFound
    return conversation
