"""The GA session object: what a caller may ask for, how updates merge, what a session is born with.

Protocol §3.1: `session.update` is a deep merge of the keys present; an explicit null clears.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from realtime.core.dialect import Dialect
from realtime.core.errors import InvalidEvent
from realtime.core.frames import mapping_or_empty
from realtime.core.limits import SessionLimits
from realtime.core.records import ItemSource, Role
from realtime.core.session_kind import SessionKind, kind_of


@dataclass(frozen=True, slots=True)
class Policy:
    """What a client may set, at mint and in every event of the session.

    transcription_model: used whenever the client names none or one outside `transcription_models`.
    voices: allowed `audio.output.voice` values; empty allows any name.
    allow_mcp: let clients name MCP servers for the provider to call (it would use our account).
    allow_stored_prompts: let clients name prompt templates of the operator's provider account.
    """

    transcription_model: str
    transcription_models: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    voices: frozenset[str] = frozenset()
    max_instructions_bytes: int = 65_536
    max_tools: int = 128
    allow_mcp: bool = False
    allow_stored_prompts: bool = False


@dataclass(frozen=True, slots=True)
class SeedItem:
    """One earlier message given to a new upstream session as text. `item_id` is kept as its id."""

    item_id: str
    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class SessionSetup:
    """Everything a session is born with. All of it is trusted: clamp before, with `clamp_session`.

    session_id: public id, `rtc_<user id>_<random>`.
    model: asked of the provider; shown to the client.
    config: GA session object, with `instructions` as sent to the provider (server + client).
    server_instructions: the part of `instructions` that is ours. It is put in front again when the
        client sets `instructions` later, and never shown while `server_instructions_hidden`.
    client_instructions: the part of `instructions` the client itself set at mint; what it is shown.
    run_id: tells this run from others of the same session, so that no event id is used twice.
    replaces_lost: the client asked to resume, but what it left is not here: it is told so first.
    transcription_asked_null: the client asked for `transcription: null` at mint; reported back so.
    """

    session_id: str
    model: str
    config: Mapping[str, Any]
    policy: Policy
    limits: SessionLimits = field(default_factory=SessionLimits)
    seed: tuple[SeedItem, ...] = ()
    dialect: Dialect = Dialect.GA
    private_events: bool = False
    text_source: ItemSource = ItemSource.TEXT
    server_instructions_hidden: bool = True
    greeting: bool = False
    save_transcript: bool = True
    server_instructions: str = ""
    client_instructions: str = ""
    transcription_asked_null: bool = False
    run_id: str = ""
    replaces_lost: bool = False

    @property
    def kind(self) -> SessionKind:
        return kind_of(self.config)


def clamp_session(
    patch: Mapping[str, Any], policy: Policy, *, path: str = "session"
) -> dict[str, Any]:
    """A copy of a GA session object with the values that the server chooses clamped.

    Clamped: `model` (dropped: it is fixed when the session is minted) and the transcription model.
    Raises InvalidEvent, with the SDK's field path in `param`, for anything explicit that policy
    forbids. Fields policy says nothing about are left for the provider to judge.
    """
    check_overrides(patch, policy, path=path)
    clamped = {key: value for key, value in patch.items() if key != "model"}
    audio = _optional_object(patch, "audio", path)
    if audio is None:
        return clamped
    audio_input = _optional_object(audio, "input", f"{path}.audio")
    if audio_input is None:
        return clamped
    transcription = _optional_object(audio_input, "transcription", f"{path}.audio.input")
    if transcription is not None:
        clamped["audio"] = {
            **audio,
            "input": {
                **audio_input,
                "transcription": clamp_transcription(transcription, policy),
            },
        }
    return clamped


def clamp_transcription(transcription: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """`audio.input.transcription` with a model that policy allows."""
    model = transcription.get("model")
    allowed = isinstance(model, str) and model in policy.transcription_models
    return {**transcription, "model": model if allowed else policy.transcription_model}


def check_overrides(asked: Mapping[str, Any], policy: Policy, *, path: str) -> None:
    """Check the fields that a session and a single response share. Raises InvalidEvent.

    `path` is `session` or `response`, the beginning of every `param` reported.
    """
    _check_instructions(asked, policy, path)
    _check_tools(asked, policy, path)
    if asked.get("prompt") is not None and not policy.allow_stored_prompts:
        raise _invalid("Stored prompts are not available on this server.", f"{path}.prompt")
    audio = _optional_object(asked, "audio", path)
    output = None if audio is None else _optional_object(audio, "output", f"{path}.audio")
    if output is not None:
        _check_voice(output.get("voice"), policy, f"{path}.audio.output.voice")


def initial_config(setup: SessionSetup) -> dict[str, Any]:
    """The GA session object a new upstream session is given: as minted, transcription turned on.

    History is made of transcripts, so a client's null is obeyed only where none is kept.
    """
    config = {key: value for key, value in setup.config.items() if key != "model"}
    config["type"] = setup.kind.value
    if setup.transcription_asked_null and not setup.save_transcript:
        return merge_session(config, {"audio": {"input": {"transcription": None}}})
    audio_input = mapping_or_empty(mapping_or_empty(config.get("audio")).get("input"))
    if audio_input.get("transcription") is None:
        transcription = {"model": setup.policy.transcription_model}
        return merge_session(config, {"audio": {"input": {"transcription": transcription}}})
    return config


def joined_instructions(server: str, client: str | None) -> str | None:
    """What the provider is told: ours in front of the client's."""
    return "\n\n".join(part for part in (server, client) if part) if server else client


