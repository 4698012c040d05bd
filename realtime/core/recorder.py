"""Turns server events into records: what was said, by whom, in which order (design law 1).

Facts it stands on (protocol §4.2 to §4.4): a user item is never sent again with its transcript,
which comes later and maybe after the reply; the place of an item is `previous_item_id` of its
`.added`, while `.done` may name a wrong one. A transcript is final at its own event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from realtime.core import names
from realtime.core.audio import PCM16, AudioFormat
from realtime.core.frames import (
    Frame,
    int_or_zero,
    list_or_empty,
    mapping_or_empty,
    string_or_none,
)
from realtime.core.items import NO_IDS, KnownItem, KnownItems, text_of_content, without
from realtime.core.records import (
    ItemCompleted,
    ItemDeleted,
    ItemHeard,
    ItemKind,
    ItemOpened,
    ItemSource,
    ItemStatus,
    Record,
    Role,
    TranscriptionRecorded,
)
from realtime.core.usage import parse_transcription_usage

_ROLES = {
    ItemKind.MESSAGE.value: None,
    ItemKind.FUNCTION_CALL.value: Role.TOOL,
    ItemKind.FUNCTION_CALL_OUTPUT.value: Role.TOOL,
}
_MESSAGE_ROLES = {role.value: role for role in (Role.USER, Role.ASSISTANT, Role.SYSTEM)}
_UNFINISHED = {"cancelled": ItemStatus.INCOMPLETE, "incomplete": ItemStatus.INCOMPLETE}


class Recorder:
    """Feed it every server event the client may see; store what it returns before forwarding.

    text_source: how items that were not spoken are marked.
    foreign_ids: items of earlier sessions, seeded by us; nobody's predecessor in this one.
    comes_late: items may have been added while nobody listened; their end then opens them.
    """

    __slots__ = (
        "_comes_late",
        "_foreign_ids",
        "_response_of",
        "_text_responses",
        "_text_source",
        "items",
        "output_format",
        "transcription_model",
    )

    def __init__(
        self,
        text_source: ItemSource = ItemSource.TEXT,
        foreign_ids: frozenset[str] = NO_IDS,
        *,
        comes_late: bool = False,
    ) -> None:
        self.items = KnownItems()
        self.output_format: AudioFormat = PCM16
        self.transcription_model = ""
        self._text_source = text_source
        self._foreign_ids = foreign_ids
        self._comes_late = comes_late
        self._text_responses = NO_IDS
        self._response_of: dict[str, str] = {}

    def receive(self, frame: Frame) -> list[Record]:
        """The records this event brings, in order; [] for events that say nothing lasting."""
        handler = _HANDLERS.get(frame.type)
        return [] if handler is None else handler(self, frame.body)

    def settle(self) -> list[Record]:
        """The provider is gone: what is still open stays as far as it got."""
        self._response_of.clear()
        self._text_responses = NO_IDS
        records: list[Record] = []
        for item in self.items.in_order():
            if item.status is ItemStatus.IN_PROGRESS:
                failed = item.role is Role.USER
                status = ItemStatus.FAILED if failed else ItemStatus.INCOMPLETE
                records += self._complete(item, item.spoken.text, status)
        return records

    # What the user says.

    def _speech_started(self, body: Mapping[str, Any]) -> list[Record]:
        return self._open_user_speech(string_or_none(body.get("item_id")), None)

    def _committed(self, body: Mapping[str, Any]) -> list[Record]:
        item_id = string_or_none(body.get("item_id"))
        records = self._open_user_speech(item_id, string_or_none(body.get("previous_item_id")))
        if item_id is not None:
            self.items.uncommitted = without(self.items.uncommitted, item_id)
        return records

    def _cleared(self, body: Mapping[str, Any]) -> list[Record]:
        # Speech that was heard but thrown away before it became an item of the conversation.
        gone = sorted(self.items.uncommitted)
        for item_id in gone:
            self.items.remove(item_id)
        return [ItemDeleted(item_id) for item_id in gone]

    def _user_delta(self, body: Mapping[str, Any]) -> list[Record]:
        item = self.items.get(body.get("item_id"))
        delta = body.get("delta")
        if item is not None and isinstance(delta, str):
            item.spoken.add_text(int_or_zero(body.get("content_index")), delta)
        return []

    def _transcribed(self, body: Mapping[str, Any]) -> list[Record]:
        item_id = string_or_none(body.get("item_id"))
        transcript = body.get("transcript")
        if item_id is None or not isinstance(transcript, str):
            return []
        records = self._open_user_speech(item_id, None)
        item = self.items[item_id]
        item.spoken.finish_text(int_or_zero(body.get("content_index")), transcript)
        records += self._complete(item, item.spoken.text, ItemStatus.COMPLETED)
        usage, duration_s = parse_transcription_usage(mapping_or_empty(body.get("usage")))
        records.append(TranscriptionRecorded(item_id, usage, duration_s, self.transcription_model))
        return records

    def _transcription_failed(self, body: Mapping[str, Any]) -> list[Record]:
        item = self.items.get(body.get("item_id"))
        if item is None:
            return []
        return self._complete(item, item.spoken.text, ItemStatus.FAILED)

    def _open_user_speech(self, item_id: str | None, previous: str | None) -> list[Record]:
        if item_id is None:
            return []
        item = self.items.get(item_id)
        if item is None:
            self.items.uncommitted |= {item_id}
            item = KnownItem(item_id, Role.USER, ItemKind.MESSAGE, ItemSource.VOICE)
        return self._place(item, previous)

    # Items of the conversation.

    def _added(self, body: Mapping[str, Any]) -> list[Record]:
        fields = mapping_or_empty(body.get("item"))
        item_id = string_or_none(fields.get("id"))
        kind = string_or_none(fields.get("type"))
        if item_id is None or kind not in _ROLES:
            return []
        role = _ROLES[kind] or _MESSAGE_ROLES.get(str(fields.get("role")), Role.SYSTEM)
        item = self.items.get(item_id)
        if item is None:
            item = KnownItem(
                item_id,
                role,
                ItemKind(kind),
                self._source_of(item_id, fields),
                call_id=string_or_none(fields.get("call_id")),
                name=string_or_none(fields.get("name")),
                audio_format=self.output_format,
            )
        item.in_conversation = True
        self.items.uncommitted = without(self.items.uncommitted, item_id)
        text = text_of_content(fields)
        if text and not item.spoken.text:
            item.spoken.finish_text(0, text)
        records = self._place(item, string_or_none(body.get("previous_item_id")))
        # An assistant's item is added before it is made; what a client creates is complete.
        if (
            fields.get("status") != "in_progress"
            and text is not None
            and role is not (Role.ASSISTANT)
        ):
            records += self._complete(item, item.spoken.text, ItemStatus.COMPLETED)
        return records

    def _source_of(self, item_id: str, fields: Mapping[str, Any]) -> ItemSource:
        response_id = self._response_of.get(item_id)
        if response_id is not None:
            spoken = response_id not in self._text_responses
            return ItemSource.VOICE if spoken else self._text_source
        spoken = any(
            mapping_or_empty(part).get("type") in ("input_audio", "output_audio")
            for part in list_or_empty(fields.get("content"))
        )
        return ItemSource.VOICE if spoken else self._text_source

    def _done(self, body: Mapping[str, Any]) -> list[Record]:
        return self._finish(mapping_or_empty(body.get("item")), ItemStatus.COMPLETED)

    def _finish(self, fields: Mapping[str, Any], default: ItemStatus) -> list[Record]:
        records: list[Record] = []
        if self._comes_late and self.items.get(fields.get("id")) is None:
            records = self._added({"item": fields})
        item = self.items.get(fields.get("id"))
        text = text_of_content(fields)
        if item is None or (text is None and item.role is Role.USER):
            return records  # an unknown kind, or speech that waits for its transcript
        if text and not item.spoken.text:
            item.spoken.finish_text(0, text)
        status = default if fields.get("status") != "incomplete" else ItemStatus.INCOMPLETE
        return records + self._complete(item, text or item.spoken.text, status)

    def _truncated(self, body: Mapping[str, Any]) -> list[Record]:
        item = self.items.get(body.get("item_id"))
        if item is None:
            return []
        audio_end_ms = int_or_zero(body.get("audio_end_ms"))
        audio_ms = item.spoken.audio_ms
        heard_ms = min(audio_end_ms, audio_ms) if audio_ms else audio_end_ms
        item.heard_ms, item.heard_text = heard_ms, None
        return self._hear(item, heard_ms)

    def _deleted(self, body: Mapping[str, Any]) -> list[Record]:
        item_id = string_or_none(body.get("item_id"))
        if item_id is None or (item_id not in self.items and self.items.is_whole):
            return []
        if item_id in self.items:  # else it may be one that is forgotten here, and stored
            self.items.remove(item_id)
        return [ItemDeleted(item_id)]

    # What the assistant says.

    def _response_created(self, body: Mapping[str, Any]) -> list[Record]:
        response = mapping_or_empty(body.get("response"))
        if response.get("output_modalities") == ["text"] and isinstance(response.get("id"), str):
            self._text_responses |= {response["id"]}
        return []

    def _output_item_added(self, body: Mapping[str, Any]) -> list[Record]:
        item_id = mapping_or_empty(body.get("item")).get("id")
        response_id = body.get("response_id")
        if isinstance(item_id, str) and isinstance(response_id, str):
            self._response_of[item_id] = response_id
        return []

    def _assistant_delta(self, body: Mapping[str, Any]) -> list[Record]:
        records, item = self._assistant_item(body)
        delta = body.get("delta")
        if item is not None and isinstance(delta, str):
            item.spoken.add_text(int_or_zero(body.get("content_index")), delta)
        return records

    def _audio_delta(self, body: Mapping[str, Any]) -> list[Record]:
        records, item = self._assistant_item(body)
        delta = body.get("delta")
        if item is not None and isinstance(delta, str):
            item.spoken.add_audio(delta)
        return records

    def _transcript_done(self, body: Mapping[str, Any]) -> list[Record]:
        return self._final(body, "transcript")

    def _text_done(self, body: Mapping[str, Any]) -> list[Record]:
        return self._final(body, "text")

    def _arguments_done(self, body: Mapping[str, Any]) -> list[Record]:
        return self._final(body, "arguments")

    def _final(self, body: Mapping[str, Any], field: str) -> list[Record]:
        records, item = self._assistant_item(body)
        text = body.get(field)
        if item is None or not isinstance(text, str):
            return records
        item.spoken.finish_text(int_or_zero(body.get("content_index")), text)
        return records + self._complete(item, item.spoken.text, ItemStatus.COMPLETED)

    def _assistant_item(self, body: Mapping[str, Any]) -> tuple[list[Record], KnownItem | None]:
        """The item a `response.*` event speaks of.

        Items of out-of-band responses join no conversation, so no `.added` opens them; their finals
        reach the client all the same and fall under the promise.
        """
        item_id = string_or_none(body.get("item_id"))
        if item_id is None:
            return [], None
        item = self.items.get(item_id)
        if item is not None:
            return [], item
        call_id = string_or_none(body.get("call_id"))
        item = KnownItem(
            item_id,
            Role.ASSISTANT if call_id is None else Role.TOOL,
            ItemKind.MESSAGE if call_id is None else ItemKind.FUNCTION_CALL,
            self._source_of(item_id, {}),
            call_id=call_id,
            name=string_or_none(body.get("name")),
            audio_format=self.output_format,
        )
        return self._place(item, None), item

    def _response_done(self, body: Mapping[str, Any]) -> list[Record]:
        response = mapping_or_empty(body.get("response"))
        response_id = response.get("id")
        status = _UNFINISHED.get(str(response.get("status")), ItemStatus.COMPLETED)
        if response.get("status") == "failed":
            status = ItemStatus.FAILED
        records: list[Record] = []
        for output in list_or_empty(response.get("output")):
            records += self._finish(mapping_or_empty(output), ItemStatus.COMPLETED)
        for item_id in [key for key, owner in self._response_of.items() if owner == response_id]:
            del self._response_of[item_id]
            item = self.items.get(item_id)
            if item is not None and item.status is ItemStatus.IN_PROGRESS:
                records += self._complete(item, item.spoken.text, status)
        self._text_responses = without(self._text_responses, str(response_id))
        return records

    # The three records of an item.

    def _place(self, item: KnownItem, previous: str | None) -> list[Record]:
        if previous in self._foreign_ids:
            previous = None
        known = item.item_id in self.items
        if known and (previous is None or previous == item.previous_item_id):
            return []
        self.items.place(item, previous)
        return [
            ItemOpened(
                item.item_id,
                item.role,
                item.kind,
                item.source,
                previous_item_id=previous,
                text=item.spoken.text,
                call_id=item.call_id,
                name=item.name,
            )
        ]

    def _complete(self, item: KnownItem, text: str, status: ItemStatus) -> list[Record]:
        if item.heard_ms is not None and len(text) < len(item.text):
            text = item.text  # the provider forgot the unheard tail; history keeps it
        if item.status is status and item.text == text:
            return []
        self.items.complete(item, text, status)
        records: list[Record] = [ItemCompleted(item.item_id, text, status)]
        if item.heard_ms is not None:
            records += self._hear(item, item.heard_ms)
        return records

    def _hear(self, item: KnownItem, heard_ms: int) -> list[Record]:
        heard_text = item.spoken.heard_prefix(heard_ms)
        if item.heard_text == heard_text:
            return []
        item.heard_text = heard_text
        return [ItemHeard(item.item_id, heard_text, heard_ms)]


_HANDLERS: Final[dict[str, Callable[[Recorder, Mapping[str, Any]], list[Record]]]] = {
    names.SPEECH_STARTED: Recorder._speech_started,
    names.INPUT_AUDIO_COMMITTED: Recorder._committed,
    names.INPUT_AUDIO_CLEARED: Recorder._cleared,
    names.ITEM_ADDED: Recorder._added,
    names.ITEM_DONE: Recorder._done,
    names.ITEM_TRUNCATED: Recorder._truncated,
    names.ITEM_DELETED: Recorder._deleted,
    names.TRANSCRIPTION_DELTA: Recorder._user_delta,
    names.TRANSCRIPTION_COMPLETED: Recorder._transcribed,
    names.TRANSCRIPTION_FAILED: Recorder._transcription_failed,
    names.RESPONSE_CREATED: Recorder._response_created,
    names.OUTPUT_ITEM_ADDED: Recorder._output_item_added,
    names.OUTPUT_ITEM_DONE: Recorder._done,
    names.OUTPUT_TRANSCRIPT_DELTA: Recorder._assistant_delta,
    names.OUTPUT_TEXT_DELTA: Recorder._assistant_delta,
    names.OUTPUT_AUDIO_DELTA: Recorder._audio_delta,
    names.OUTPUT_TRANSCRIPT_DONE: Recorder._transcript_done,
    names.OUTPUT_TEXT_DONE: Recorder._text_done,
    names.ARGUMENTS_DELTA: Recorder._assistant_delta,
    names.ARGUMENTS_DONE: Recorder._arguments_done,
    names.RESPONSE_DONE: Recorder._response_done,
}
