"""The history a new provider session is given: text items only (protocol §7).

Providers keep nothing of a closed session, and take no assistant audio back. What was interrupted
is given as far as it was heard, so that the model does not think it said the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from realtime.core.items import HISTORY_MAX_CHARACTERS, KnownItem, KnownItems
from realtime.core.records import ItemKind, ItemStatus, Role
from realtime.core.session_config import SeedItem


def history_items(seed: Sequence[SeedItem], items: KnownItems) -> list[dict[str, Any]]:
    """Wire items, oldest first: the seed, then this session's finished items, newest ones kept.

    The seed is left out where items between it and those that are known are forgotten.
    """
    newest_first: list[dict[str, Any]] = []
    characters = 0
    before = _seeded(seed) if items.is_whole else ()
    for item in reversed([*before, *_finished(items)]):
        characters += _length(item)
        if characters > HISTORY_MAX_CHARACTERS:
            break
        newest_first.append(item)
    return list(reversed(newest_first))


def _seeded(seed: Sequence[SeedItem]) -> Iterable[dict[str, Any]]:
    return (message_item(item.item_id, item.role, item.text) for item in seed if item.text)


def _finished(items: KnownItems) -> Iterable[dict[str, Any]]:
    for item in items.in_order():
        if item.status not in (ItemStatus.COMPLETED, ItemStatus.INCOMPLETE):
            continue
        if item.in_conversation:
            yield from _wire_items(item)


def _wire_items(item: KnownItem) -> Iterable[dict[str, Any]]:
    if item.kind is ItemKind.MESSAGE:
        if item.lasting_text:
            yield message_item(item.item_id, item.role, item.lasting_text)
    elif item.status is ItemStatus.COMPLETED and item.kind is ItemKind.FUNCTION_CALL:
        yield {
            "id": item.item_id,
            "type": item.kind.value,
            "call_id": item.call_id,
            "name": item.name,
            "arguments": item.text,
        }
    elif item.kind is ItemKind.FUNCTION_CALL_OUTPUT:
        yield {
            "id": item.item_id,
            "type": item.kind.value,
            "call_id": item.call_id,
            "output": item.text,
        }


def message_item(item_id: str, role: Role, text: str) -> dict[str, Any]:
    """A text message as `conversation.item.create` takes it."""
    part_type = "output_text" if role is Role.ASSISTANT else "input_text"
    return {
        "id": item_id,
        "type": "message",
        "role": role.value,
        "content": [{"type": part_type, "text": text}],
    }


def _length(item: dict[str, Any]) -> int:
    if "content" in item:
        return len(item["content"][0]["text"])
    return len(item.get("arguments") or item.get("output") or "")
