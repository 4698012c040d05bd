"""Items as a client may create them: `conversation.item.create` and `response.create` input."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from realtime.core.errors import InvalidEvent
from realtime.upstream.embedded.audio_format import AudioFormat
from realtime.upstream.embedded.conversation import Item
from realtime.upstream.embedded.ids import IdMaker
from realtime.upstream.embedded.parameters import (
    expect_list,
    expect_object,
    expect_one_of,
    expect_text,
    invalid,
)

MAX_ID_CHARACTERS = 128
_TYPES = ("message", "function_call", "function_call_output")
_STATUSES = ("completed", "incomplete", "in_progress")
_CONTENT_BY_ROLE = {
    "system": ("input_text",),
    "user": ("input_text", "input_audio", "input_image"),
    "assistant": ("output_text",),
}
# Clients dump whole content objects: the fields of a part's other types come along, mostly null.
_PART_KEYS = ("type", "text", "audio", "transcript", "image_url", "detail")
_COMMON_KEYS = ("id", "object", "type", "status")
_KEYS = {
    "message": (*_COMMON_KEYS, "role", "content", "phase"),
    "function_call": (*_COMMON_KEYS, "name", "call_id", "arguments"),
    "function_call_output": (*_COMMON_KEYS, "call_id", "output"),
}
_IMAGES = ("data:image/png", "data:image/jpeg")


def decode_audio(value: object, audio_format: AudioFormat, param: str) -> bytes:
    """Base64 to audio bytes. Raises InvalidEvent for bad base64 and half samples."""
    try:
        audio = base64.b64decode(expect_text(value, param), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidEvent(
            f"Invalid '{param}'. Expected base64-encoded audio bytes in the session's format, but "
            "got an invalid value.",
            code="invalid_value",
            param=param,
        ) from None
    if len(audio) % audio_format.bytes_per_sample:
        raise invalid(param, "16-bit audio needs an even number of bytes.")
    return audio


def parse_item(
    value: object, new_id: IdMaker, audio_format: AudioFormat, param: str = "item"
) -> Item:
    """A checked item, with an id of its own where the client gave none. Raises InvalidEvent.

    Spoken user items come back with their audio and must still be heard.
    """
    asked = expect_object(value, param)
    kind = expect_one_of(asked.get("type"), f"{param}.type", _TYPES)
    expect_object(value, param, known=_KEYS[kind])
    item_id = asked.get("id")
    if item_id is None:
        item_id = new_id("item")
    expect_text(item_id, f"{param}.id", least=1, most=MAX_ID_CHARACTERS)
    if asked.get("status") is not None:
        expect_one_of(asked["status"], f"{param}.status", _STATUSES)
    if kind == "message":
        return _parse_message(asked, item_id, audio_format, param)
    if kind == "function_call":
        call_id = asked.get("call_id")
        return Item(
            {
                "id": item_id,
                "type": kind,
                "status": "completed",
                "name": expect_text(asked.get("name"), f"{param}.name", least=1),
                "call_id": new_id("call")
                if call_id is None
                else expect_text(call_id, f"{param}.call_id", least=1),
                "arguments": expect_text(asked.get("arguments"), f"{param}.arguments"),
            }
        )
    return Item(
        {
            "id": item_id,
            "type": kind,
            "call_id": expect_text(asked.get("call_id"), f"{param}.call_id", least=1),
            "output": expect_text(asked.get("output"), f"{param}.output"),
        }
    )


def _parse_message(
    value: Mapping[str, Any], item_id: str, audio_format: AudioFormat, param: str
) -> Item:
    role = expect_one_of(value.get("role"), f"{param}.role", tuple(_CONTENT_BY_ROLE))
    if value.get("content") is None:
        expect_text(None, f"{param}.content")
    item = Item({"id": item_id, "type": "message", "status": "completed", "role": role})
    content = []
    for index, part in enumerate(expect_list(value["content"], f"{param}.content")):
        path = f"{param}.content[{index}]"
        asked = expect_object(part, path, known=_PART_KEYS)
        kind = expect_one_of(asked.get("type"), f"{path}.type", _CONTENT_BY_ROLE[role])
        if kind == "input_audio":
            item.audio += decode_audio(asked.get("audio"), audio_format, f"{path}.audio")
            item.audio_format = audio_format
            transcript = asked.get("transcript")
            if transcript is not None:
                expect_text(transcript, f"{path}.transcript")
            content.append({"type": kind, "transcript": transcript})
        elif kind == "input_image":
            content.append({"type": kind, **_parse_image(asked, path)})
        else:
            content.append({"type": kind, "text": expect_text(asked.get("text"), f"{path}.text")})
    item.wire["content"] = content
    item.audio_ms = audio_format.duration_ms(len(item.audio))
    return item


def _parse_image(part: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Kept and echoed; these rules have no eyes."""
    url = expect_text(part.get("image_url"), f"{path}.image_url")
    if not url.startswith(_IMAGES):
        raise invalid(f"{path}.image_url", "expected a data URI of a PNG or JPEG image.")
    image: dict[str, Any] = {"image_url": url}
    if part.get("detail") is not None:
        image["detail"] = expect_one_of(part["detail"], f"{path}.detail", ("auto", "low", "high"))
    return image
