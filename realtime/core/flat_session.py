"""The flat session of the beta (and of a mint's `voice_config`) ⇄ the GA object (protocol §3.4).

Field by field, without a judgement on values but those that have no name in the other shape.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from realtime.core.errors import InvalidEvent
from realtime.core.session_kind import SessionKind

_FORMATS: Final[Mapping[str, Mapping[str, Any]]] = {
    "pcm16": {"type": "audio/pcm", "rate": 24000},
    "g711_ulaw": {"type": "audio/pcmu"},
    "g711_alaw": {"type": "audio/pcma"},
}
_FLAT_FORMATS: Final = {declared["type"]: name for name, declared in _FORMATS.items()}

# Where a flat field lives in GA, when its value is the same.
_INPUT_FIELDS: Final = {
    "input_audio_transcription": "transcription",
    "input_audio_noise_reduction": "noise_reduction",
    "turn_detection": "turn_detection",
}
_OUTPUT_FIELDS: Final = {"voice": "voice", "speed": "speed"}
_FORMAT_FIELDS: Final = {"input_audio_format": "input", "output_audio_format": "output"}
_GONE: Final = frozenset({"temperature", "client_secret"})

FLAT_ONLY: Final = frozenset(
    {
        "modalities",
        "max_response_output_tokens",
        "temperature",
        *_FORMAT_FIELDS,
        *_INPUT_FIELDS,
        *_OUTPUT_FIELDS,
    }
)
# `max_output_tokens` is no evidence: the beta's `response.create` has it beside flat fields.
_GA_ONLY: Final = frozenset({"audio", "output_modalities"})

_GA_FORMAT_PATH: Final = re.compile(r"\.audio\.(input|output)\.format(?:\.\w+)?")


def is_flat_session(session: Mapping[str, Any]) -> bool:
    """Whether a client's session object is flat: it has flat fields and none that only GA has."""
    keys = session.keys()
    return bool(keys & FLAT_ONLY) and not keys & _GA_ONLY


def check_flat(flat: Mapping[str, Any], path: str) -> None:
    """Refuse flat values that GA has no word for, while the client's own field can be named.

    Raises InvalidEvent; `path` is the beginning of `param`: `session` or `response`.
    """
    for name in _FORMAT_FIELDS:
        value = flat.get(name)
        if value is not None and (not isinstance(value, str) or value not in _FORMATS):
            raise InvalidEvent(
                f"Invalid value: '{str(value)[:64]}'. Supported values are: 'pcm16', 'g711_ulaw',"
                " and 'g711_alaw'.",
                code="invalid_value",
                param=f"{path}.{name}",
            )
    modalities = flat.get("modalities")
    if modalities is not None and not _are_modalities(modalities):
        raise InvalidEvent(
            f"Invalid modalities: {str(modalities)[:64]}. Supported combinations are: ['text'] and"
            " ['audio', 'text'].",
            code="invalid_value",
            param=f"{path}.modalities",
        )


def flat_session_to_ga(
    flat: Mapping[str, Any], kind: SessionKind = SessionKind.REALTIME
) -> dict[str, Any]:
    """A flat session object (the beta's, or a mint's `voice_config`) as a GA one of this kind.

    Values that are no known name (a format, a modality) are kept, for somebody else to refuse.
    """
    ga: dict[str, Any] = {"type": kind.value}
    audio_input: dict[str, Any] = {}
    audio_output: dict[str, Any] = {}
    for key, value in flat.items():
        if key in _INPUT_FIELDS:
            audio_input[_INPUT_FIELDS[key]] = value
        elif key in _OUTPUT_FIELDS:
            audio_output[_OUTPUT_FIELDS[key]] = value
        elif key in _FORMAT_FIELDS:
            half = audio_input if _FORMAT_FIELDS[key] == "input" else audio_output
            half["format"] = _format_to_ga(value)
        elif key == "modalities":
            # What only listens has none, though the beta let clients send them.
            if kind is SessionKind.REALTIME:
                ga["output_modalities"] = _modalities_to_ga(value)
        elif key == "max_response_output_tokens":
            ga["max_output_tokens"] = value
        elif key == "tool_choice":
            ga[key] = _tool_choice_to_ga(value)
        elif key not in _GONE and key != "type":
            ga[key] = value
    audio = {
        side: half for side, half in (("input", audio_input), ("output", audio_output)) if half
    }
    if audio:
        ga["audio"] = audio
    return ga


def ga_session_to_flat(session: Mapping[str, Any]) -> dict[str, Any]:
    """A GA session object in the flat shape."""
    flat: dict[str, Any] = {}
    for key, value in session.items():
        if key == "output_modalities":
            flat["modalities"] = _modalities_to_flat(value)
        elif key == "max_output_tokens":
            flat["max_response_output_tokens"] = value
        elif key == "audio" and isinstance(value, Mapping):
            flat.update(_half_to_flat(value.get("input"), "input_audio_format", _INPUT_FIELDS))
            flat.update(_half_to_flat(value.get("output"), "output_audio_format", _OUTPUT_FIELDS))
        elif key != "type":
            flat[key] = value
    return flat


def flat_param(param: str) -> str:
    """An error's GA field path as a flat client knows the field."""
    for side, fields in (("input", _INPUT_FIELDS), ("output", _OUTPUT_FIELDS)):
        for flat, field in fields.items():
            param = param.replace(f".audio.{side}.{field}", f".{flat}")
    param = _GA_FORMAT_PATH.sub(r".\1_audio_format", param)
    param = param.replace(".output_modalities", ".modalities")
    return param.replace(".max_output_tokens", ".max_response_output_tokens")


def _are_modalities(value: object) -> bool:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        return False
    return bool(value) and len(set(value)) == len(value) and set(value) <= {"text", "audio"}


def _format_to_ga(value: object) -> object:
    return dict(_FORMATS[value]) if isinstance(value, str) and value in _FORMATS else value


def _format_to_flat(value: object) -> object:
    kind = value.get("type") if isinstance(value, Mapping) else None
    return _FLAT_FORMATS.get(kind, value) if isinstance(kind, str) else value


def _modalities_to_ga(value: object) -> object:
    if not isinstance(value, list):
        return value
    return ["audio"] if "audio" in value else list(value)


def _modalities_to_flat(value: object) -> object:
    return ["text", "audio"] if value == ["audio"] else value


def _tool_choice_to_ga(value: object) -> object:
    """The beta's guides put the name one level deeper, as in Chat Completions."""
    named = value.get("function") if isinstance(value, Mapping) else None
    if isinstance(named, Mapping) and "name" in named:
        return {"type": "function", "name": named["name"]}
    return value


def _half_to_flat(half: object, format_name: str, field_names: Mapping[str, str]) -> dict[str, Any]:
    if not isinstance(half, Mapping):
        return {}
    flat = {name: half[field] for name, field in field_names.items() if field in half}
    if "format" in half:
        flat[format_name] = _format_to_flat(half["format"])
    return flat
