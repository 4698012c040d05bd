"""Captions: what was spoken, taken from server events (contract §4, caption events)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from realtime.core import names
from realtime.core.frames import dump

# Event → (who spoke, the field that holds the words, whether they are the final ones).
_SPOKEN: Final = {
    names.TRANSCRIPTION_DELTA: ("user", "delta", False),
    names.TRANSCRIPTION_COMPLETED: ("user", "transcript", True),
    names.OUTPUT_TRANSCRIPT_DELTA: ("assistant", "delta", False),
    names.OUTPUT_TRANSCRIPT_DONE: ("assistant", "transcript", True),
    names.OUTPUT_TEXT_DELTA: ("assistant", "delta", False),
    names.OUTPUT_TEXT_DONE: ("assistant", "text", True),
}


def caption_of(event: Mapping[str, Any]) -> str | None:
    """`{item_id, role, delta|text, final}` as JSON; None for an event in which nobody speaks."""
    spoken = _SPOKEN.get(str(event.get("type")))
    if spoken is None:
        return None
    role, field, final = spoken
    words = {"text" if final else "delta": event.get(field) or ""}
    return dump({"item_id": event.get("item_id"), "role": role, **words, "final": final})
