"""Server events held against the official types, and recorded traffic to compare with."""

from __future__ import annotations

import typing
from typing import Any

from openai.types.realtime.realtime_server_event import RealtimeServerEvent
from pydantic import BaseModel

from tests.fakes.recordings import SHARED_DIR, read_recording

FLOATING = "conversation.item.input_audio_transcription."


def _types_by_name() -> dict[str, type[BaseModel]]:
    union = typing.get_args(RealtimeServerEvent)[0]
    found: dict[str, type[BaseModel]] = {}
    for member in typing.get_args(union):
        for name in typing.get_args(member.model_fields["type"].annotation):
            found[name] = member
    return found


_TYPES = _types_by_name()


def check_event(event: dict[str, Any]) -> None:
    """Fails unless the `openai` package accepts the event as the type it names."""
    model = _TYPES[event["type"]]
    model.model_validate(event)
    unknown = set(event) - set(model.model_fields)
    assert not unknown, f"{event['type']} has private fields {unknown}"


def order(events: list[dict[str, Any]]) -> list[str]:
    """Event names without deltas and without the transcription events, which may come any time."""
    names = [event["type"] for event in events]
    return [name for name in names if not name.endswith(".delta") and not name.startswith(FLOATING)]


def recorded_order(name: str, first: str, last: str) -> list[str]:
    """The order of one recorded turn, from its `first` event to its first `last`."""
    path = SHARED_DIR / "recordings" / f"{name}.yaml"
    events = [message.event for message in read_recording(path) if not message.sent]
    names = order(events)
    start = names.index(first)
    return names[start : names.index(last, start) + 1]
