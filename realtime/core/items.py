"""The items of a running conversation as the recorder knows them, in conversation order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from realtime.core.audio import PCM16, AudioFormat
from realtime.core.frames import list_or_empty, mapping_or_empty
from realtime.core.records import ItemKind, ItemSource, ItemStatus, Role
from realtime.core.spoken import SpokenText

# For whatever has none: a set of its own takes 0.2 kB, even an empty one.
NO_IDS: Final[frozenset[str]] = frozenset()
# About 16,000 tokens: what a provider that is dialled anew is given of what was said, for a long
# text history drifts a voice model towards writing. What is older is stored; nothing asks for it.
HISTORY_MAX_CHARACTERS: Final = 64_000
# Of such a history, should its items be short.
_MAX_ITEMS: Final = 500
# Clients truncate what they play, which is the latest answer, or one of the few before it.
_MAX_MARKED: Final = 16


def without(ids: frozenset[str], one: str) -> frozenset[str]:
    """All but one; `NO_IDS` if that was all."""
    return (ids - {one} or NO_IDS) if one in ids else ids


class KnownItem:
    """One item. `text` and `status` are what was last recorded, `spoken` what has arrived so far.

    in_conversation: False until the provider added it (speech not committed, out-of-band answers).
    heard_ms, heard_text: set once the item was truncated.
    """

    __slots__ = (
        "call_id",
        "heard_ms",
        "heard_text",
        "in_conversation",
        "item_id",
        "kind",
        "name",
        "previous_item_id",
        "role",
        "source",
        "spoken",
        "status",
        "text",
    )

    def __init__(
        self,
        item_id: str,
        role: Role,
        kind: ItemKind,
        source: ItemSource,
        *,
        call_id: str | None = None,
        name: str | None = None,
        audio_format: AudioFormat = PCM16,
    ) -> None:
        self.item_id = item_id
        self.role = role
        self.kind = kind
        self.source = source
        self.call_id = call_id
        self.name = name
        self.previous_item_id: str | None = None
        self.spoken = SpokenText(audio_format)
        self.text = ""
        self.status = ItemStatus.IN_PROGRESS
        self.in_conversation = False
        self.heard_ms: int | None = None
        self.heard_text: str | None = None

    @property
    def lasting_text(self) -> str:
        """What both sides may take as said: the heard part of an interrupted item."""
        return self.text if self.heard_text is None else self.heard_text


class KnownItems:
    """Items by id, ordered by the predecessor each one named when it was placed.

    Bounded: of a long call the beginning is forgotten, but not what is still open.
    is_whole: nothing is.
    """

    __slots__ = ("_characters", "_items", "_order", "is_whole", "uncommitted")

    def __init__(self) -> None:
        self.is_whole = True
        self.uncommitted = NO_IDS
        self._items: dict[str, KnownItem] = {}
        self._order: list[str] = []
        self._characters = 0

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._items

    def __getitem__(self, item_id: str) -> KnownItem:
        return self._items[item_id]

    def get(self, item_id: object) -> KnownItem | None:
        return self._items.get(item_id) if isinstance(item_id, str) else None

    def in_order(self) -> list[KnownItem]:
        return [self._items[item_id] for item_id in self._order]

    def place(self, item: KnownItem, previous_item_id: str | None) -> None:
        """Put a new item at the end, or any item behind the one it names."""
        order, previous = self._order, self.get(previous_item_id)
        if item.item_id in self._items:
            order.remove(item.item_id)
        self._items[item.item_id] = item
        if previous is None or previous is item:
            item.previous_item_id = previous_item_id
            order.append(item.item_id)
        else:
            item.previous_item_id = previous.item_id  # the same text, once in memory
            order.insert(order.index(previous.item_id) + 1, item.item_id)
        self._forget_oldest(item)

    def complete(self, item: KnownItem, text: str, status: ItemStatus) -> None:
        """This is what is recorded of it now."""
        self._characters += len(text) - len(item.text)
        item.text, item.status = text, status

    def remove(self, item_id: str) -> None:
        self.uncommitted = without(self.uncommitted, item_id)
        self._characters -= len(self._items.pop(item_id).text)
        self._order.remove(item_id)

    def _forget_oldest(self, but: KnownItem) -> None:
        order = self._order
        if len(order) > _MAX_MARKED:
            self._items[order[-_MAX_MARKED - 1]].spoken.forget_marks()
        while (oldest := self._oldest_finished(but)) is not None and (
            len(order) > _MAX_ITEMS or self._characters - len(oldest.text) >= HISTORY_MAX_CHARACTERS
        ):
            self.remove(oldest.item_id)
            self.is_whole = False

    def _oldest_finished(self, but: KnownItem) -> KnownItem | None:
        for item_id in self._order:
            item = self._items[item_id]
            if item is not but and item.status is not ItemStatus.IN_PROGRESS:
                return item
        return None


def text_of_content(item: Mapping[str, Any]) -> str | None:
    """The words in a wire item; None while its speech has no transcript.

    A call's words are its arguments, an output's its output.
    """
    kind = item.get("type")
    if kind == ItemKind.FUNCTION_CALL:
        return str(item.get("arguments") or "")
    if kind == ItemKind.FUNCTION_CALL_OUTPUT:
        return str(item.get("output") or "")
    texts: list[str] = []
    for part in list_or_empty(item.get("content")):
        fields = mapping_or_empty(part)
        words = fields.get("text") if "text" in fields else fields.get("transcript")
        if isinstance(words, str):
            texts.append(words)
        elif fields.get("type") == "input_audio":
            return None
    return "\n".join(texts)
