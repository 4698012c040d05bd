"""The GA session object: what a caller may ask for, how updates merge, what a session is born with.

Protocol §3.1: `session.update` is a deep merge of the keys present; an explicit null clears.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from realtime.core.dialect import Dialect
from realtime.core.fields import optional_object
from realtime.core.frames import mapping_or_empty
from realtime.core.items import NO_IDS
from realtime.core.limits import SessionLimits
from realtime.core.policy import MODALITIES, Policy, check_overrides
from realtime.core.records import ItemSource, Role
from realtime.core.session_kind import SessionKind, kind_of


@dataclass(frozen=True, slots=True)
class SeedItem:
    """One earlier message given to a new upstream session as text. `item_id` is kept as its id."""

    item_id: str
    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class CallSetup:
    """The session is a WebRTC call: its client speaks to the provider itself, we beside it.

    resumes: an earlier run attached to this call; it has been given its history.
    unheard_ms: for how long nobody has listened when this run begins.
    """

    resumes: bool = False
    unheard_ms: int = 0


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
    responses_used: answers that earlier runs of this session had; they count for `max_responses`.
    call: set where the media do not pass us (`core.call_link`).
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
    responses_used: int = 0
    call: CallSetup | None = None

    @property
    def kind(self) -> SessionKind:
        return kind_of(self.config)

    @property
    def seed_ids(self) -> frozenset[str]:
        """The ids of what it begins with."""
        return frozenset(item.item_id for item in self.seed) or NO_IDS


def clamp_session(
    patch: Mapping[str, Any], policy: Policy, *, path: str = "session"
) -> dict[str, Any]:
    """A copy of a GA session object with the values that the server chooses clamped.

    Clamped: `model` (dropped: it is fixed when the session is minted), the transcription model, and
    nulls: of what policy bounds they are the server's own choice, and where GA has an object or a
    voice there is nothing that a null could clear.
    Raises InvalidEvent, with the SDK's field path in `param`, for anything explicit that policy
    forbids. Fields policy says nothing about are left for the provider to judge.
    """
    check_overrides(patch, policy, path=path)
    clamped = {key: value for key, value in patch.items() if key != "model"}
    if clamped.get("output_modalities", "") is None and policy.output_modalities != MODALITIES:
        clamped["output_modalities"] = [policy.default_modality]
    if clamped.get("max_output_tokens", "") is None and policy.max_output_tokens is not None:
        clamped["max_output_tokens"] = policy.max_output_tokens
    if "audio" in clamped:
        clamped["audio"] = _clamp_audio(optional_object(patch, "audio", path), policy, path)
        if patch["audio"] is None:
            del clamped["audio"]
    return clamped


def _clamp_audio(audio: Mapping[str, Any], policy: Policy, path: str) -> dict[str, Any]:
    clamped = {key: value for key, value in audio.items() if value is not None}
    if "input" in clamped:
        audio_input = optional_object(audio, "input", f"{path}.audio")
        transcription = optional_object(audio_input, "transcription", f"{path}.audio.input")
        clamped["input"] = dict(audio_input)
        if audio_input.get("transcription") is not None:
            clamped["input"]["transcription"] = clamp_transcription(transcription, policy)
    if "output" in clamped:
        clamped["output"] = {
            key: value
            for key, value in clamped["output"].items()
            if key != "voice" or value is not None
        }
    return clamped


def clamp_transcription(transcription: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """`audio.input.transcription` with a model that policy allows."""
    model = transcription.get("model")
    allowed = isinstance(model, str) and model in policy.transcription_models
    return {**transcription, "model": model if allowed else policy.transcription_model}


def initial_config(setup: SessionSetup) -> dict[str, Any]:
    """The GA session object a new upstream session is given: as minted, transcription turned on.

    History is made of transcripts, so a client's null is obeyed only where none is kept.
    """
    config = {key: value for key, value in setup.config.items() if key != "model"}
    config["type"] = setup.kind.value
    most = setup.policy.max_output_tokens
    if most is not None and setup.kind is SessionKind.REALTIME:
        config["max_output_tokens"] = config.get("max_output_tokens") or most
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
