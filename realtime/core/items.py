"""The items of a running conversation as the recorder knows them, in conversation order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from realtime.core.audio import PCM16, AudioFormat
from realtime.core.frames import list_or_empty, mapping_or_empty
from realtime.core.records import ItemKind, ItemSource, ItemStatus, Role
from realtime.core.spoken import SpokenText

# A client may create items all day; older finished ones are stored, so memory need not keep them.
_MAX_ITEMS: Final = 1000


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
    """Items by id, ordered by the predecessor each one named when it was placed."""

    __slots__ = ("_items", "_order", "uncommitted")

    def __init__(self) -> None:
        self.uncommitted: set[str] = set()
        self._items: dict[str, KnownItem] = {}
        self._order: list[str] = []

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
        if item.item_id in self._items:
            self._order.remove(item.item_id)
        self._items[item.item_id] = item
        item.previous_item_id = previous_item_id
        if previous_item_id in self._items:
            self._order.insert(self._order.index(str(previous_item_id)) + 1, item.item_id)
        else:
            self._order.append(item.item_id)
        self._forget_oldest()

    def remove(self, item_id: str) -> None:
        self.uncommitted.discard(item_id)
        del self._items[item_id]
        self._order.remove(item_id)

    def _forget_oldest(self) -> None:
        if len(self._order) <= _MAX_ITEMS:
            return
        for item_id in self._order:
            if self._items[item_id].status is not ItemStatus.IN_PROGRESS:
                self.remove(item_id)
                return


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
