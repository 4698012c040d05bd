"""The three audio formats of the Realtime API and their arithmetic (protocol §5)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from realtime.upstream.embedded.parameters import expect_integer, expect_object, expect_one_of


class AudioFormat(StrEnum):
    """How the bytes of one audio stream are laid out: mono, no header."""

    PCM = "audio/pcm"  # 16-bit little endian at 24 kHz
    PCMU = "audio/pcmu"  # G.711 µ-law at 8 kHz
    PCMA = "audio/pcma"  # G.711 A-law at 8 kHz

    @property
    def sample_rate_hz(self) -> int:
        return 24_000 if self is AudioFormat.PCM else 8_000

    @property
    def bytes_per_sample(self) -> int:
        return 2 if self is AudioFormat.PCM else 1

    @property
    def bytes_per_ms(self) -> int:
        return self.sample_rate_hz * self.bytes_per_sample // 1000

    def duration_ms(self, byte_count: int) -> int:
        return byte_count // self.bytes_per_ms

    def as_wire(self) -> dict[str, Any]:
        if self is AudioFormat.PCM:
            return {"type": self.value, "rate": 24_000}
        return {"type": self.value}


def parse_audio_format(value: object, param: str) -> AudioFormat:
    """Read a wire format object. Raises InvalidEvent, naming `param`, for anything else."""
    asked = expect_object(value, param, known=("type", "rate"))
    names = [member.value for member in AudioFormat]
    audio_format = AudioFormat(
        expect_one_of(asked.get("type", AudioFormat.PCM.value), f"{param}.type", names)
    )
    rate_hz = audio_format.sample_rate_hz
    expect_integer(asked.get("rate", rate_hz), f"{param}.rate", rate_hz, rate_hz)
    return audio_format
