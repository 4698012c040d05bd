"""The provider's events that add to something known: nearly all it sends, followed in one step.

A piece of sound or of words opens nothing, ends nothing, and is shown to the client as it came. So
nothing is to be done for it but counting, by the very methods that the long way counts with:
`UpstreamSide.receive` for any event. What could be anything more is left to that, untouched.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from realtime.core import names
from realtime.core.dialect import Dialect
from realtime.core.frames import int_or_zero
from realtime.core.session_state import Phase, SessionState

# Looked up once: of an enumeration that takes longer than all else in a comparison.
_LIVE: Final = Phase.LIVE
_GA: Final = Dialect.GA
_SOUND: Final = names.OUTPUT_AUDIO_DELTA
_SIGNS_OF_LIFE: Final = names.SIGNS_OF_LIFE
_PIECES: Final = frozenset(
    {
        _SOUND,
        names.OUTPUT_TRANSCRIPT_DELTA,
        names.OUTPUT_TEXT_DELTA,
        names.ARGUMENTS_DELTA,
        names.TRANSCRIPTION_DELTA,
    }
)
# How every such type ends. It stands in front: no need to parse a long event to find it is another.
_TYPE_ENDS: Final = b'.delta"'
_TYPE_WITHIN_BYTES: Final = 96


class Pieces:
    """Of a session with a client of its own; a call has more to follow (`CallSide`)."""

    __slots__ = ("_state",)

    def __init__(self, state: SessionState) -> None:
        self._state = state

    def follow(self, raw: bytes, now: float) -> dict[str, Any] | None:
        """One event of the provider, as UTF-8. Its body, if it was a piece: it has been counted,
        and all there is left to do is to send it to the client as it is. None: nothing was done;
        `UpstreamSide.receive` it."""
        state = self._state
        if (
            raw.find(_TYPE_ENDS, 0, _TYPE_WITHIN_BYTES) < 0
            or state.phase is not _LIVE
            or state.edge.dialect is not _GA
        ):
            return None
        body = _flat_object(raw)
        if body is None:
            return None
        kind, delta = body.get("type"), body.get("delta")
        item = state.recorder.items.get(body.get("item_id"))
        if item is None or kind not in _PIECES or not isinstance(delta, str):
            return None
        if state.setup.private_events and not isinstance(body.get("event_id"), str):
            return None  # a client that resumes needs a name for it
        if kind == _SOUND:
            state.sound_to_client(delta, now)
            item.spoken.add_audio(delta)
        else:
            item.spoken.add_text(int_or_zero(body.get("content_index")), delta)
            if kind in _SIGNS_OF_LIFE:
                state.idle.touch(now)
        state.responses.progress(kind, body, now)
        return body


def _flat_object(raw: bytes) -> dict[str, Any] | None:
    """A JSON object without others inside; None for whatever else `raw` is, or may be.

    Only inside of others is anything that a client is shown otherwise than it came.
    """
    if raw.find(b"{", 1) >= 0 or raw.find(b"[") >= 0:
        return None  # a brace among the words is taken for one that nests
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return body if isinstance(body, dict) else None
