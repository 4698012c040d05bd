"""The two kinds of session: one that answers, and one that only listens (protocol §1.6, §3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from realtime.core.errors import InvalidEvent


class SessionKind(StrEnum):
    """`session.type` of the protocol; it never changes while a session lives."""

    REALTIME = "realtime"
    TRANSCRIPTION = "transcription"


_LISTENING_FIELDS: Final = frozenset({"type", "audio", "include"})
# Told by the server or chosen by it: a client that sends back what it was shown does no harm.
_NOT_THE_CLIENTS: Final = frozenset({"object", "id", "expires_at", "model"})


def kind_of(session: Mapping[str, Any]) -> SessionKind:
    """The kind of a session object; one that names none is a conversation."""
    listens = session.get("type") == SessionKind.TRANSCRIPTION
    return SessionKind.TRANSCRIPTION if listens else SessionKind.REALTIME


def check_kind(session: Mapping[str, Any], kind: SessionKind) -> None:
    """Refuse a session object of another kind. Raises InvalidEvent (param `session.type`)."""
    named = session.get("type", kind)
    if named == kind:
        return
    if named in tuple(SessionKind):
        raise InvalidEvent(
            f"Passing a {named} session update event to a {kind} session is not allowed.",
            code="invalid_value",
            param="session.type",
        )
    raise InvalidEvent(
        f"Invalid value for 'session.type'. Supported values are: '{kind}'.",
        code="invalid_value",
        param="session.type",
    )


def listening_patch(session: Mapping[str, Any]) -> dict[str, Any]:
    """What a client may set of a session that only listens: `audio.input` and `include`.

    Raises InvalidEvent with code `unknown_parameter` for a field of conversations, so that nobody
    waits for an answer that will never come.
    """
    for name in session:
        if name not in _LISTENING_FIELDS | _NOT_THE_CLIENTS:
            raise _unknown(f"session.{name}")
    audio = session.get("audio")
    if isinstance(audio, Mapping):
        for name in audio:
            if name != "input":
                raise _unknown(f"session.audio.{name}")
    return {name: value for name, value in session.items() if name in _LISTENING_FIELDS}


def _unknown(param: str) -> InvalidEvent:
    return InvalidEvent(
        f"Unknown parameter: '{param}'.", code="unknown_parameter", param=str(param)
    )
