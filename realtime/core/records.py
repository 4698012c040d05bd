"""What the recorder asks to be stored: facts read off server events, in the order they happened.

Records carry no clock and no database ids; a store applies them idempotently by (session, item_id),
so the same record applied twice changes nothing. `text` is byte for byte what the client receives.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from realtime.core.tally import NO_SOUND, Sound
from realtime.core.usage import TokenUsage


class Role(StrEnum):
    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"
    TOOL = "tool"  # function_call and function_call_output items


class ItemKind(StrEnum):
    MESSAGE = "message"
    FUNCTION_CALL = "function_call"
    FUNCTION_CALL_OUTPUT = "function_call_output"


class ItemStatus(StrEnum):
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    FAILED = "failed"


class ItemSource(StrEnum):
    VOICE = "voice"
    TEXT = "text"
    API = "api"


@dataclass(frozen=True, slots=True)
class ItemOpened:
    """An item exists (speech started, or `conversation.item.added`); text may follow later.

    `previous_item_id` is None at the front or when not known yet; a later ItemOpened for the same
    item that names one moves the item there.
    """

    item_id: str
    role: Role
    kind: ItemKind
    source: ItemSource
    previous_item_id: str | None = None
    text: str = ""
    call_id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ItemCompleted:
    """The item's final text (a promise-bearing final when it came from a transcript event).

    A later ItemCompleted for the same item replaces text and status: a transcript is final before
    it is known that its response was cut.
    """

    item_id: str
    text: str
    status: ItemStatus


@dataclass(frozen=True, slots=True)
class ItemHeard:
    """The assistant item was cut: `heard_text` (a prefix of its text) was played in `heard_ms`."""

    item_id: str
    heard_text: str
    heard_ms: int


@dataclass(frozen=True, slots=True)
class ItemDeleted:
    item_id: str


@dataclass(frozen=True, slots=True)
class ResponseRecorded:
    """One `response.done`. `error_code` is set for failed responses.

    `first_audio_ms` is from the end of the user's turn (commit, or response.create) to the first
    audio or text delta, on the runner's monotonic clock; None when nothing was produced. `sound` is
    what has passed since the response before was done.
    """

    response_id: str
    status: str
    usage: TokenUsage | None
    item_ids: tuple[str, ...] = ()
    first_audio_ms: int | None = None
    interrupted: bool = False
    error_code: str | None = None
    sound: Sound = NO_SOUND


@dataclass(frozen=True, slots=True)
class TranscriptionRecorded:
    """Usage of one input transcription: tokens, or seconds where the provider bills duration.

    `model` transcribed it, as the provider shows the session; "" where it shows none.
    """

    item_id: str
    usage: TokenUsage | None
    duration_s: float | None
    model: str = ""


@dataclass(frozen=True, slots=True)
class RecordingGap:
    """A stretch of a WebRTC call to which nobody listened: what was said in it is not recorded.

    Given when it is known to have begun, and again with `is_over` when somebody listens again; one
    that was never over lasted to the end of the call. `began_ms_ago` counts from this record.
    """

    item_id: str
    began_ms_ago: int = 0
    is_over: bool = False


Record: TypeAlias = (
    ItemOpened
    | ItemCompleted
    | ItemHeard
    | ItemDeleted
    | ResponseRecorded
    | TranscriptionRecorded
    | RecordingGap
)