def merge_session(base: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with `patch` merged in (protocol §3.1). Neither argument is changed.

    Objects that say which kind they are (`turn_detection`, `format`, `tool_choice`) replace one of
    another kind: the silence of a server_vad means nothing to a semantic_vad.
    """
    merged = dict(base)
    for key, value in patch.items():
        before = merged.get(key)
        if not isinstance(value, Mapping):
            merged[key] = value
        elif isinstance(before, Mapping) and _same_kind(before, value):
            merged[key] = merge_session(before, value)
        else:
            merged[key] = merge_session({}, value)
    return merged


def _same_kind(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return "type" not in after or before.get("type") == after["type"]


def _invalid(message: str, param: str, code: str = "invalid_value") -> InvalidEvent:
    return InvalidEvent(message, code=code, param=param)


def _optional_object(parent: Mapping[str, Any], key: str, path: str) -> Mapping[str, Any] | None:
    value = parent.get(key)
    if value is not None and not isinstance(value, Mapping):
        raise _invalid(
            f"Invalid type for '{path}.{key}': expected an object.", f"{path}.{key}", "invalid_type"
        )
    return value


def _check_instructions(asked: Mapping[str, Any], policy: Policy, path: str) -> None:
    instructions = asked.get("instructions")
    param = f"{path}.instructions"
    if instructions is None:
        return
    if not isinstance(instructions, str):
        raise _invalid(f"Invalid type for '{param}': expected a string.", param, "invalid_type")
    byte_count = len(instructions.encode())
    if byte_count > policy.max_instructions_bytes:
        raise _invalid(
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
        raise _invalid(
            f"Invalid type for '{path}.tools': expected an array.", f"{path}.tools", "invalid_type"
        )
    if len(tools) > policy.max_tools:
        raise _invalid(
            f"Invalid '{path}.tools': {len(tools)} tools, at most {policy.max_tools} are allowed.",
            f"{path}.tools",
            "array_above_max_length",
        )
    for index, tool in enumerate(tools):
        kind = mapping_or_empty(tool).get("type")
        # An allow-list: a kind of tool we do not know may make the provider call out for a client.
        if kind != "function" and not (kind == "mcp" and policy.allow_mcp):
            raise _invalid(
                f"Invalid value: '{path}.tools[{index}].type' must be 'function' on this server.",
                f"{path}.tools[{index}].type",
            )


def _check_voice(voice: object, policy: Policy, param: str) -> None:
    if voice is None or not policy.voices:
        return
    if not isinstance(voice, str) or voice not in policy.voices:
        allowed = ", ".join(f"'{name}'" for name in sorted(policy.voices))
        raise _invalid(f"Invalid value for '{param}'. Supported values are: {allowed}.", param)
