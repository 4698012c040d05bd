"""The server events of one session as its listeners read them: numbered, kept for a while.

Positions are the `id:` of the event streams: whole numbers from 1, never used twice. A listener is
nothing but the last number it has seen, so one that comes back misses and repeats nothing.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

KEEP_S: Final = 75.0  # promised are 60 s (contract §6); the rest is for the way back
MAX_BYTES: Final = 4 * 1024 * 1024
BATCH_MAX_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """`data` is the event's JSON text as the client protocol has it; `caption` what it says of what
    was spoken, where it says something."""

    seq: int
    name: str
    data: str
    caption: str | None
    at: float


@dataclass(frozen=True, slots=True)
class Batch:
    """Events in order as (seq, name, data), and where to go on: `after` for the next read.

    lost: some events between are not kept any more. over: the session has ended, and after these
    nothing follows.
    """

    events: tuple[tuple[int, str, str], ...]
    after: int
    lost: bool
    over: bool


class EventLog:
    """Add on the event loop; reading never waits (see `LiveHeadless.read_events`)."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, max_bytes: int = MAX_BYTES
    ) -> None:
        self._clock = clock
        self._max_bytes = max_bytes
        self._events: deque[LoggedEvent] = deque()
        self._byte_count = 0
        self._last_seq = 0
        self.is_over = False

    def add(self, name: str, data: str, caption: str | None = None) -> None:
        self._last_seq += 1
        self._events.append(LoggedEvent(self._last_seq, name, data, caption, self._clock()))
        self._byte_count += len(data)
        self._forget_old()

    def after(self, seq: int | None, *, captions: bool) -> Batch:
        """What followed `seq`; None, or a number never given here: all that is still kept."""
        self._forget_old()
        first = self._events[0].seq if self._events else self._last_seq + 1
        if seq is None or seq > self._last_seq or seq < 0:
            seq, lost = first - 1, False
        else:
            lost = seq < first - 1
        found: list[tuple[int, str, str]] = []
        size = 0
        position = max(seq, first - 1)
        for event in self._events:
            if event.seq <= position:
                continue
            if size > BATCH_MAX_BYTES:
                break
            position = event.seq
            data = event.caption if captions else event.data
            if data is not None:
                found.append((event.seq, "transcript" if captions else event.name, data))
                size += len(data)
        return Batch(tuple(found), position, lost, self.is_over and position == self._last_seq)

    def _forget_old(self) -> None:
        """Nothing expires once the session is over: what keeps it then is its own short rest."""
        horizon = float("-inf") if self.is_over else self._clock() - KEEP_S
        while self._events and (self._events[0].at < horizon or self._byte_count > self._max_bytes):
            self._byte_count -= len(self._events.popleft().data)
