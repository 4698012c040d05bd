"""Beta and flat shapes of the Realtime protocol ⇄ GA (protocol §3.4), at the client's edge only.

The session and the provider speak GA. A client whose first `session.update` is flat (the beta's, or
the `voice_config` of a mint) is answered in the beta's shapes and event names.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from realtime.core import names


class Dialect(StrEnum):
    """GA: the protocol of today. BETA: flat session objects and the event names of the beta."""

    GA = "ga"
    BETA = "beta"


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

FLAT_ONLY: Final = frozenset(
    {
        "modalities",
        "input_audio_format",
        "output_audio_format",
        "max_response_output_tokens",
        "temperature",
        *_INPUT_FIELDS,
        *_OUTPUT_FIELDS,
    }
)
# `max_output_tokens` is no evidence: the beta's `response.create` has it beside flat fields.
_GA_ONLY: Final = frozenset({"audio", "output_modalities"})

_TO_BETA: Final = {
    names.ITEM_ADDED: "conversation.item.created",
    names.OUTPUT_TEXT_DELTA: "response.text.delta",
    names.OUTPUT_TEXT_DONE: "response.text.done",
    names.OUTPUT_AUDIO_DELTA: "response.audio.delta",
    "response.output_audio.done": "response.audio.done",
    names.OUTPUT_TRANSCRIPT_DELTA: "response.audio_transcript.delta",
    names.OUTPUT_TRANSCRIPT_DONE: "response.audio_transcript.done",
}
_CONTENT_TO_BETA: Final = {"output_text": "text", "output_audio": "audio"}
_CONTENT_TO_GA: Final = {beta: ga for ga, beta in _CONTENT_TO_BETA.items()}


def is_flat_session(session: Mapping[str, Any]) -> bool:
    """Whether a client's session object is flat: it has flat fields and none that only GA has."""
    keys = session.keys()
    return bool(keys & FLAT_ONLY) and not keys & _GA_ONLY


def flat_session_to_ga(flat: Mapping[str, Any]) -> dict[str, Any]:
    """A flat session object (the beta's, or a mint's `voice_config`) as a GA one.

    Values that are no known name (a format, a modality) are kept, for the provider to refuse.
    """
    ga: dict[str, Any] = {"type": "realtime"}
    audio_input: dict[str, Any] = {}
    audio_output: dict[str, Any] = {}
    for key, value in flat.items():
        if key in _INPUT_FIELDS:
            audio_input[_INPUT_FIELDS[key]] = value
        elif key in _OUTPUT_FIELDS:
            audio_output[_OUTPUT_FIELDS[key]] = value
        elif key == "input_audio_format":
            audio_input["format"] = _format_to_ga(value)
        elif key == "output_audio_format":
            audio_output["format"] = _format_to_ga(value)
        elif key == "modalities":
            ga["output_modalities"] = _modalities_to_ga(value)
        elif key == "max_response_output_tokens":
            ga["max_output_tokens"] = value
        elif key not in ("temperature", "client_secret"):
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


def client_event_to_ga(event: Mapping[str, Any]) -> dict[str, Any]:
    """A beta client's event in GA shape; one that is GA already comes back equal."""
    ga = dict(event)
    session, response, item = event.get("session"), event.get("response"), event.get("item")
    if isinstance(session, Mapping) and is_flat_session(session):
        ga["session"] = flat_session_to_ga(session)
    elif isinstance(session, Mapping):
        ga["session"] = {"type": "realtime", **session}
    if isinstance(response, Mapping):
        ga["response"] = _response_to_ga(response)
    if isinstance(item, Mapping):
        ga["item"] = _item_to_ga(item)
    return ga


def server_event_to_beta(event: Mapping[str, Any]) -> dict[str, Any] | None:
    """A GA server event as the beta sent it; None for one the beta did not have."""
    event_type = event.get("type")
    if event_type == names.ITEM_DONE:  # the beta announced an item once, when created
        return None
    beta = dict(event)
    beta["type"] = _TO_BETA.get(str(event_type), event_type)
    session, response, item = event.get("session"), event.get("response"), event.get("item")
    if isinstance(session, Mapping):
        beta["session"] = ga_session_to_flat(session)
    if isinstance(response, Mapping):
        beta["response"] = _response_to_beta(response)
    if isinstance(item, Mapping):
        beta["item"] = _item_to_beta(item)
    return beta


def flat_param(param: str) -> str:
    """An error's GA field path as a flat client knows the field."""
    for side, fields in (("input", _INPUT_FIELDS), ("output", _OUTPUT_FIELDS)):
        for flat, field in fields.items():
            param = param.replace(f".audio.{side}.{field}", f".{flat}")
        param = param.replace(f".audio.{side}.format", f".{side}_audio_format")
    param = param.replace(".output_modalities", ".modalities")
    return param.replace(".max_output_tokens", ".max_response_output_tokens")


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


def _half_to_flat(half: object, format_name: str, field_names: Mapping[str, str]) -> dict[str, Any]:
    if not isinstance(half, Mapping):
        return {}
    flat = {name: half[field] for name, field in field_names.items() if field in half}
    if "format" in half:
        flat[format_name] = _format_to_flat(half["format"])
    return flat


def _response_to_ga(response: Mapping[str, Any]) -> dict[str, Any]:
    if response.keys() & FLAT_ONLY and not response.keys() & _GA_ONLY:
        ga = flat_session_to_ga(response)
        del ga["type"]
    else:
        ga = dict(response)
    if isinstance(response.get("input"), list):
        ga["input"] = [_item_to_ga(item) for item in response["input"]]
    return ga


def _response_to_beta(response: Mapping[str, Any]) -> dict[str, Any]:
    beta = ga_session_to_flat(response)
    if isinstance(response.get("output"), list):
        beta["output"] = [_item_to_beta(item) for item in response["output"]]
    return beta


def _item_to_ga(item: object) -> object:
    return _with_content_types(item, _CONTENT_TO_GA)


def _item_to_beta(item: object) -> object:
    translated = _with_content_types(item, _CONTENT_TO_BETA)
    if isinstance(translated, dict):
        translated.setdefault("object", "realtime.item")
    return translated


def _with_content_types(item: object, types: Mapping[str, str]) -> object:
    if not isinstance(item, Mapping):
        return item
    translated = dict(item)
    content = item.get("content")
    if item.get("role") == "assistant" and isinstance(content, list):
        translated["content"] = [_translated_part(part, types) for part in content]
    return translated


def _translated_part(part: object, types: Mapping[str, str]) -> object:
    if isinstance(part, Mapping) and isinstance(part.get("type"), str):
        return {**part, "type": types.get(part["type"], part["type"])}
    return part
