"""A call's loudspeaker on the server's side: what was played, and when (protocol §4.4 E).

Pure: audio comes in from responses as fast as it is made and is taken out in real time by whoever
sends it to the caller, so the session knows what was heard when somebody interrupts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import soxr

from realtime.upstream.embedded.audio_format import AudioFormat
from realtime.upstream.embedded.audio_out import CutItem
from realtime.upstream.embedded.conversation import Item
from realtime.upstream.embedded.g711 import decode_samples
from realtime.upstream.embedded.outbox import Outbox


@dataclass(slots=True)
class _Piece:
    item: Item
    audio: memoryview


@dataclass(slots=True)
class _Line:
    """One response's audio, in order. `started` once the caller was told so."""

    response_id: str
    pieces: deque[_Piece] = field(default_factory=deque)
    played_bytes: dict[str, int] = field(default_factory=dict)
    started: bool = False
    finished: bool = False


class Playback:
    """An `AudioOut`. Call `take` every few milliseconds for as long as the call lives.

    Responses are played one after the other. Everything is 24 kHz PCM16 inside, because a call's
    media has its own codec whatever format the session names.
    """

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._lines: dict[str, _Line] = {}
        self._muted: set[str] = set()

    @property
    def playing(self) -> bool:
        """Something was announced by `output_audio_buffer.started` and is not over yet."""
        return any(line.started for line in self._lines.values())

    def say(self, item: Item, in_part: Mapping[str, Any], audio: bytes) -> None:
        response_id = in_part["response_id"]
        if response_id in self._muted:
            return
        line = self._lines.setdefault(response_id, _Line(response_id))
        line.pieces.append(_Piece(item, memoryview(_as_pcm(audio, item.audio_format))))
        if line is self._current():
            self._start(line)

    def finish(self, response_id: str) -> None:
        self._muted.discard(response_id)
        line = self._lines.get(response_id)
        if line is not None:
            line.finished = True

    def take(self, duration_ms: int) -> bytes:
        """The next audio to be heard: at most `duration_ms`, less or nothing when there is no more.

        Sends `output_audio_buffer.stopped` when a response has been played to its end, and
        `started` when the next one begins.
        """
        line = self._current()
        if line is None:
            return b""
        if line.pieces:
            self._start(line)
            return self._play(line, duration_ms * AudioFormat.PCM.bytes_per_ms)
        if line.finished:
            del self._lines[line.response_id]
            self._outbox.send("output_audio_buffer.stopped", response_id=line.response_id)
        return b""

    def cut(self) -> Sequence[CutItem]:
        """Forget all that was not played; sends `output_audio_buffer.cleared` for what began.

        What a response still in the making says after this is not played either.
        """
        cut: list[CutItem] = []
        for line in self._lines.values():
            if line.started:
                self._outbox.send("output_audio_buffer.cleared", response_id=line.response_id)
            unheard = {piece.item.item_id: piece.item for piece in line.pieces}
            for item_id, item in unheard.items():
                played = line.played_bytes.get(item_id, 0)
                cut.append(CutItem(item, AudioFormat.PCM.duration_ms(played)))
            if not line.finished:
                self._muted.add(line.response_id)
        self._lines.clear()
        return cut

    def _current(self) -> _Line | None:
        return next(iter(self._lines.values()), None)

    def _start(self, line: _Line) -> None:
        if not line.started:
            line.started = True
            self._outbox.send("output_audio_buffer.started", response_id=line.response_id)

    def _play(self, line: _Line, byte_count: int) -> bytes:
        audio = bytearray()
        while line.pieces and len(audio) < byte_count:
            piece = line.pieces[0]
            heard = piece.audio[: byte_count - len(audio)]
            audio += heard
            item_id = piece.item.item_id
            line.played_bytes[item_id] = line.played_bytes.get(item_id, 0) + len(heard)
            piece.audio = piece.audio[len(heard) :]
            if not piece.audio:
                line.pieces.popleft()
        return bytes(audio)


def _as_pcm(audio: bytes, audio_format: AudioFormat) -> bytes:
    if audio_format is AudioFormat.PCM:
        return audio
    samples = decode_samples(audio, audio_format)
    resampled = soxr.resample(
        samples, audio_format.sample_rate_hz, AudioFormat.PCM.sample_rate_hz, quality="LQ"
    )
    return np.asarray(resampled, dtype="<i2").tobytes()
