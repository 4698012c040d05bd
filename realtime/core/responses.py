"""The responses in the air. Every `response.created` a client has seen is followed by its done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from realtime.core import names
from realtime.core.frames import Frame, int_or_zero, mapping_or_empty, string_or_none
from realtime.core.records import ResponseRecorded
from realtime.core.usage import parse_response_usage

_OUTPUT_DELTAS: Final = frozenset(
    {names.OUTPUT_AUDIO_DELTA, names.OUTPUT_TEXT_DELTA, names.OUTPUT_TRANSCRIPT_DELTA}
)
_AUDIBLE: Final = frozenset(
    {names.OUTPUT_AUDIO_DELTA, names.OUTPUT_TEXT_DELTA, names.OUTPUT_AUDIO_STARTED}
)


@dataclass(slots=True)
class ResponseOutput:
    """One item of a response: its place, its wire form when added, and what kind its part is.

    sounding: some of its sound has come, and not that it was all.
    """

    output_index: int
    item: Mapping[str, Any]
    part_type: str = "audio"
    sounding: bool = False
    text_done: bool = False
    done: bool = False


@dataclass(slots=True)
class ActiveResponse:
    """A response between created and done. `asked`: the client asked for it by an event."""

    response_id: str
    body: Mapping[str, Any]
    asked: bool
    turn_ended_at: float | None
    outputs: dict[str, ResponseOutput] = field(default_factory=dict)
    first_audio_at: float | None = None
    has_output: bool = False


class Responses:
    """Feed it the client's turn ends and every server event; the provider allows one response at a
    time in the conversation, and others out of band."""

    __slots__ = ("_active", "_asked_count", "_turn_ended_at", "created_count")

    def __init__(self) -> None:
        self._active: dict[str, ActiveResponse] = {}
        self._turn_ended_at: float | None = None
        self._asked_count = 0
        self.created_count = 0

    @property
    def active(self) -> tuple[ActiveResponse, ...]:
        return tuple(self._active.values())

    @property
    def are_active(self) -> bool:
        """Whether there are any."""
        return bool(self._active)

    @property
    def is_asked(self) -> bool:
        """The client asked for an answer that has not begun."""
        return self._asked_count > 0

    def asked(self, now: float) -> None:
        """A `response.create` leaves for the provider."""
        self._turn_ended_at = now
        self._asked_count += 1

    def refused(self) -> None:
        """The provider answered a `response.create` with an error."""
        self._asked_count = max(0, self._asked_count - 1)

    def receive(self, frame: Frame, now: float) -> ResponseRecorded | None:
        """Follow one server event; the record of a response when it is done."""
        body = frame.body
        if frame.type == names.RESPONSE_CREATED:
            self._created(mapping_or_empty(body.get("response")))
        elif frame.type == names.RESPONSE_DONE:
            return self._done(mapping_or_empty(body.get("response")))
        elif frame.type == names.INPUT_AUDIO_COMMITTED:
            self._turn_ended_at = now
        else:
            self.progress(frame.type, body, now)
        return None

    def progress(self, event_type: str, body: Mapping[str, Any], now: float) -> None:
        """Follow an event that neither begins a response nor ends one."""
        response = self._active.get(str(body.get("response_id")))
        if response is None:
            return
        if event_type in _OUTPUT_DELTAS:
            response.has_output = True
        if response.first_audio_at is None and event_type in _AUDIBLE:
            response.first_audio_at = now
        if event_type != names.OUTPUT_TRANSCRIPT_DELTA:  # of half the events all there is to do
            _progress(response, event_type, body)

    def forget(self) -> tuple[ActiveResponse, ...]:
        """The provider is gone: the responses it will never finish."""
        lost = self.active
        self._active.clear()
        self._asked_count = 0
        return lost

    def _created(self, fields: Mapping[str, Any]) -> None:
        response_id = string_or_none(fields.get("id"))
        if response_id is None:
            return
        self.created_count += 1
        asked = self._asked_count > 0
        self._asked_count = max(0, self._asked_count - 1)
        self._active[response_id] = ActiveResponse(
            response_id, fields, asked, turn_ended_at=self._turn_ended_at
        )

    def _done(self, fields: Mapping[str, Any]) -> ResponseRecorded | None:
        response_id = string_or_none(fields.get("id"))
        if response_id is None:
            return None
        response = self._active.pop(response_id, None)
        status = str(fields.get("status") or "completed")
        details = mapping_or_empty(fields.get("status_details"))
        error = mapping_or_empty(details.get("error"))
        return ResponseRecorded(
            response_id=response_id,
            status=status,
            usage=parse_response_usage(mapping_or_empty(fields.get("usage"))),
            item_ids=() if response is None else tuple(response.outputs),
            first_audio_ms=None if response is None else first_audio_ms(response),
            interrupted=status == "cancelled",
            error_code=string_or_none(error.get("code")) if status == "failed" else None,
        )


def first_audio_ms(response: ActiveResponse) -> int | None:
    """From the end of the user's turn to the first audio or text delta."""
    if response.first_audio_at is None or response.turn_ended_at is None:
        return None
    return round((response.first_audio_at - response.turn_ended_at) * 1000)


def _progress(response: ActiveResponse, event_type: str, body: Mapping[str, Any]) -> None:
    """What becomes of its items."""
    if event_type == names.OUTPUT_ITEM_ADDED:
        item = mapping_or_empty(body.get("item"))
        if isinstance(item.get("id"), str):
            index = int_or_zero(body.get("output_index"))
            response.outputs[item["id"]] = ResponseOutput(index, item)
        return
    if "item_id" in body:
        output = response.outputs.get(str(body["item_id"]))
    else:
        output = response.outputs.get(str(mapping_or_empty(body.get("item")).get("id")))
    if output is None:
        return
    if event_type == names.OUTPUT_AUDIO_DELTA:
        output.sounding = True
    elif event_type == names.OUTPUT_AUDIO_DONE:
        output.sounding = False
    elif event_type == names.OUTPUT_TEXT_DELTA:
        output.part_type = "text"
    elif event_type == names.OUTPUT_TEXT_DONE:
        output.part_type = "text"
        output.text_done = True
    elif event_type == names.OUTPUT_TRANSCRIPT_DONE:
        output.text_done = True
    elif event_type == names.OUTPUT_ITEM_DONE:
        output.done = True
