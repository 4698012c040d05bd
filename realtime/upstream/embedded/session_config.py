"""The effective session object: defaults, deep merge of updates, validation (protocol §3).

`session.update` is a merge of the keys that are present; explicit null clears; an update with one
wrong value changes nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from realtime.core.errors import InvalidEvent
from realtime.upstream.embedded.audio_format import AudioFormat, parse_audio_format
from realtime.upstream.embedded.tool_config import check_tool_choice, check_tools

VOICES = (
    "alloy",
    "ash",
    "ballad",
    "cedar",
    "coral",
    "echo",
    "marin",
    "sage",
    "shimmer",
    "verse",
)
DEFAULT_VOICE = "marin"
DEFAULT_INSTRUCTIONS = (
    "This is the embedded demonstration voice: it speaks English, follows rules and is not an AI."
)

_SERVER_VAD: dict[str, Any] = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 500,
    "idle_timeout_ms": None,
    "create_response": True,
    "interrupt_response": True,
}
_SEMANTIC_VAD: dict[str, Any] = {
    "type": "semantic_vad",
    "eagerness": "auto",
    "create_response": True,
    "interrupt_response": True,
}
_READ_ONLY = {"id", "object", "expires_at", "model"}
_STORED_AS_GIVEN = {"tracing", "truncation", "prompt", "include", "reasoning"}


def default_session(session_id: str, model: str, expires_at_unix_s: int) -> dict[str, Any]:
    """The session as `session.created` shows it before any update."""
    return {
        "type": "realtime",
        "object": "realtime.session",
        "id": session_id,
        "model": model,
        "output_modalities": ["audio"],
        "instructions": DEFAULT_INSTRUCTIONS,
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": None,
        "truncation": "auto",
        "prompt": None,
        "expires_at": expires_at_unix_s,
        "audio": {
            "input": {
                "format": AudioFormat.PCM.as_wire(),
                "transcription": None,
                "noise_reduction": None,
                "turn_detection": dict(_SERVER_VAD),
            },
            "output": {
                "format": AudioFormat.PCM.as_wire(),
                "voice": DEFAULT_VOICE,
                "speed": 1.0,
            },
        },
        "include": None,
    }


def default_transcription_session(session_id: str, expires_at_unix_s: int) -> dict[str, Any]:
    """A session that only listens (protocol §3.2)."""
    whole = default_session(session_id, "", expires_at_unix_s)
    listening = whole["audio"]["input"]
    listening["transcription"] = {"model": "embedded", "language": None, "prompt": None}
    return {
        "type": "transcription",
        "object": "realtime.transcription_session",
        "id": session_id,
        "expires_at": expires_at_unix_s,
        "audio": {"input": listening},
        "include": None,
    }


def merge_session(current: Mapping[str, Any], patch: object) -> dict[str, Any]:
    """`current` with `patch` applied. Raises InvalidEvent and leaves `current` as it is."""
    if not isinstance(patch, Mapping):
        raise _invalid("session", "must be an object")
    if "type" not in patch:
        raise InvalidEvent(
            "Missing required parameter: 'session.type'.",
            code="missing_required_parameter",
            param="session.type",
        )
    if patch["type"] != current["type"]:
        raise _invalid("session.type", f"this session is of type '{current['type']}'")
    merged: dict[str, Any] = copy.deepcopy(dict(current))
    listening_only = current["type"] == "transcription"
    for key, value in patch.items():
        path = f"session.{key}"
        if key == "type" or key in _READ_ONLY:
            continue
        if key == "audio":
            _merge_audio(merged["audio"], value)
        elif key == "include" or (key in _STORED_AS_GIVEN and not listening_only):
            merged[key] = value
        elif listening_only:
            raise _unknown(path)
        elif key == "instructions":
            merged[key] = _text(value, path)
        elif key == "output_modalities":
            merged[key] = check_modalities(value, path)
        elif key == "tools":
            merged[key] = check_tools(value, path)
        elif key == "tool_choice":
            merged[key] = check_tool_choice(value, path)
        elif key == "max_output_tokens":
            merged[key] = check_max_output_tokens(value, path)
        elif key == "parallel_tool_calls":
            merged[key] = _flag(value, path)
        else:
            raise _unknown(path)
    return merged


def check_modalities(value: object, param: str) -> list[str]:
    """["audio"] or ["text"]; never both (protocol §3.1)."""
    if value not in (["audio"], ["text"]):
        raise _invalid(param, 'must be ["audio"] or ["text"]')
    return list(value)


def check_voice(value: object, param: str) -> str:
    if not isinstance(value, str) or value not in VOICES:
        raise _invalid(param, "supported values are: " + ", ".join(VOICES))
    return value


def check_max_output_tokens(value: object, param: str) -> int | str:
    if value == "inf" or value is None:
        return "inf"
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 4096:
        raise _invalid(param, 'must be an integer from 1 to 4096 or "inf"')
    return value


def _merge_audio(audio: dict[str, Any], patch: object) -> None:
    if not isinstance(patch, Mapping):
        raise _invalid("session.audio", "must be an object")
    for side, value in patch.items():
        path = f"session.audio.{side}"
        if side not in audio:
            raise _unknown(path)
        if value is None:
            continue
        if not isinstance(value, Mapping):
            raise _invalid(path, "must be an object")
        merge = _merge_input if side == "input" else _merge_output
        merge(audio[side], value, path)


def _merge_input(listening: dict[str, Any], patch: Mapping[str, Any], path: str) -> None:
    for key, value in patch.items():
        param = f"{path}.{key}"
        if key == "format":
            if value is not None:
                listening[key] = parse_audio_format(value, param).as_wire()
        elif key == "transcription":
            listening[key] = _merge_transcription(listening[key], value, param)
        elif key == "noise_reduction":
            listening[key] = _check_noise_reduction(value, param)
        elif key == "turn_detection":
            listening[key] = _merge_turn_detection(listening[key], value, param)
        else:
            raise _unknown(param)


def _merge_output(speaking: dict[str, Any], patch: Mapping[str, Any], path: str) -> None:
    for key, value in patch.items():
        param = f"{path}.{key}"
        if value is None and key in speaking:
            continue
        if key == "format":
            speaking[key] = parse_audio_format(value, param).as_wire()
        elif key == "voice":
            speaking[key] = check_voice(value, param)
        elif key == "speed":
            speaking[key] = _number(value, param, 0.25, 1.5)
        else:
            raise _unknown(param)


def _merge_transcription(current: Any, patch: object, param: str) -> dict[str, Any] | None:
    if patch is None:
        return None
    if not isinstance(patch, Mapping):
        raise _invalid(param, "must be an object or null")
    base = current or {"model": "embedded", "language": None, "prompt": None}
    return {**base, **patch}


def _check_noise_reduction(value: object, param: str) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping) or value.get("type") not in ("near_field", "far_field"):
        raise _invalid(param, 'must be null or {"type": "near_field" | "far_field"}')
    return dict(value)


def _merge_turn_detection(current: Any, patch: object, param: str) -> dict[str, Any] | None:
    if patch is None:
        return None
    if not isinstance(patch, Mapping):
        raise _invalid(param, "must be an object or null")
    kind = patch.get("type", (current or _SERVER_VAD)["type"])
    if kind not in ("server_vad", "semantic_vad"):
        raise _invalid(f"{param}.type", "supported values are: server_vad, semantic_vad")
    defaults = _SERVER_VAD if kind == "server_vad" else _SEMANTIC_VAD
    merged = dict(current) if current and current["type"] == kind else dict(defaults)
    for key, value in patch.items():
        path = f"{param}.{key}"
        if key not in defaults:
            raise _unknown(path)
        if value is None and key != "idle_timeout_ms":
            continue
        if key in ("create_response", "interrupt_response"):
            merged[key] = _flag(value, path)
        elif key == "threshold":
            merged[key] = _number(value, path, 0.0, 1.0)
        elif key == "prefix_padding_ms":
            merged[key] = int(_number(value, path, 0, 5_000))
        elif key == "silence_duration_ms":
            merged[key] = int(_number(value, path, 50, 10_000))
        elif key == "idle_timeout_ms":
            merged[key] = None if value is None else int(_number(value, path, 5_000, 30_000))
        elif key == "eagerness" and value not in ("low", "medium", "high", "auto"):
            raise _invalid(path, "supported values are: low, medium, high, auto")
        else:
            merged[key] = value
    return merged


def _text(value: object, param: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _invalid(param, "must be a string")
    return value


def _flag(value: object, param: str) -> bool:
    if not isinstance(value, bool):
        raise _invalid(param, "must be true or false")
    return value


def _number(value: object, param: str, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise _invalid(param, f"must be a number from {least:g} to {most:g}")
    return float(value)


def _invalid(param: str, why: str) -> InvalidEvent:
    return InvalidEvent(f"Invalid value for '{param}': {why}.", code="invalid_value", param=param)


def _unknown(param: str) -> InvalidEvent:
    return InvalidEvent(f"Unknown parameter: '{param}'.", code="unknown_parameter", param=param)
