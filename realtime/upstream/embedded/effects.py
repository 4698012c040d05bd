"""What one embedded session wants done; `driver.SessionDriver` does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from realtime.upstream.embedded.audio_format import AudioFormat
from realtime.upstream.embedded.ports import Context


@dataclass(frozen=True, slots=True)
class Send:
    """One server event, as JSON text, for the client."""

    raw: str


@dataclass(frozen=True, slots=True)
class Hear:
    """Transcribe; answer with `session.heard` or `session.not_heard`."""

    item_id: str
    audio: bytes
    audio_format: AudioFormat


@dataclass(frozen=True, slots=True)
class Think:
    """Answer with `session.thought` per piece, then `thinking_ended`, or `thinking_failed`."""

    response_id: str
    context: Context


@dataclass(frozen=True, slots=True)
class Speak:
    """Answer with `session.spoken` or `session.speaking_failed`."""

    response_id: str
    text: str
    voice: str
    speed: float
    audio_format: AudioFormat


@dataclass(frozen=True, slots=True)
class Abandon:
    """The response is over: stop thinking and speaking for it; results are no longer wanted."""

    response_id: str


@dataclass(frozen=True, slots=True)
class Close:
    """Close the client's connection after everything before was sent."""

    code: int
    reason: str


Effect: TypeAlias = Send | Hear | Think | Speak | Abandon | Close
