"""Turn detection as a session configures it (protocol §5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from realtime.upstream.embedded.parameters import (
    expect_decimal,
    expect_flag,
    expect_integer,
    expect_object,
    expect_one_of,
    unknown,
)

SERVER_VAD: Final[Mapping[str, Any]] = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 500,
    "idle_timeout_ms": None,
    "create_response": True,
    "interrupt_response": True,
}
SEMANTIC_VAD: Final[Mapping[str, Any]] = {
    "type": "semantic_vad",
    "eagerness": "auto",
    "create_response": True,
    "interrupt_response": True,
}
_EAGERNESS = ("low", "medium", "high", "auto")
_ABOUT_RESPONSES = ("idle_timeout_ms", "create_response", "interrupt_response")


def default_turn_detection(kind: str, *, answers: bool) -> dict[str, Any]:
    """answers: false for transcription sessions, whose settings say nothing about responses."""
    defaults = SERVER_VAD if kind == "server_vad" else SEMANTIC_VAD
    return {key: value for key, value in defaults.items() if answers or key not in _ABOUT_RESPONSES}


def merge_turn_detection(
    current: Mapping[str, Any] | None, patch: object, param: str, *, answers: bool
) -> dict[str, Any] | None:
    """`patch` over the settings in force; null switches detection off. Raises InvalidEvent.

    A patch of another type starts from that type's defaults.
    """
    if patch is None:
        return None
    asked = expect_object(patch, param)
    kind = expect_one_of(
        asked.get("type", (current or SERVER_VAD)["type"]),
        f"{param}.type",
        ("server_vad", "semantic_vad"),
    )
    known = SERVER_VAD if kind == "server_vad" else SEMANTIC_VAD
    goes_on = current is not None and current["type"] == kind
    merged = dict(current or {}) if goes_on else default_turn_detection(kind, answers=answers)
    for key, value in asked.items():
        path = f"{param}.{key}"
        if key not in known:
            raise unknown(path)
        if value is not None:
            merged[key] = _checked(key, value, path)
        elif key == "idle_timeout_ms":
            merged[key] = None
    return merged


def _checked(key: str, value: object, path: str) -> Any:
    if key in ("create_response", "interrupt_response"):
        return expect_flag(value, path)
    if key == "threshold":
        return expect_decimal(value, path, 0.0, 1.0)
    if key == "prefix_padding_ms":
        return expect_integer(value, path, 0, 5_000)
    if key == "silence_duration_ms":
        return expect_integer(value, path, 50, 10_000)
    if key == "idle_timeout_ms":
        return expect_integer(value, path, 5_000, 30_000)
    if key == "eagerness":
        return expect_one_of(value, path, _EAGERNESS)
    return value
