"""How an answer's sound leaves a session: as events on a WebSocket, as played audio on a call."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from realtime.upstream.embedded.conversation import Conversation, Item, truncate_item
from realtime.upstream.embedded.outbox import Outbox

MAX_AUDIO_DELTA_MS = 200


@dataclass(frozen=True, slots=True)
class CutItem:
    """An assistant item of which only the first `heard_ms` were played."""

    item: Item
    heard_ms: int


class AudioOut(Protocol):
    def say(self, item: Item, in_part: Mapping[str, Any], audio: bytes) -> None:
        """A word's audio, in the item's format; `in_part` are the ids its events carry."""

    def finish(self, response_id: str) -> None:
        """No more audio of this response will come."""

    def cut(self) -> Sequence[CutItem]:
        """Stop playing at once; end the responses, then truncate what is returned."""


class AudioEvents:
    """The WebSocket's way: `response.output_audio.delta`; the client plays and truncates."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def say(self, item: Item, in_part: Mapping[str, Any], audio: bytes) -> None:
        step = MAX_AUDIO_DELTA_MS * item.audio_format.bytes_per_ms
        for start in range(0, len(audio), step):
            piece = base64.b64encode(audio[start : start + step]).decode()
            self._outbox.send("response.output_audio.delta", **in_part, delta=piece)

    def finish(self, response_id: str) -> None:
        """The client knows from `response.output_audio.done`."""

    def cut(self) -> Sequence[CutItem]:
        return ()


def truncate_unheard(cut: Sequence[CutItem], conversation: Conversation, outbox: Outbox) -> None:
    """What the client does on a WebSocket: leave of each item only what was heard."""
    for piece in cut:
        if conversation.holds(piece.item.item_id):
            truncate_item(piece.item, 0, piece.heard_ms)
            outbox.send(
                "conversation.item.truncated",
                item_id=piece.item.item_id,
                content_index=0,
                audio_end_ms=piece.heard_ms,
            )
