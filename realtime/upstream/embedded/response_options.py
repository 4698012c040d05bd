"""What one response is asked to be: the session's settings overridden by `response.create`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from realtime.core.errors import InvalidEvent
from realtime.upstream.embedded.audio_format import AudioFormat, parse_audio_format
from realtime.upstream.embedded.conversation import Conversation, Item
from realtime.upstream.embedded.ids import IdMaker
from realtime.upstream.embedded.item_parsing import parse_item
from realtime.upstream.embedded.session_config import (
    check_max_output_tokens,
    check_modalities,
    check_voice,
)
from realtime.upstream.embedded.tool_config import check_tool_choice, check_tools

_KNOWN = {
    "conversation",
    "input",
    "instructions",
    "output_modalities",
    "audio",
    "tools",
    "tool_choice",
    "max_output_tokens",
    "metadata",
    "parallel_tool_calls",
    "reasoning",
    "prompt",
}


@dataclass(frozen=True, slots=True)
class ResponseOptions:
    """in_conversation: false for out-of-band responses, which may run beside another.

    given_input: the items to answer instead of the conversation; None means the conversation.
    """

    output_modalities: tuple[str, ...]
    voice: str
    speed: float
    audio_format: AudioFormat
    instructions: str
    tools: tuple[Mapping[str, Any], ...]
    tool_choice: str | Mapping[str, Any]
    max_output_tokens: int | str
    metadata: Mapping[str, str] | None = None
    in_conversation: bool = True
    given_input: tuple[Item, ...] | None = None

    @property
    def speaks(self) -> bool:
        return "audio" in self.output_modalities


def response_options(
    session: Mapping[str, Any],
    request: object,
    conversation: Conversation,
    new_id: IdMaker,
) -> ResponseOptions:
    """Merge `request` (the `response` of `response.create`, or None). Raises InvalidEvent."""
    asked = {} if request is None else request
    if not isinstance(asked, Mapping):
        raise _invalid("response", "must be an object")
    for key in asked:
        if key not in _KNOWN:
            raise InvalidEvent(
                f"Unknown parameter: 'response.{key}'.",
                code="unknown_parameter",
                param=f"response.{key}",
            )
    asked = {key: value for key, value in asked.items() if value is not None}
    where = asked.get("conversation", "auto")
    if where not in ("auto", "none"):
        raise _invalid("response.conversation", "supported: auto, none")
    output = session["audio"]["output"]
    override = _audio_override(asked)
    return ResponseOptions(
        output_modalities=tuple(
            check_modalities(
                asked.get("output_modalities", session["output_modalities"]),
                "response.output_modalities",
            )
        ),
        voice=check_voice(override.get("voice", output["voice"]), "response.audio.output.voice"),
        speed=output["speed"],
        audio_format=parse_audio_format(
            override.get("format", output["format"]), "response.audio.output.format"
        ),
        instructions=str(asked.get("instructions", session["instructions"])),
        tools=tuple(check_tools(asked.get("tools", session["tools"]), "response.tools")),
        tool_choice=check_tool_choice(
            asked.get("tool_choice", session["tool_choice"]), "response.tool_choice"
        ),
        max_output_tokens=check_max_output_tokens(
            asked.get("max_output_tokens", session["max_output_tokens"]),
            "response.max_output_tokens",
        ),
        metadata=_metadata(asked.get("metadata")),
        in_conversation=where == "auto",
        given_input=_given_input(asked.get("input"), session, conversation, new_id),
    )


def _audio_override(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    audio = asked.get("audio", {})
    output = audio.get("output") or {} if isinstance(audio, Mapping) else None
    if not isinstance(output, Mapping):
        raise _invalid("response.audio", "must be an object")
    return output


def _metadata(value: object) -> Mapping[str, str] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping) or len(value) > 16:
        raise _invalid("response.metadata", "must be an object of at most 16 pairs")
    for key, text in value.items():
        if not isinstance(text, str) or len(key) > 64 or len(text) > 512:
            raise _invalid("response.metadata", "keys have 64 characters at most, values 512")
    return dict(value)


def _given_input(
    value: object, session: Mapping[str, Any], conversation: Conversation, new_id: IdMaker
) -> tuple[Item, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise _invalid("response.input", "must be a list of items")
    audio_format = parse_audio_format(session["audio"]["input"]["format"], "session")
    items = []
    for index, entry in enumerate(value):
        param = f"response.input[{index}]"
        if isinstance(entry, Mapping) and entry.get("type") == "item_reference":
            items.append(conversation.find(entry.get("id"), f"{param}.id"))
        else:
            items.append(parse_item(entry, new_id("item"), audio_format, param))
    return tuple(items)


def _invalid(param: str, why: str) -> InvalidEvent:
    return InvalidEvent(f"Invalid value for '{param}': {why}.", code="invalid_value", param=param)
