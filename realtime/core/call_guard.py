"""Whether what is in effect in a call is what policy allows, and what to set again where not.

On WebRTC the client's events never pass us; their effect is seen in `session.updated` alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from realtime.core.errors import InvalidEvent
from realtime.core.frames import mapping_or_empty
from realtime.core.policy import Policy, check_overrides
from realtime.core.session_config import (
    SessionSetup,
    clamp_transcription,
    joined_instructions,
    merge_session,
)

_MOST_FINDINGS: Final = 16


@dataclass(frozen=True, slots=True)
class Findings:
    """patch: the fields to set again; empty when all is well.
    violations: the forbidden ones among them, by the SDK's field path. The others are what the
        server chooses (its own instructions in front, transcription on): no client can know them.
    """

    patch: Mapping[str, Any]
    violations: tuple[str, ...]


def judge(session: Mapping[str, Any], good: Mapping[str, Any], setup: SessionSetup) -> Findings:
    """Hold a session object against policy. `good`: what was in effect and allowed before."""
    theirs = _their_instructions(session.get("instructions"), setup.server_instructions)
    judged: dict[str, Any] = {**session, "instructions": theirs}
    violations: list[str] = []
    patch: dict[str, Any] = {}
    while len(violations) < _MOST_FINDINGS:
        param = _first_violation(judged, setup.policy)
        if param is None:
            break
        violations.append(param)
        path = _path(param)
        again = _nested(path, _allowed_at(path, good, setup))
        judged = merge_session(judged, again)
        patch = merge_session(patch, again)
    if not _holds_instructions(session.get("instructions"), setup) or "instructions" in patch:
        patch["instructions"] = (
            joined_instructions(setup.server_instructions, judged["instructions"]) or ""
        )
    transcription = _transcription_to_set(session, good, setup)
    if transcription is not None:
        patch = merge_session(patch, {"audio": {"input": {"transcription": transcription}}})
    return Findings(patch, tuple(violations))


def _first_violation(session: Mapping[str, Any], policy: Policy) -> str | None:
    try:
        check_overrides(session, policy, path="session")
    except InvalidEvent as error:
        return str(error.param)
    return None


def _path(param: str) -> Sequence[str]:
    """`session.tools[0].type` is part of `tools`, which is set as a whole."""
    names = param.removeprefix("session.").partition("[")[0].split(".")
    return names if names[0] == "audio" else names[:1]


def _nested(path: Sequence[str], value: Any) -> dict[str, Any]:
    for name in reversed(path):
        value = {name: value}
    return dict(value)


def _allowed_at(path: Sequence[str], good: Mapping[str, Any], setup: SessionSetup) -> Any:
    policy = setup.policy
    if path[0] == "instructions":
        return setup.client_instructions
    value: Any = good
    for name in path:
        value = mapping_or_empty(value).get(name)
    defaults = {
        "tools": [],
        "tool_choice": "auto",
        "output_modalities": [policy.default_modality],
        "max_output_tokens": policy.max_output_tokens or "inf",
    }
    return defaults.get(path[0]) if value is None else value


def _their_instructions(instructions: object, ours: str) -> str:
    """The client's part of what is in effect."""
    if not isinstance(instructions, str):
        return ""
    return instructions.strip().removeprefix(ours.strip()).lstrip()


def _holds_instructions(instructions: object, setup: SessionSetup) -> bool:
    """Providers may trim what they are given; one that shows nothing has it all the same."""
    ours = setup.server_instructions.strip()
    return not isinstance(instructions, str) or instructions.strip().startswith(ours)


def _transcription_to_set(
    session: Mapping[str, Any], good: Mapping[str, Any], setup: SessionSetup
) -> Mapping[str, Any] | None:
    """History is made of transcripts: off is obeyed only where none is kept."""
    shown = mapping_or_empty(mapping_or_empty(session.get("audio")).get("input"))
    if "transcription" not in shown or (
        setup.transcription_asked_null and not setup.save_transcript
    ):
        return None
    before = mapping_or_empty(mapping_or_empty(good.get("audio")).get("input"))
    current = shown["transcription"]
    wanted = clamp_transcription(
        mapping_or_empty(before.get("transcription") if current is None else current), setup.policy
    )
    if current is not None and wanted["model"] == current.get("model"):
        return None
    return wanted
