"""The items of one session, in order, with the audio and word times that truncation needs."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from realtime.core.errors import InvalidEvent
from realtime.upstream.embedded.audio_format import AudioFormat
from realtime.upstream.embedded.ports import (
    FunctionCalled,
    FunctionReturned,
    HistoryEntry,
    Origin,
    Speaker,
    Utterance,
)

MAX_KEPT_AUDIO_BYTES = 8 * 1024 * 1024
MAX_ITEMS = 4096
MAX_SHOWN_CHARACTERS = 64


@dataclass(slots=True)
class TimedText:
    """A slice of an assistant's transcript and where its audio starts."""

    text: str
    start_ms: int


@dataclass(slots=True)
class Item:
    """`wire` is the item as events show it: no audio bytes, no `object` field (protocol §4).

    audio_ms stays after the bytes themselves were dropped to bound memory. truncated: what is
    generated after the cut belongs to it no more.
    """

    wire: dict[str, Any]
    audio: bytearray = field(default_factory=bytearray)
    audio_format: AudioFormat = AudioFormat.PCM
    audio_ms: int = 0
    timed_text: list[TimedText] = field(default_factory=list)
    truncated: bool = False
    hearing: bool = False
    heard_text: str = ""
    origin: Origin = Origin.TYPED

    @property
    def item_id(self) -> str:
        return str(self.wire["id"])

    @property
    def text(self) -> str:
        """What was said or typed. Of a spoken user item it is what the ears made of it."""
        parts = [self.heard_text] if self.heard_text else []
        for part in self.wire.get("content", ()):
            if part["type"] in ("input_text", "output_text"):
                parts.append(part.get("text") or "")
            elif part["type"] == "output_audio":
                parts.append(part.get("transcript") or "")
        return " ".join(part for part in parts if part)

    def as_history(self) -> HistoryEntry:
        kind = self.wire["type"]
        if kind == "function_call":
            return FunctionCalled(self.wire["call_id"], self.wire["name"], self.wire["arguments"])
        if kind == "function_call_output":
            return FunctionReturned(self.wire["call_id"], self.wire["output"])
        return Utterance(Speaker(self.wire["role"]), self.text, self.origin)

    def with_audio(self) -> dict[str, Any]:
        """The item as `conversation.item.retrieved` gives it, audio bytes included."""
        item = dict(self.wire)
        if self.audio and "content" in item:
            encoded = base64.b64encode(self.audio).decode()
            item["content"] = [
                {**part, "audio": encoded} if part["type"].endswith("_audio") else part
                for part in item["content"]
            ]
        return item


class Conversation:
    """An ordered set of items. The oldest audio bytes are dropped past 8 MiB."""

    def __init__(self) -> None:
        self._items: list[Item] = []

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items)

    @property
    def last_item_id(self) -> str | None:
        return self._items[-1].item_id if self._items else None

    def find(self, item_id: str, verb: str) -> Item:
        """The item that the client wants to retrieve, delete or truncate (`verb`).

        Raises InvalidEvent with OpenAI's code for that verb.
        """
        found = self.get(item_id)
        if found is None:
            shown = item_id[:MAX_SHOWN_CHARACTERS]
            raise InvalidEvent(
                f"Error {verb[:-1]}ing item: the item with id '{shown}' does not exist.",
                code=f"item_{verb}_invalid_item_id",
            )
        return found

    def referred(self, item_id: str, param: str) -> Item:
        """The item an `item_reference` names. Raises InvalidEvent `item_not_found`."""
        found = self.get(item_id)
        if found is None:
            raise InvalidEvent(
                f"Item with id '{item_id[:MAX_SHOWN_CHARACTERS]}' not found.",
                code="item_not_found",
                param=param,
            )
        return found

    def get(self, item_id: str) -> Item | None:
        return next((item for item in reversed(self._items) if item.item_id == item_id), None)

    def holds(self, item_id: str) -> bool:
        return self.get(item_id) is not None

    def add(self, item: Item, previous_item_id: str | None = None) -> str | None:
        """Insert after `previous_item_id` (none or empty: at the end, `root`: at the front).

        Returns the id of the item now before it. Raises InvalidEvent for a taken id, an unknown
        predecessor, or a conversation that is full.
        """
        if self.holds(item.item_id):
            shown = item.item_id[:MAX_SHOWN_CHARACTERS]
            raise InvalidEvent(
                f"Error adding item: an item with id '{shown}' already exists.",
                code="item_already_exists",
                param="item.id",
            )
        if len(self._items) >= MAX_ITEMS:
            raise InvalidEvent("The conversation holds too many items.", code="conversation_full")
        if not previous_item_id:
            position = len(self._items)
        elif previous_item_id == "root":
            position = 0
        else:
            before = self.get(previous_item_id)
            if before is None:
                raise InvalidEvent(
                    "Error adding item: the previous item with id "
                    f"'{previous_item_id[:MAX_SHOWN_CHARACTERS]}' does not exist.",
                    code="item_create_invalid_previous_item_id",
                    param="previous_item_id",
                )
            position = self._items.index(before) + 1
        self._items.insert(position, item)
        return self._items[position - 1].item_id if position else None

    def remove(self, item_id: str) -> Item:
        """Raises InvalidEvent when there is no such item."""
        item = self.find(item_id, "delete")
        self._items.remove(item)
        return item

    def before(self, item: Item) -> str | None:
        position = self._items.index(item)
        return self._items[position - 1].item_id if position else None

    def drop_old_audio(self) -> None:
        """Keep the newest audio within the bound; durations and word times stay."""
        kept = 0
        for item in reversed(self._items):
            kept += len(item.audio)
            if kept > MAX_KEPT_AUDIO_BYTES:
                item.audio = bytearray()


def check_call_is_known(item: Item, context: Iterable[Item], param: str) -> None:
    """A function's output answers a call of the same context. Raises InvalidEvent."""
    if item.wire["type"] != "function_call_output":
        return
    call_id = item.wire["call_id"]
    calls = (other.wire for other in context if other.wire["type"] == "function_call")
    if all(call["call_id"] != call_id for call in calls):
        raise InvalidEvent(
            f"Tool call ID '{call_id[:MAX_SHOWN_CHARACTERS]}' not found in conversation.",
            code="invalid_tool_call_id",
            param=param,
        )


def truncate_item(item: Item, content_index: int, audio_end_ms: int) -> None:
    """Keep the audio before `audio_end_ms` and the words begun by then (protocol §4.4 D).

    Raises InvalidEvent for anything that is not spoken assistant audio of at least that length.
    """
    spoken = item.wire["type"] == "message" and item.wire["role"] == "assistant" and item.audio_ms
    if not spoken or not item.wire["content"]:
        raise InvalidEvent(
            "Only model output audio messages can be truncated",
            code="unsupported_content_type",
            param="item_id",
        )
    if content_index != 0:
        raise InvalidEvent(
            "Invalid value for 'content_index': must be 0.",
            code="invalid_value",
            param="content_index",
        )
    if audio_end_ms > item.audio_ms:
        raise InvalidEvent(
            f"Audio content of {item.audio_ms}ms is already shorter than {audio_end_ms}ms",
            code="invalid_value",
            param="audio_end_ms",
        )
    item.timed_text = [piece for piece in item.timed_text if piece.start_ms < audio_end_ms]
    item.wire["content"][0]["transcript"] = "".join(piece.text for piece in item.timed_text)
    item.audio_ms = audio_end_ms
    item.truncated = True
    del item.audio[audio_end_ms * item.audio_format.bytes_per_ms :]
