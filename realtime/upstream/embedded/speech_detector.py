"""Where speech starts and ends in a stream of audio: WebRTC's detector, an energy gate, debounce.

Positions are milliseconds of audio since the first byte the session ever received, so the same
audio gives the same events however it is cut into frames and however fast it arrives.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import soxr
import webrtcvad

from realtime.upstream.embedded.audio_format import AudioFormat
from realtime.upstream.embedded.end_of_turn import (
    WAIT_MS_WHEN_DONE,
    WAIT_MS_WHEN_HELD,
    is_held,
)
from realtime.upstream.embedded.g711 import decode_samples

_RATE_HZ = 16_000
_FRAME_MS = 20
_FRAME_SAMPLES = _RATE_HZ * _FRAME_MS // 1000
_ONSET_WINDOW_FRAMES = 8
_ONSET_VOICED_FRAMES = 6  # 120 ms voiced within 160 ms: a click or a cough is no turn
_RESUME_FRAMES = 3  # 60 ms voiced in a row: noise does not prolong a turn
_LOWEST_GATE_DBFS = -68.0
_GATE_SPAN_DB = 40.0
_TAIL_FRAMES = 32  # what semantic detection listens back to


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """`at_ms` already has the prefix padding subtracted."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """`at_ms` includes the silence that was waited for."""

    at_ms: int


SpeechChange: TypeAlias = SpeechStarted | SpeechStopped


class SpeechDetector:
    """One per session and turn-detection setting (`config`, as in the session object)."""

    def __init__(self, config: dict[str, Any], audio_format: AudioFormat, start_ms: int) -> None:
        threshold = config.get("threshold", 0.5)
        self.prefix_padding_ms = int(config.get("prefix_padding_ms", 300))
        self._eagerness: str | None = config.get("eagerness")  # of semantic detection alone
        self._first_wait_ms = (
            int(config["silence_duration_ms"])
            if self._eagerness is None
            else WAIT_MS_WHEN_DONE[self._eagerness]
        )
        self._wait_ms = self._first_wait_ms
        self._tail: deque[Any] = deque(maxlen=_TAIL_FRAMES)
        gate_dbfs = _LOWEST_GATE_DBFS + _GATE_SPAN_DB * threshold
        self._gate_power = (32_768 * 10 ** (gate_dbfs / 20)) ** 2
        self._format = audio_format
        self._resampler = soxr.ResampleStream(
            audio_format.sample_rate_hz, _RATE_HZ, 1, dtype="int16", quality="LQ"
        )
        self._vad = webrtcvad.Vad(3)
        self._rest = np.empty(0, dtype=np.int16)
        self._frame_end_ms = start_ms
        self._recent: deque[bool] = deque(maxlen=_ONSET_WINDOW_FRAMES)
        self._not_before_ms = start_ms
        self._voiced_run = 0
        self._last_voiced_ms = start_ms
        self.speaking = False

    def push(self, audio: bytes | bytearray) -> list[SpeechChange]:
        """Listen to the next audio and report what changed in it, in order."""
        samples = self._resampler.resample_chunk(decode_samples(audio, self._format))
        self._rest = np.concatenate((self._rest, samples)) if self._rest.size else samples
        changes: list[SpeechChange] = []
        whole = self._rest.size - self._rest.size % _FRAME_SAMPLES
        for start in range(0, whole, _FRAME_SAMPLES):
            frame = self._rest[start : start + _FRAME_SAMPLES]
            self._frame_end_ms += _FRAME_MS
            change = self._hear_frame(self._is_voiced(frame), frame)
            if change is not None:
                changes.append(change)
        self._rest = self._rest[whole:]
        return changes

    def stop_at(self, at_ms: int) -> None:
        """The turn was ended from outside (commit, clear, length): wait for new speech."""
        self.speaking = False
        self._recent.clear()
        self._voiced_run = 0
        self._wait_ms = self._first_wait_ms
        self._tail.clear()
        self._not_before_ms = at_ms

    def _is_voiced(self, frame: Any) -> bool:
        wide = frame.astype(np.float32)
        if float(wide @ wide) / _FRAME_SAMPLES < self._gate_power:
            return False
        return bool(self._vad.is_speech(frame.tobytes(), _RATE_HZ))

    def _hear_frame(self, voiced: bool, frame: Any) -> SpeechChange | None:
        self._voiced_run = self._voiced_run + 1 if voiced else 0
        if voiced and self._eagerness is not None:
            self._tail.append(frame)
        if not self.speaking:
            self._recent.append(voiced)
            if sum(self._recent) < _ONSET_VOICED_FRAMES:
                return None
            first = len(self._recent) - list(self._recent).index(True)
            onset_ms = self._frame_end_ms - first * _FRAME_MS
            self.speaking = True
            self._recent.clear()
            self._last_voiced_ms = self._frame_end_ms
            return SpeechStarted(max(self._not_before_ms, onset_ms - self.prefix_padding_ms))
        if self._voiced_run >= _RESUME_FRAMES:
            self._last_voiced_ms = self._frame_end_ms
            self._wait_ms = self._first_wait_ms
        if self._frame_end_ms - self._last_voiced_ms < self._wait_ms:
            return None
        if self._is_to_wait_longer():
            return None
        self.stop_at(self._frame_end_ms)
        return SpeechStopped(self._frame_end_ms)

    def _is_to_wait_longer(self) -> bool:
        """The first wait is over: semantic detection asks once how the speaker left off."""
        eagerness = self._eagerness
        if eagerness is None or self._wait_ms > self._first_wait_ms or not self._tail:
            return False
        if is_held(np.concatenate(self._tail)):
            self._wait_ms = WAIT_MS_WHEN_HELD[eagerness]
        return self._wait_ms > self._first_wait_ms
