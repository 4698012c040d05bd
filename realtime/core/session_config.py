"""The GA session object: what a caller may ask for, how updates merge, what a session starts from.

Protocol §3.1: `session.update` is a deep merge of the keys that are present; an explicit null clears.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from realtime.core.dialect import Dialect
from realtime.core.limits import SessionLimits
from realtime.core.records import ItemSource, Role


@dataclass(frozen=True, slots=True)
class Policy:
    """What a client may set, at mint and in every event of the session.

    transcription_model: used whenever the client names none or one outside `transcription_models`.
    voices: allowed `audio.output.voice` values; empty allows any name.
    allow_mcp: let clients hand remote MCP servers to the provider (it would call them with our key).
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


def clamp_session(
    patch: Mapping[str, Any], policy: Policy, *, path: str = "session"
) -> dict[str, Any]:
    """A copy of a GA session object with server-chosen values clamped.

    Raises InvalidEvent, with the SDK's field path in `param`, for anything explicit that policy
    forbids. Fields policy says nothing about are left for the provider to judge.
    """
    raise NotImplementedError


def merge_session(base: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with `patch` merged in (protocol §3.1). Neither argument is changed."""
    raise NotImplementedError
