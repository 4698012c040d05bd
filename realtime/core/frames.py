"""Frames: one JSON text per event, read into something typed; and the frames we make ourselves.

A client frame is forwarded as the bytes it came in, so what we understood must be all it says:
repeated keys are refused, because a provider could read the other one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import orjson

from realtime.core.errors import InvalidEvent, VoiceError

# Tools' schemas and nested metadata stay far below it.
_MAX_DEPTH: Final = 100


@dataclass(frozen=True, slots=True)
class Frame:
    """One event. `body` is `raw` parsed; `event_id` is None where none was given as a string."""

    raw: str
    type: str
    body: dict[str, Any]
    event_id: str | None


def parse_client_frame(raw: str | bytes) -> Frame:
    """Read one client frame. Raises InvalidEvent, and nothing else, whatever is in it."""
    if not isinstance(raw, str):
        raise InvalidEvent(
            "Binary frames are not accepted. Send each event as one JSON text frame, "
            "with audio as base64."
        )
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise InvalidEvent("The frame is not valid JSON.") from None
    if not isinstance(body, dict):
        raise InvalidEvent("An event must be a JSON object.")
    event_id = string_or_none(body.get("event_id"))
    if _nests_too_deep(raw, body):
        raise InvalidEvent(
            f"An event must not nest deeper than {_MAX_DEPTH} levels.", client_event_id=event_id
        )
    if not _keys_are_unique(raw, body):
        raise InvalidEvent("An event must not repeat a key.", client_event_id=event_id)
    event_type = body.get("type")
    if event_type is None:
        raise InvalidEvent(
            "Missing required parameter: 'type'.",
            code="missing_required_parameter",
            param="type",
            client_event_id=event_id,
        )
    if not isinstance(event_type, str):
        raise InvalidEvent(
            "Invalid type for 'type': expected a string.",
            code="invalid_type",
            param="type",
            client_event_id=event_id,
        )
    return Frame(raw, event_type, body, event_id)


def parse_server_frame(raw: str) -> Frame | None:
    """Read one provider frame; None for what is no event (no JSON object with a string `type`)."""
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(body, dict) or not isinstance(body.get("type"), str):
        return None
    if _nests_too_deep(raw, body):
        return None  # neither we nor a client's parser could be sure to take it
    return Frame(raw, body["type"], body, string_or_none(body.get("event_id")))


def dump(body: Mapping[str, Any]) -> str:
    """One frame's text."""
    return orjson.dumps(body).decode()


def string_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None


def mapping_or_empty(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def list_or_empty(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def int_or_zero(value: object) -> int:
    """`value` if it is a whole number above zero (JSON true is none)."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


class EventIds:
    """Ids for events made by the gateway: unique per `scope`, and the same again in a replay."""

    __slots__ = ("_count", "_scope")

    def __init__(self, scope: str) -> None:
        self._scope = scope
        self._count = 0

    def next(self, prefix: str = "event") -> str:
        self._count += 1
        digest = blake2b(f"{self._scope}/{self._count}".encode(), digest_size=10)
        return f"{prefix}_{digest.hexdigest()}"


def error_frame(error: VoiceError, event_id: str) -> str:
    """The `error` event that reports `error` (protocol §4.5): `error.event_id` is always there."""
    return dump(
        {
            "type": "error",
            "event_id": event_id,
            "error": {
                "type": error.error_type,
                "code": error.code,
                "message": error.message,
                "param": error.param,
                "event_id": error.client_event_id,
            },
        }
    )


def _nests_too_deep(raw: str, body: dict[str, Any]) -> bool:
    """What is read must also be written again, and the writer stops at 254 levels."""
    if raw.find("{", 1) < 0 and raw.find("[") < 0:  # every audio frame
        return False
    if raw.count("{") + raw.count("[") <= _MAX_DEPTH:
        return False
    level: list[Any] = [body]
    for _ in range(_MAX_DEPTH):
        level = [inner for outer in level for inner in _members(outer)]
        if not level:
            return False
    return True


def _members(value: Any) -> Iterable[Any]:
    """The objects and arrays directly inside one."""
    inside = value.values() if isinstance(value, dict) else value
    return [inner for inner in inside if isinstance(inner, (dict, list))]


class _RepeatedKey(Exception):
    pass


def _refuse_repeated_keys(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise _RepeatedKey


def _keys_are_unique(raw: str, body: dict[str, Any]) -> bool:
    # An object of strings alone that repeats nothing and escapes no quote has four quotes per
    # member. That is every audio frame, so the slow second parse stays off the audio path.
    if raw.count('"') == 4 * len(body) and all(isinstance(value, str) for value in body.values()):
        return True
    try:
        json.loads(raw, object_pairs_hook=_refuse_repeated_keys)
    except (_RepeatedKey, RecursionError, ValueError):
        # RecursionError and ValueError: nested or digits beyond what the standard library reads;
        # what cannot be checked is not let through.
        return False
    return True
