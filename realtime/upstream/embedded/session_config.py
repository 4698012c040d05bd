"""The effective session object: defaults and deep merge of updates (protocol §3).

`session.update` is a merge of the keys that are present; explicit null clears; an update with one
wrong value changes nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from realtime.core.errors import InvalidEvent
from realtime.upstream.embedded.audio_format import AudioFormat, parse_audio_format
from realtime.upstream.embedded.parameters import (
    expect_decimal,
    expect_flag,
    expect_object,
    expect_one_of,
    expect_text,
    missing,
    unknown,
)
from realtime.upstream.embedded.session_fields import (
    DEFAULT_VOICE,
    check_include,
    check_max_output_tokens,
    check_modalities,
    check_prompt,
    check_reasoning,
    check_tracing,
    check_truncation,
    check_voice,
    merge_noise_reduction,
    merge_transcription,
)
from realtime.upstream.embedded.tool_config import check_tool_choice, check_tools
from realtime.upstream.embedded.turn_detection import default_turn_detection, merge_turn_detection

DEFAULT_INSTRUCTIONS = (
    "This is the embedded demonstration voice: it speaks English, follows rules and is not an AI."
)
TYPES = ("realtime", "transcription")

# Clients echo these back with a session they were shown; they set nothing.
_READ_ONLY = ("id", "object", "expires_at")
_ABSENT_UNLESS_SET = ("reasoning", "parallel_tool_calls")


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
                "turn_detection": default_turn_detection("server_vad", answers=True),
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
    """A session that only listens (protocol §3.2); unlike OpenAI's it transcribes at once."""
    return {
        "type": "transcription",
        "object": "realtime.transcription_session",
        "id": session_id,
        "expires_at": expires_at_unix_s,
        "audio": {
            "input": {
                "format": AudioFormat.PCM.as_wire(),
                "transcription": {"model": "embedded", "language": None, "prompt": None},
                "noise_reduction": None,
                "turn_detection": default_turn_detection("server_vad", answers=False),
            }
        },
        "include": None,
    }


def new_session_config(
    session_id: str, default_model: str, expires_at_unix_s: int, settings: object
) -> dict[str, Any]:
    """A new session of the type that `settings` name, with them applied. Raises InvalidEvent."""
    asked = expect_object(settings, "session")
    kind = expect_one_of(asked.get("type"), "session.type", TYPES)
    if kind == "transcription":
        return merge_session(default_transcription_session(session_id, expires_at_unix_s), asked)
    model = asked.get("model")
    model = default_model if model is None else expect_text(model, "session.model", least=1)
    return merge_session(default_session(session_id, model, expires_at_unix_s), asked)


def merge_session(current: Mapping[str, Any], patch: object) -> dict[str, Any]:
    """`current` with `patch` applied. Raises InvalidEvent and leaves `current` as it is."""
    asked = expect_object(patch, "session")
    if "type" not in asked:
        raise missing("session.type")
    kind = expect_one_of(asked["type"], "session.type", TYPES)
    if kind != current["type"]:
        raise InvalidEvent(
            f"Passing a {kind} session update event to a {current['type']} session is not allowed.",
            code="invalid_parameter",
            param="session.type",
        )
    merged: dict[str, Any] = copy.deepcopy(dict(current))
    for key, value in asked.items():
        path = f"session.{key}"
        if key == "type" or key in _READ_ONLY:
            continue
        if key == "audio":
            if value is not None:
                _merge_audio(merged, value)
        elif key == "include":
            merged[key] = check_include(value, path)
        elif kind == "transcription":
            raise unknown(path)
        elif key in _ABSENT_UNLESS_SET and value is None:
            merged.pop(key, None)
        else:
            _merge_field(merged, key, value, path)
    return merged


def _merge_field(merged: dict[str, Any], key: str, value: object, path: str) -> None:
    if key == "model":
        if value is not None:
            expect_text(value, path)  # bound when the session began: an update cannot change it
    elif key == "instructions":
        merged[key] = "" if value is None else expect_text(value, path)
    elif key == "output_modalities":
        merged[key] = ["audio"] if value is None else check_modalities(value, path)
    elif key == "tools":
        merged[key] = [] if value is None else check_tools(value, path)
    elif key == "tool_choice":
        merged[key] = "auto" if value is None else check_tool_choice(value, path)
    elif key == "max_output_tokens":
        merged[key] = "inf" if value is None else check_max_output_tokens(value, path)
    elif key == "parallel_tool_calls":
        merged[key] = expect_flag(value, path)
    elif key == "reasoning":
        merged[key] = check_reasoning(value, path)
    elif key == "tracing":
        merged[key] = check_tracing(value, merged[key], path)
    elif key == "truncation":
        merged[key] = "auto" if value is None else check_truncation(value, path)
    elif key == "prompt":
        merged[key] = None if value is None else check_prompt(value, path)
    else:
        raise unknown(path)


def _merge_audio(session: dict[str, Any], patch: object) -> None:
    audio = session["audio"]
    for side, value in expect_object(patch, "session.audio", known=tuple(audio)).items():
        path = f"session.audio.{side}"
        if value is None:
            continue
        if side == "input":
            answers = session["type"] == "realtime"
            _merge_input(audio[side], expect_object(value, path), path, answers=answers)
        else:
            _merge_output(audio[side], expect_object(value, path), path)


def _merge_input(
    listening: dict[str, Any], patch: Mapping[str, Any], path: str, *, answers: bool
) -> None:
    for key, value in patch.items():
        param = f"{path}.{key}"
        if key == "format":
            if value is not None:
                listening[key] = parse_audio_format(value, param).as_wire()
        elif key == "transcription":
            listening[key] = merge_transcription(listening[key], value, param)
        elif key == "noise_reduction":
            listening[key] = merge_noise_reduction(listening[key], value, param)
        elif key == "turn_detection":
            listening[key] = merge_turn_detection(listening[key], value, param, answers=answers)
        else:
            raise unknown(param)


def _merge_output(speaking: dict[str, Any], patch: Mapping[str, Any], path: str) -> None:
    for key, value in patch.items():
        param = f"{path}.{key}"
        if key not in speaking:
            raise unknown(param)
        if value is None:
            continue
        if key == "format":
            speaking[key] = parse_audio_format(value, param).as_wire()
        elif key == "voice":
            speaking[key] = check_voice(value, param)
        else:
            speaking[key] = expect_decimal(value, param, 0.25, 1.5)
