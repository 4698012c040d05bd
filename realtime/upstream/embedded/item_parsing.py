"""Items as a client may create them: `conversation.item.create` and `response.create` input."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from realtime.core.errors import InvalidEvent
from realtime.upstream.embedded.audio_format import AudioFormat
from realtime.upstream.embedded.conversation import Item

_CONTENT_BY_ROLE = {
    "system": ("input_text",),
    "user": ("input_text", "input_audio", "input_image"),
    "assistant": ("output_text",),
}


def decode_audio(value: object, audio_format: AudioFormat, param: str) -> bytes:
    """Base64 to audio bytes. Raises InvalidEvent for bad base64 and half samples."""
    if not isinstance(value, str):
        raise _invalid(param, "must be base64 text")
    try:
        audio = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidEvent(
            f"Invalid '{param}': not valid base64.", code="invalid_value", param=param
        ) from None
    if len(audio) % audio_format.bytes_per_sample:
        raise _invalid(param, "16-bit audio needs an even number of bytes")
    return audio


def parse_item(value: object, item_id: str, audio_format: AudioFormat, param: str = "item") -> Item:
    """A checked item; `item_id` is used when the client gave none. Raises InvalidEvent.

    Spoken user items come back with their audio and must still be heard.
    """
    if not isinstance(value, Mapping):
        raise _invalid(param, "must be an object")
    given_id = value.get("id")
    if given_id is not None:
        if not isinstance(given_id, str) or not 0 < len(given_id) <= 128:
            raise _invalid(f"{param}.id", "must be a string of at most 128 characters")
        item_id = given_id
    kind = value.get("type", "message")
    if kind == "message":
        return _parse_message(value, item_id, audio_format, param)
    if kind == "function_call":
        return Item(
            {
                "id": item_id,
                "type": kind,
                "status": "completed",
                "name": _text(value.get("name"), f"{param}.name"),
                "call_id": str(value.get("call_id") or item_id),
                "arguments": _text(value.get("arguments"), f"{param}.arguments"),
            }
        )
    if kind == "function_call_output":
        return Item(
            {
                "id": item_id,
                "type": kind,
                "call_id": _text(value.get("call_id"), f"{param}.call_id"),
                "output": _text(value.get("output"), f"{param}.output"),
            }
        )
    raise _invalid(f"{param}.type", "supported: message, function_call, function_call_output")


def _parse_message(
    value: Mapping[str, Any], item_id: str, audio_format: AudioFormat, param: str
) -> Item:
    role = value.get("role")
    if not isinstance(role, str) or role not in _CONTENT_BY_ROLE:
        raise _invalid(f"{param}.role", "supported: user, assistant, system")
    parts = value.get("content")
    if not isinstance(parts, list):
        raise _invalid(f"{param}.content", "must be a list")
    item = Item({"id": item_id, "type": "message", "status": "completed", "role": role})
    content: list[dict[str, Any]] = []
    for index, part in enumerate(parts):
        path = f"{param}.content[{index}]"
        kind = part.get("type") if isinstance(part, Mapping) else None
        if kind not in _CONTENT_BY_ROLE[role]:
            allowed = ", ".join(_CONTENT_BY_ROLE[role])
            raise _invalid(f"{path}.type", f"a {role} message supports: {allowed}")
        if kind == "input_audio":
            item.audio += decode_audio(part.get("audio"), audio_format, f"{path}.audio")
            item.audio_format = audio_format
            content.append({"type": kind, "transcript": None})
        elif kind == "input_image":
            image = {key: part[key] for key in ("image_url", "detail") if key in part}
            content.append({"type": kind, **image})
        else:
            content.append({"type": kind, "text": _text(part.get("text"), f"{path}.text")})
    item.wire["content"] = content
    item.audio_ms = audio_format.duration_ms(len(item.audio))
    return item


def _text(value: object, param: str) -> str:
    if not isinstance(value, str):
        raise InvalidEvent(
            f"Missing required parameter: '{param}'.",
            code="missing_required_parameter",
            param=param,
        )
    return value


def _invalid(param: str, why: str) -> InvalidEvent:
    return InvalidEvent(f"Invalid value for '{param}': {why}.", code="invalid_value", param=param)
