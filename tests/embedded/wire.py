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
    assert event["event_id"].startswith("event_")
    _check_for_strict_clients(event)


def _check_for_strict_clients(event: dict[str, Any]) -> None:
    """What `@openai/agents-realtime` validates more strictly than the Python types (§6.3)."""
    name = event["type"]
    if name.startswith("response.") and name not in ("response.created", "response.done"):
        assert isinstance(event["response_id"], str)
        assert isinstance(event["output_index"], int)
        if "output_item" not in name:
            assert isinstance(event["item_id"], str)
            if "function_call" not in name:
                assert isinstance(event["content_index"], int)
    for part in [event["part"]] if "part" in event else []:
        assert part["type"] in ("text", "audio")
        assert None not in part.values()
    for item in _items_in(event):
        _check_item(item)
    if name.endswith("input_audio_transcription.completed"):
        usage = event["usage"]
        if usage["type"] == "tokens":
            assert set(usage["input_token_details"]) >= {"text_tokens", "audio_tokens"}
        assert None not in usage.values()
    if name.endswith("input_audio_transcription.failed"):
        assert None not in event["error"].values()
    if name == "response.done":
        _check_numbers(event["response"]["usage"])
    if name == "rate_limits.updated":
        assert {limit["name"] for limit in event["rate_limits"]} <= {"requests", "tokens"}
    if name == "error":
        assert set(event["error"]) == {"type", "code", "message", "param", "event_id"}


def _items_in(event: dict[str, Any]) -> list[dict[str, Any]]:
    response = event.get("response") or {}
    return [*([event["item"]] if "item" in event else []), *response.get("output", [])]


def _check_item(item: dict[str, Any]) -> None:
    assert "object" not in item
    assert isinstance(item["id"], str)
    if item["type"] == "function_call":
        assert isinstance(item["call_id"], str)
        assert isinstance(item["arguments"], str)
    for part in item.get("content", []):
        allowed = {
            "user": ("input_text", "input_audio", "input_image"),
            "system": ("input_text",),
            "assistant": ("output_text", "output_audio"),
        }[item["role"]]
        assert part["type"] in allowed
        if part["type"] == "input_audio":
            assert "transcript" in part
        else:
            assert None not in part.values()


def _check_numbers(usage: dict[str, Any]) -> None:
    for value in usage.values():
        if isinstance(value, dict):
            _check_numbers(value)
        else:
            assert isinstance(value, int)


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
