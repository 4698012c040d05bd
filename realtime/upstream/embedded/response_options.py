"""What one response is asked to be: the session's settings overridden by `response.create`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from realtime.core.errors import InvalidEvent
from realtime.upstream.embedded.audio_format import AudioFormat, parse_audio_format
from realtime.upstream.embedded.conversation import Conversation, Item, check_call_is_known
from realtime.upstream.embedded.ids import IdMaker
from realtime.upstream.embedded.item_parsing import parse_item
from realtime.upstream.embedded.parameters import (
    expect_flag,
    expect_list,
    expect_object,
    expect_one_of,
    expect_text,
)
from realtime.upstream.embedded.session_fields import (
    check_max_output_tokens,
    check_modalities,
    check_prompt,
    check_reasoning,
    check_voice,
)
from realtime.upstream.embedded.tool_config import (
    check_choice_is_offered,
    check_tool_choice,
    check_tools,
)

MAX_METADATA_PAIRS = 16
MAX_METADATA_KEY_CHARACTERS = 64
MAX_METADATA_VALUE_CHARACTERS = 512
_KNOWN = (
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
)


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
    parallel_tool_calls: bool = True
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
    given = expect_object({} if request is None else request, "response", known=_KNOWN)
    asked = {key: value for key, value in given.items() if value is not None}
    where = expect_one_of(
        asked.get("conversation", "auto"), "response.conversation", ("auto", "none")
    )
    if "prompt" in asked:
        check_prompt(asked["prompt"], "response.prompt")
    if "reasoning" in asked:
        check_reasoning(asked["reasoning"], "response.reasoning")
    output = {**session["audio"]["output"], **_audio_override(asked)}
    tools = check_tools(asked.get("tools", session["tools"]), "response.tools")
    tool_choice = check_tool_choice(
        asked.get("tool_choice", session["tool_choice"]), "response.tool_choice"
    )
    check_choice_is_offered(tools, tool_choice, "response.tool_choice")
    return ResponseOptions(
        output_modalities=tuple(
            check_modalities(
                asked.get("output_modalities", session["output_modalities"]),
                "response.output_modalities",
            )
        ),
        voice=check_voice(output["voice"], "response.audio.output.voice"),
        speed=output["speed"],
        audio_format=parse_audio_format(output["format"], "response.audio.output.format"),
        instructions=expect_text(
            asked.get("instructions", session["instructions"]), "response.instructions"
        ),
        tools=tuple(tools),
        tool_choice=tool_choice,
        max_output_tokens=check_max_output_tokens(
            asked.get("max_output_tokens", session["max_output_tokens"]),
            "response.max_output_tokens",
        ),
        parallel_tool_calls=expect_flag(
            asked.get("parallel_tool_calls", session.get("parallel_tool_calls", True)),
            "response.parallel_tool_calls",
        ),
        metadata=_metadata(asked.get("metadata")),
        in_conversation=where == "auto",
        given_input=_given_input(asked.get("input"), session, conversation, new_id),
    )


def _audio_override(asked: Mapping[str, Any]) -> dict[str, Any]:
    audio = expect_object(asked.get("audio", {}), "response.audio", known=("output",))
    output = audio.get("output")
    given = expect_object(
        {} if output is None else output, "response.audio.output", known=("format", "voice")
    )
    return {key: value for key, value in given.items() if value is not None}


def _metadata(value: object) -> Mapping[str, str] | None:
    if value is None:
        return None
    param = "response.metadata"
    pairs = expect_object(value, param)
    if len(pairs) > MAX_METADATA_PAIRS:
        raise InvalidEvent(
            f"Invalid '{param}': too many properties. Expected an object with at most "
            f"{MAX_METADATA_PAIRS} properties, but got an object with {len(pairs)} properties "
            "instead.",
            code="object_above_max_properties",
            param=param,
        )
    for key, text in pairs.items():
        if len(key) > MAX_METADATA_KEY_CHARACTERS:
            raise InvalidEvent(
                f"Invalid '{param}': property name too long. Expected a maximum length of "
                f"{MAX_METADATA_KEY_CHARACTERS}, but got a property name with length {len(key)} "
                "instead.",
                code="property_name_above_max_length",
                param=param,
            )
        if text is None:
            raise InvalidEvent(
                f"Invalid type for '{param}.{key}': expected a string, but got null instead.",
                code="invalid_type",
                param=f"{param}.{key}",
            )
        expect_text(text, f"{param}.{key}", most=MAX_METADATA_VALUE_CHARACTERS)
    return dict(pairs)


def _given_input(
    value: object, session: Mapping[str, Any], conversation: Conversation, new_id: IdMaker
) -> tuple[Item, ...] | None:
    if value is None:
        return None
    audio_format = parse_audio_format(session["audio"]["input"]["format"], "session")
    items: list[Item] = []
    for index, entry in enumerate(expect_list(value, "response.input")):
        param = f"response.input[{index}]"
        if isinstance(entry, Mapping) and entry.get("type") == "item_reference":
            expect_object(entry, param, known=("type", "id"))
            item_id = expect_text(entry.get("id"), f"{param}.id", least=1)
            items.append(conversation.referred(item_id, f"{param}.id"))
        else:
            item = parse_item(entry, new_id, audio_format, param)
            check_call_is_known(item, items, f"{param}.call_id")
            items.append(item)
    return tuple(items)
