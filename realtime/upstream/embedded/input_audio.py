"""The input audio buffer: what was appended and not yet committed (protocol §4.1, §5)."""

from __future__ import annotations

from typing import Any

from realtime.core.errors import InvalidEvent
from realtime.upstream.embedded.audio_format import AudioFormat
from realtime.upstream.embedded.speech_detector import (
    SpeechChange,
    SpeechDetector,
    SpeechStarted,
    SpeechStopped,
)

MIN_COMMIT_MS = 100
MAX_TURN_MS = 120_000
MAX_HELD_MS = 327_680  # 15 MiB of PCM16: what OpenAI takes in one append
_IDLE_KEPT_MS = 2_000
_STEP_MS = 1_000


class InputAudio:
    """Bytes are kept as they came; positions are milliseconds since the session's first byte.

    After `append`, call `listen` until `waiting` is false: each call hears at most one second, so
    that a long append never holds up the event loop.
    """

    def __init__(self) -> None:
        self.audio_format = AudioFormat.PCM
        self._detector: SpeechDetector | None = None
        self._kept = bytearray()
        self._kept_from_ms = 0
        self._unheard = bytearray()
        self._speech_from_ms: int | None = None

    @property
    def waiting(self) -> bool:
        return bool(self._unheard)

    @property
    def speaking(self) -> bool:
        """The user is in the middle of a turn."""
        return self._speech_from_ms is not None

    @property
    def end_ms(self) -> int:
        """Where the audio heard so far ends."""
        return self._kept_from_ms + self.audio_format.duration_ms(len(self._kept))

    def configure(self, turn_detection: dict[str, Any] | None, audio_format: AudioFormat) -> None:
        """Apply changed session settings; a turn in progress is left to a manual commit."""
        if audio_format is not self.audio_format:
            self._kept_from_ms = self.end_ms
            self._kept.clear()
            self._unheard.clear()
            self.audio_format = audio_format
        self._speech_from_ms = None
        self._detector = (
            SpeechDetector(turn_detection, audio_format, self.end_ms) if turn_detection else None
        )

    def append(self, audio: bytes) -> None:
        """Raises InvalidEvent when push-to-talk audio grows past `MAX_HELD_MS` uncommitted."""
        if self._detector is None:
            buffered_ms = self.audio_format.duration_ms(len(self._kept) + len(audio))
            if buffered_ms > MAX_HELD_MS:
                raise InvalidEvent(
                    f"The input audio buffer holds at most {MAX_HELD_MS} ms; commit or clear it.",
                    code="input_audio_buffer_full",
                    param="audio",
                )
            self._kept += audio
        else:
            self._unheard += audio

    def make_room(self, byte_count: int) -> None:
        """Forget the oldest push-to-talk audio for `byte_count` more: a call's microphone is always
        on, and nobody could answer it that the buffer is full."""
        if self._detector is None:
            coming_ms = self.audio_format.duration_ms(byte_count)
            self._drop_before(self.end_ms + coming_ms - MAX_TURN_MS)

    def listen(self) -> list[SpeechChange]:
        """Hear the next second of what was appended. A stop leaves the turn to be committed."""
        if self._detector is None:
            self._kept += self._unheard
            self._unheard.clear()
            return []
        step = _STEP_MS * self.audio_format.bytes_per_ms
        audio = bytes(self._unheard[:step])
        del self._unheard[:step]
        self._kept += audio
        changes = self._detector.push(audio)
        for change in changes:
            self._speech_from_ms = change.at_ms if isinstance(change, SpeechStarted) else None
        if self._speech_from_ms is not None and self.end_ms - self._speech_from_ms > MAX_TURN_MS:
            self._detector.stop_at(self.end_ms)
            self._speech_from_ms = None
            changes.append(SpeechStopped(self.end_ms))
        if not changes and self._speech_from_ms is None:
            self._drop_before(self.end_ms - max(_IDLE_KEPT_MS, self._detector.prefix_padding_ms))
        return changes

    def take(self, from_ms: int, to_ms: int) -> bytes:
        """Remove and return the audio between two positions; what came before is dropped."""
        self._drop_before(from_ms)
        size = max(0, to_ms - self._kept_from_ms) * self.audio_format.bytes_per_ms
        audio = bytes(self._kept[:size])
        self._drop_before(to_ms)
        return audio

    def take_all(self) -> bytes:
        """Everything not yet committed, for a manual commit. Raises InvalidEvent below 100 ms."""
        buffered_ms = len(self._kept) / self.audio_format.bytes_per_ms
        if buffered_ms < MIN_COMMIT_MS:
            raise InvalidEvent(
                "Error committing input audio buffer: buffer too small. Expected at least "
                f"{MIN_COMMIT_MS}ms of audio, but buffer only has {buffered_ms:.2f}ms of audio.",
                code="input_audio_buffer_commit_empty",
            )
        start_ms = self._speech_from_ms if self._speech_from_ms is not None else self._kept_from_ms
        audio = self.take(start_ms, self.end_ms)
        self.clear()
        return audio

    def clear(self) -> None:
        end_ms = self.end_ms
        self._kept.clear()
        self._unheard.clear()
        self._kept_from_ms = end_ms
        self._speech_from_ms = None
        if self._detector is not None:
            self._detector.stop_at(end_ms)

    def _drop_before(self, at_ms: int) -> None:
        surplus_ms = min(at_ms, self.end_ms) - self._kept_from_ms
        if surplus_ms > 0:
            del self._kept[: surplus_ms * self.audio_format.bytes_per_ms]
            self._kept_from_ms += surplus_ms
