"""What a client was sent last: so much of it that one whose line broke can be sent what it missed.

Positions count the events of one run from 0. Bounded in bytes, and in time while nobody misses
anything; over the bound sound goes first, because words are also in the history and sound is not
worth losing them for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from realtime.core.effects import SendClient

MAX_BYTES: Final = 4 * 1024 * 1024  # a minute of speech at 24 kHz, as base64
KEEP_S: Final = 60.0
_MAX_MARKS: Final = 100


@dataclass(slots=True)
class _Entry:
    """One event; `raw` is None when it was sound that had to make room."""

    event_id: str
    raw: str | None
    at: float


class EventRing:
    """`add` every event before it is sent; `position_after` and `next_from` find it again."""

    def __init__(self, max_bytes: int = MAX_BYTES, keep_s: float = KEEP_S) -> None:
        self._max_bytes = max_bytes
        self._keep_s = keep_s
        self._entries: dict[int, _Entry] = {}
        self._positions: dict[str, int] = {}
        self._marks: dict[str, int] = {}
        self._sound: dict[int, None] = {}  # positions, oldest first
        self._first = 0
        self._floor = ""
        self._latest_gap = -1
        self.end = 0
        self.byte_count = 0

    def add(self, frame: SendClient, now: float, *, may_expire: bool) -> None:
        """Append an event. `may_expire`: a client is there to take it, so older ones may go."""
        self._entries[self.end] = _Entry(frame.event_id, frame.raw, now)
        self._positions[frame.event_id] = self.end
        self.byte_count += len(frame.raw)
        while may_expire and self._entries[self._first].at < now - self._keep_s:
            self._forget_first()
        self._make_room()
        if frame.droppable:
            self._sound[self.end] = None
        self.end += 1

    def mark(self, event_id: str, position: int) -> None:
        """An event outside the sequence (`resumed`): who saw it last goes on at `position`."""
        self._marks = {known: at for known, at in self._marks.items() if at >= self._first}
        self._marks[event_id] = position
        while len(self._marks) > _MAX_MARKS:
            del self._marks[next(iter(self._marks))]

    def position_after(self, event_id: str) -> int | None:
        """Where somebody goes on who saw this event last; None when that is no longer known."""
        if event_id in self._positions:
            return self._positions[event_id] + 1
        if event_id and event_id == self._floor:
            return self._first
        marked = self._marks.get(event_id)
        return None if marked is None or marked < self._first else marked

    def next_from(self, position: int) -> tuple[int, str] | None:
        """The first event at or after `position` that is still held: its position and text."""
        for at in range(max(position, self._first), self.end):
            raw = self._entries[at].raw
            if raw is not None:
                return at, raw
        return None

    def lacks_sound_from(self, position: int) -> bool:
        """Whether sound at or after `position` had to make room."""
        return self._latest_gap >= position

    def _make_room(self) -> None:
        """At the cost of the older ones: the newest is still to be sent."""
        while self.byte_count > self._max_bytes and self._sound:
            at = next(iter(self._sound))
            del self._sound[at]
            entry = self._entries[at]
            self.byte_count -= len(entry.raw or "")
            entry.raw = None
            self._latest_gap = max(self._latest_gap, at)
        while self.byte_count > self._max_bytes and self._first < self.end:
            self._forget_first()

    def _forget_first(self) -> None:
        entry = self._entries.pop(self._first)
        self.byte_count -= len(entry.raw or "")
        self._sound.pop(self._first, None)
        if self._positions.get(entry.event_id) == self._first:
            del self._positions[entry.event_id]
        self._floor = entry.event_id
        self._first += 1
