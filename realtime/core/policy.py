"""What the operator lets a client ask for, held against every event before it leaves.

Only what costs, calls out or speaks for the operator is judged; the rest is the provider's answer.
Kinds of tools and items are an allow-list: one we do not know may make the provider act for a
client.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from realtime.core.errors import InvalidEvent
from realtime.core.fields import (
    check_choice,
    check_keys,
    invalid,
    optional_object,
    quoted,
    wrong_type,
)
from realtime.core.frames import mapping_or_empty

MODALITIES: Final = frozenset({"audio", "text"})

# The old API's limit on ids, which providers still keep; longer ones would not fit our history.
_MAX_ID_LENGTH: Final = 64
_BOUNDED: Final = ("output_modalities", "max_output_tokens")
_ITEM_TYPES: Final = ("message", "function_call", "function_call_output")
_MCP_ITEM_TYPES: Final = (
    "mcp_approval_request",
    "mcp_approval_response",
    "mcp_call",
    "mcp_list_tools",
)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a client may set, at mint and in every event of the session.

    models: those a session may be opened with, the default first; never changed by an event.
    transcription_model: used whenever the client names none or one outside `transcription_models`.
    voices: allowed `audio.output.voice` values; empty allows any name. `default_voice` is theirs
        who ask for none.
    max_output_tokens: the most a client may ask of one answer, and what a session is given that
        asks for none; None leaves it to the provider.
    allow_mcp: let clients name MCP servers for the provider to call (it would use our account).
    allow_stored_prompts: let clients name prompt templates of the operator's provider account.
    allow_system_items: let clients put items of other roles than user and assistant into the
        conversation.
    may_read_server_instructions: show clients the operator's instructions beside their own.
    """

    transcription_model: str
    transcription_models: frozenset[str] = frozenset()
    models: tuple[str, ...] = ()
    voices: frozenset[str] = frozenset()
    default_voice: str = ""
    output_modalities: frozenset[str] = MODALITIES
    max_instructions_bytes: int = 65_536
    max_tools: int = 128
    max_output_tokens: int | None = None
    allow_mcp: bool = False
    allow_stored_prompts: bool = False
    allow_system_items: bool = True
    may_read_server_instructions: bool = False

    @property
    def default_modality(self) -> str:
        """What a session answers in that names nothing policy allows."""
        return "audio" if "audio" in self.output_modalities else "text"


def check_overrides(asked: Mapping[str, Any], policy: Policy, *, path: str) -> None:
    """Check the fields that a session and a single response share. Raises InvalidEvent.

    `path` is `session` or `response`, the beginning of every `param` reported.
    """
    check_keys(asked, path)
    if not isinstance(asked.get("model", ""), str | None):  # which it is, is the server's choice
        raise wrong_type(f"{path}.model", "a string")
    _check_instructions(asked, policy, path)
    _check_tools(asked, policy, path)
    _check_tool_choice(asked.get("tool_choice"), policy, f"{path}.tool_choice")
    _check_modalities(asked.get("output_modalities"), policy, f"{path}.output_modalities")
    _check_max_output_tokens(asked.get("max_output_tokens"), policy, f"{path}.max_output_tokens")
    if asked.get("prompt") is not None and not policy.allow_stored_prompts:
        raise invalid("Stored prompts are not available on this server.", f"{path}.prompt")
    output = optional_object(optional_object(asked, "audio", path), "output", f"{path}.audio")
    _check_voice(output.get("voice"), policy, f"{path}.audio.output.voice")


def clamp_response(response: Mapping[str, Any], policy: Policy) -> Mapping[str, Any]:
    """The options of a `response.create` as they may be sent on: `response` itself where nothing in
    it is for the server to choose.

    Left out: `model` (fixed when the session is opened) and nulls of what policy bounds: the
    session's own value, which is within policy, holds. Raises InvalidEvent for what is forbidden.
    """
    check_overrides(response, policy, path="response")
    conversation = response.get("conversation")
    if conversation not in (None, "auto", "none"):
        raise invalid(
            "Invalid value for 'response.conversation'. Supported values are: 'auto', 'none'.",
            "response.conversation",
        )
    items = response.get("input")
    if items is not None and not isinstance(items, list):
        raise wrong_type("response.input", "an array")
    for index, item in enumerate(items or ()):
        check_item(item, policy, path=f"response.input[{index}]", is_input=True)
    left_out = {"model"} | {key for key in _BOUNDED if response.get(key, "") is None}
    kept = {key: value for key, value in response.items() if key not in left_out}
    output = mapping_or_empty(mapping_or_empty(response.get("audio")).get("output"))
    if output.get("voice", "") is None:
        voiceless = {key: value for key, value in output.items() if key != "voice"}
        kept["audio"] = {**kept["audio"], "output": voiceless}
    return response if kept == response else kept


