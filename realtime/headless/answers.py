"""The sound of a session's answers, kept while it lives: live listeners and `?item_id=` read it.

It lies in files without a name, so an hour of speech costs no memory; the system removes them with
the process. One file holds many answers; the oldest are given up over the bound.
"""

from __future__ import annotations

import os
import tempfile
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from realtime.core.audio import pcm16_duration_ms

FILE_BYTES: Final = 16 * 1024 * 1024
MAX_BYTES: Final = 256 * 1024 * 1024  # an hour and a half of speech
READ_MAX_BYTES: Final = 96 * 1024  # two seconds


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a listener stands: in which answer of the session, and how many bytes into it."""

    ordinal: int
    offset: int


@dataclass(frozen=True, slots=True)
class Sound:
    """PCM16 24 kHz, and where to go on. over: nothing will follow for this listener.

    byte_count: of the whole answer, once it is finished.
    """

    pcm: bytes
    cursor: Cursor
    over: bool = False
    byte_count: int | None = None


class _File:
    def __init__(self) -> None:
        with tempfile.TemporaryFile(buffering=0) as file:
            self._descriptor = os.dup(file.fileno())
        self.size = 0

    def append(self, pcm: bytes) -> int:
        offset = self.size
        self.size += os.pwrite(self._descriptor, pcm, offset)
        return offset

    def read(self, offset: int, length: int) -> bytes:
        return os.pread(self._descriptor, length, offset)

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            os.close(self._descriptor)


@dataclass(slots=True)
class _Answer:
    started_at: float
    pieces: list[tuple[_File, int, int]] = field(default_factory=list)
    byte_count: int = 0
    is_done: bool = False

    def read(self, offset: int) -> bytes:
        for file, start, length in self.pieces:
            if offset < length:
                return file.read(start + offset, min(length - offset, READ_MAX_BYTES))
            offset -= length
        return b""

    def sounds_until(self) -> float:
        return self.started_at + pcm16_duration_ms(self.byte_count) / 1000


class Answers:
    """Use on the event loop. Times are monotonic seconds."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._answers: OrderedDict[int, _Answer] = OrderedDict()
        self._ordinals: dict[str, int] = {}
        self._file: _File | None = None
        self._byte_count = 0
        self._count = 0
        self.is_over = False

    def add(self, item_id: str, pcm: bytes, now: float) -> None:
        """More of an answer, which begins with its first piece."""
        answer = self._answers.get(self._ordinals.get(item_id, -1))
        if answer is None:
            self._ordinals[item_id] = self._count
            answer = self._answers[self._count] = _Answer(now)
            self._count += 1
        if self._file is None or self._file.size >= FILE_BYTES:
            self._file = _File()
        offset = self._file.append(pcm)
        last = answer.pieces[-1] if answer.pieces else None
        if last is not None and last[0] is self._file and last[1] + last[2] == offset:
            answer.pieces[-1] = (last[0], last[1], last[2] + len(pcm))
        else:
            answer.pieces.append((self._file, offset, len(pcm)))
        answer.byte_count += len(pcm)
        self._byte_count += len(pcm)
        self._make_room()

    def finish(self, item_id: str) -> None:
        answer = self._answers.get(self._ordinals.get(item_id, -1))
        if answer is not None:
            answer.is_done = True

    def finish_all(self) -> None:
        """The response is over, or the session: what is open now will not grow."""
        for answer in self._answers.values():
            answer.is_done = True

    def position_of(self, item_id: str) -> Cursor | None:
        """The beginning of this answer; None when there is none, or none any more."""
        ordinal = self._ordinals.get(item_id)
        return None if ordinal is None or ordinal not in self._answers else Cursor(ordinal, 0)

    def position_now(self, now: float) -> Cursor:
        """The beginning of the answer in progress, or else of the next one.

        In progress is what is still being spoken, and what would still sound if it had been played
        as it came: providers send an answer faster than it sounds.
        """
        for ordinal in reversed(self._answers):
            answer = self._answers[ordinal]
            if not answer.is_done or answer.sounds_until() > now:
                return Cursor(ordinal, 0)
            break
        return Cursor(self._count, 0)

    def read(self, cursor: Cursor, *, one: bool) -> Sound:
        """The next piece at `cursor`, empty while there is none yet.

        one: this answer alone. Otherwise the next answer follows, until the session ends.
        """
        ordinal, offset = cursor.ordinal, cursor.offset
        if not one and self._answers and ordinal < next(iter(self._answers)):
            ordinal, offset = next(iter(self._answers)), 0
        while (answer := self._answers.get(ordinal)) is not None:
            pcm = answer.read(offset)
            at = Cursor(ordinal, offset + len(pcm))
            ends = answer.is_done and at.offset == answer.byte_count
            if pcm or not answer.is_done or one:
                byte_count = answer.byte_count if answer.is_done else None
                return Sound(pcm, at, one and ends, byte_count)
            ordinal, offset = ordinal + 1, 0
        return Sound(b"", Cursor(ordinal, offset), one or self.is_over)

    def _make_room(self) -> None:
        while self._byte_count > self._max_bytes and len(self._answers) > 1:
            ordinal, answer = self._answers.popitem(last=False)
            self._byte_count -= answer.byte_count
            self._ordinals = {key: at for key, at in self._ordinals.items() if at != ordinal}
