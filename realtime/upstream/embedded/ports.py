"""What the embedded provider needs from the world: ears, a voice and a mind.

Each is a Protocol, so that a heavier engine (another recogniser, another synthesiser, any chat
endpoint) is an adapter and tests use small scripted parts.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

from realtime.upstream.embedded.audio_format import AudioFormat


class Origin(StrEnum):
    """Which decoder a transcript came from."""

    PHRASEBOOK = "phrasebook"  # one of the sentences the grammar knows, exactly
    OPEN = "open"  # the open language model: free English, with errors
    NOTHING = "nothing"  # no words found
    SILENT = "silent"  # nobody spoke within `idle_timeout_ms`
    TYPED = "typed"  # never spoken


@dataclass(frozen=True, slots=True)
class Heard:
    """One utterance as text. `audio_ms` is the length of what was listened to."""

    text: str
    origin: Origin
    audio_ms: int


class EarsFailed(Exception):
    """The utterance could not be transcribed. `code` goes into `…transcription.failed`."""

    code = "transcription_failed"


class EarsBusy(EarsFailed):
    """Too many utterances are waiting for a recogniser; the speaker should try again."""

    code = "transcription_busy"


class EarsTimedOut(EarsFailed):
    code = "transcription_timed_out"


class Ears(Protocol):
    async def hear(self, audio: bytes, audio_format: AudioFormat) -> Heard:
        """Transcribe one whole utterance. Raises EarsFailed."""


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A slice of the text and the audio that says it; slices in order give text and audio whole."""

    text: str
    audio: bytes


class VoiceFailed(Exception):
    """The text could not be spoken."""


class Voice(Protocol):
    async def speak(
        self, text: str, *, voice: str, speed: float, audio_format: AudioFormat
    ) -> Sequence[SpokenWord]:
        """Say one sentence. The texts of the result concatenate to `text`. Raises VoiceFailed."""


class Speaker(StrEnum):
    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Utterance:
    """A message of the conversation; of an interrupted answer only what was heard."""

    speaker: Speaker
    text: str
    origin: Origin = Origin.TYPED


@dataclass(frozen=True, slots=True)
class FunctionCalled:
    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class FunctionReturned:
    call_id: str
    output: str


HistoryEntry: TypeAlias = Utterance | FunctionCalled | FunctionReturned


@dataclass(frozen=True, slots=True)
class FunctionTool:
    """A function the client offers. `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    """Everything the mind may know when it answers.

    required: it must call a function; required_name: it must call this one. parallel: it may
    call several at once.
    """

    instructions: str
    history: tuple[HistoryEntry, ...]
    tools: tuple[FunctionTool, ...] = ()
    required: bool = False
    required_name: str | None = None
    parallel: bool = True


@dataclass(frozen=True, slots=True)
class Say:
    """A piece of the answer, about a sentence; pieces are joined as they are, spaces included."""

    text: str


@dataclass(frozen=True, slots=True)
class CallFunction:
    """Ask the client to run a function; `arguments` is a JSON object as text."""

    name: str
    arguments: str


Thought: TypeAlias = Say | CallFunction


class MindFailed(Exception):
    """No answer could be made. The response ends as failed."""


class Mind(Protocol):
    def think(self, context: Context) -> AsyncIterator[Thought]:
        """The answer, piece by piece. Raises MindFailed."""