def check_item(item: object, policy: Policy, *, path: str, is_input: bool = False) -> None:
    """Check one item that a client puts into a conversation. Raises InvalidEvent.

    is_input: it is part of a response's own input, where it may refer to an earlier one.
    """
    if item is None:
        raise InvalidEvent(
            f"Missing required parameter: '{path}'.", code="missing_required_parameter", param=path
        )
    if not isinstance(item, Mapping):
        raise wrong_type(path, "an object")
    check_keys(item, path)
    _check_item_id(item.get("id"), f"{path}.id")
    kinds = _ITEM_TYPES + (_MCP_ITEM_TYPES if policy.allow_mcp else ())
    if is_input:
        kinds += ("item_reference",)
    check_choice(item.get("type"), kinds, f"{path}.type")
    roles = ("user", "assistant", *(("system",) if policy.allow_system_items else ()))
    check_choice(item.get("role"), roles, f"{path}.role")


def _check_item_id(item_id: object, param: str) -> None:
    if item_id is None:
        return
    if not isinstance(item_id, str):
        raise wrong_type(param, "a string")
    if len(item_id) > _MAX_ID_LENGTH:
        raise invalid(
            f"Invalid '{param}': at most {_MAX_ID_LENGTH} characters are allowed.",
            param,
            "string_above_max_length",
        )


def _check_instructions(asked: Mapping[str, Any], policy: Policy, path: str) -> None:
    instructions = asked.get("instructions")
    param = f"{path}.instructions"
    if instructions is None:
        return
    if not isinstance(instructions, str):
        raise wrong_type(param, "a string")
    byte_count = len(instructions.encode())
    if byte_count > policy.max_instructions_bytes:
        raise invalid(
            f"Invalid '{param}': {byte_count} bytes, "
            f"at most {policy.max_instructions_bytes} are allowed.",
            param,
            "string_above_max_length",
        )


def _check_tools(asked: Mapping[str, Any], policy: Policy, path: str) -> None:
    tools = asked.get("tools")
    if tools is None:
        return
    if not isinstance(tools, list):
        raise wrong_type(f"{path}.tools", "an array")
    if len(tools) > policy.max_tools:
        raise invalid(
            f"Invalid '{path}.tools': {len(tools)} tools, at most {policy.max_tools} are allowed.",
            f"{path}.tools",
            "array_above_max_length",
        )
    kinds = ("function", "mcp") if policy.allow_mcp else ("function",)
    for index, tool in enumerate(tools):
        param = f"{path}.tools[{index}]"
        fields = mapping_or_empty(tool)
        check_keys(fields, param)
        if fields.get("type") not in kinds:
            raise invalid(
                f"Invalid value: '{param}.type' must be {' or '.join(map(repr, kinds))} "
                "on this server.",
                f"{param}.type",
            )


def _check_tool_choice(choice: object, policy: Policy, param: str) -> None:
    if choice is None or isinstance(choice, str):
        return
    if not isinstance(choice, Mapping):
        raise wrong_type(param, "a string or an object")
    check_keys(choice, param)
    kinds = ("function", "mcp") if policy.allow_mcp else ("function",)
    check_choice(choice.get("type"), kinds, f"{param}.type")


def _check_modalities(modalities: object, policy: Policy, param: str) -> None:
    if modalities is None:
        return
    if not isinstance(modalities, list):
        raise wrong_type(param, "an array")
    for modality in modalities:
        if not isinstance(modality, str) or modality not in policy.output_modalities:
            raise invalid(
                f"Invalid value for '{param}'. Supported values on this server are: "
                f"{quoted(sorted(policy.output_modalities))}.",
                param,
            )


def _check_max_output_tokens(asked: object, policy: Policy, param: str) -> None:
    if asked is None:
        return
    is_whole = isinstance(asked, int) and not isinstance(asked, bool)
    if not is_whole and asked != "inf":
        raise wrong_type(param, "a whole number or 'inf'")
    most = policy.max_output_tokens
    if most is not None and (not isinstance(asked, int) or asked > most):
        raise invalid(f"Invalid value for '{param}': at most {most} is allowed.", param)


def _check_voice(voice: object, policy: Policy, param: str) -> None:
    if voice is None or not policy.voices:
        return
    if not isinstance(voice, str) or voice not in policy.voices:
        raise invalid(
            f"Invalid value for '{param}'. Supported values are: {quoted(sorted(policy.voices))}.",
            param,
        )
