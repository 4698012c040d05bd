"""What goes on in a session at one moment, for somebody who looks in: read, never kept.

Nothing is counted or copied while nobody looks; the work is done by who asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from realtime.core.items import KnownItem
from realtime.core.records import ItemStatus
from realtime.core.session_state import Phase, SessionState

LINES: Final = 12
LINE_MAX_CHARS: Final = 4000


class Activity(StrEnum):
    """One word for what goes on; the first that holds, from the top."""

    RECONNECTING = "reconnecting"  # its client's line broke, and it may come back
    CONNECTING = "connecting"  # to the provider, for the first time or again
    USER_SPEAKING = "user_speaking"
    SPEAKING = "speaking"
    THINKING = "thinking"
    LISTENING = "listening"


@dataclass(frozen=True, slots=True)
class Line:
    """One item as far as it has come; `text` is its beginning where `is_cut`.

    heard_text: the part that was played before an interruption; None where there was none.
    """

    item_id: str
    role: str
    kind: str
    status: str
    source: str
    name: str | None
    text: str
    heard_text: str | None
    is_cut: bool


def activity_of(state: SessionState, now: float, *, is_playing: bool) -> Activity:
    """is_playing: an answer sounds at the client, as the provider of a WebRTC call tells."""
    if state.detached_until is not None:
        return Activity.RECONNECTING
    if state.phase is not Phase.LIVE:
        return Activity.CONNECTING
    if state.idle.user_is_speaking:
        return Activity.USER_SPEAKING
    responses = state.responses
    is_sounding = any(response.first_audio_at is not None for response in responses.active)
    # Providers send an answer faster than it sounds: it goes on after the last of it was made.
    if is_sounding or is_playing or state.idle.active_until > now:
        return Activity.SPEAKING
    if responses.are_active or responses.is_asked:
        return Activity.THINKING
    return Activity.LISTENING


def latest_lines(state: SessionState) -> tuple[Line, ...]:
    """The last few items; none of a session whose words are not to be kept."""
    if not state.setup.save_transcript:
        return ()
    return tuple(_line(item) for item in state.recorder.items.in_order()[-LINES:])


def _line(item: KnownItem) -> Line:
    text = item.spoken.text if item.status is ItemStatus.IN_PROGRESS else item.text
    return Line(
        item_id=item.item_id,
        role=item.role.value,
        kind=item.kind.value,
        status=item.status.value,
        source=item.source.value,
        name=item.name,
        text=text[:LINE_MAX_CHARS],
        heard_text=None if item.heard_text is None else item.heard_text[:LINE_MAX_CHARS],
        is_cut=len(text) > LINE_MAX_CHARS,
    )
