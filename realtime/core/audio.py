"""PCM16 arithmetic: 24 kHz mono little-endian unless said otherwise (protocol §5)."""

from __future__ import annotations

import string
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from realtime.core.errors import InvalidEvent

SAMPLE_RATE_HZ: Final = 24_000
BYTES_PER_SAMPLE: Final = 2
PCM16_BYTES_PER_MS: Final = SAMPLE_RATE_HZ * BYTES_PER_SAMPLE // 1000
G711_BYTES_PER_MS: Final = 8
BASE64_ALPHABET: Final = f"{string.ascii_letters}{string.digits}+/".encode()
BASE64_PADDINGS: Final = (b"=", b"==")


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """A wire format: how many bytes a millisecond takes, and how many one sample does."""

    bytes_per_ms: int
    bytes_per_sample: int

    def duration_ms(self, byte_count: int) -> int:
        """Whole milliseconds in `byte_count` bytes."""
        return byte_count // self.bytes_per_ms


PCM16: Final = AudioFormat(PCM16_BYTES_PER_MS, BYTES_PER_SAMPLE)
G711: Final = AudioFormat(G711_BYTES_PER_MS, 1)


def format_of(declared: object) -> AudioFormat:
    """The format of a GA `{type, rate}` object; anything unknown is the default, 24 kHz PCM16."""
    if isinstance(declared, Mapping) and declared.get("type") in ("audio/pcmu", "audio/pcma"):
        return G711
    return PCM16


def pcm16_bytes(duration_ms: int, sample_rate_hz: int = SAMPLE_RATE_HZ) -> int:
    """How many bytes of PCM16 mono last `duration_ms` (whole samples, rounded down)."""
    return duration_ms * sample_rate_hz // 1000 * BYTES_PER_SAMPLE


def pcm16_duration_ms(byte_count: int, sample_rate_hz: int = SAMPLE_RATE_HZ) -> int:
    """Whole milliseconds in `byte_count` bytes of PCM16 mono."""
    return byte_count * 1000 // (sample_rate_hz * BYTES_PER_SAMPLE)


def base64_byte_count(encoded: str) -> int:
    """How many bytes well-formed base64 stands for, without decoding it."""
    return len(encoded) // 4 * 3 - encoded[-2:].count("=")


def strict_base64_byte_count(encoded: bytes) -> int | None:
    """The bytes that `encoded` stands for; None unless it is base64 and nothing else: the standard
    alphabet, padded, without breaks. Four times as fast as decoding, and as strict."""
    rest = encoded.translate(None, BASE64_ALPHABET)
    size = len(encoded)
    if size % 4 or (rest and (rest not in BASE64_PADDINGS or not encoded.endswith(rest))):
        return None
    return size // 4 * 3 - len(rest)


def check_audio(
    encoded: object, audio_format: AudioFormat, *, client_event_id: str | None = None
) -> int:
    """The byte count of an `input_audio_buffer.append` payload.

    Raises InvalidEvent (`param` is `audio`) when it is missing, no base64, or ends within a sample.
    """
    if encoded is None:
        raise InvalidEvent(
            "Missing required parameter: 'audio'.",
            code="missing_required_parameter",
            param="audio",
            client_event_id=client_event_id,
        )
    if not isinstance(encoded, str):
        raise InvalidEvent(
            "Invalid type for 'audio': expected a base64 string.",
            code="invalid_type",
            param="audio",
            client_event_id=client_event_id,
        )
    # What is not ASCII is not base64, whatever stands in its place.
    byte_count = strict_base64_byte_count(encoded.encode("ascii", "replace"))
    if byte_count is None:
        raise InvalidEvent(
            "Invalid 'audio': expected valid base64.",
            code="invalid_value",
            param="audio",
            client_event_id=client_event_id,
        )
    if byte_count % audio_format.bytes_per_sample:
        raise InvalidEvent(
            f"Invalid 'audio': {byte_count} bytes is not a whole number of "
            f"{audio_format.bytes_per_sample * 8}-bit samples.",
            code="invalid_value",
            param="audio",
            client_event_id=client_event_id,
        )
    return byte_count


@dataclass(frozen=True, slots=True)
class WavHeader:
    """What a WAV file says of itself. `data_offset` and `data_bytes` bound the samples."""

    sample_rate_hz: int
    channels: int
    bits_per_sample: int
    data_offset: int
    data_bytes: int


def read_wav_header(wav: bytes) -> WavHeader:
    """Find format and samples of an uncompressed PCM WAV. Raises ValueError saying what is wrong.

    A data length beyond the end (streamed files write a dummy) is cut to what is there.
    """
    if len(wav) < 12 or wav[:4] != b"RIFF" or wav[8:12] != b"WAVE":
        raise ValueError("not a WAV file")
    position = 12
    layout: tuple[int, int, int] | None = None
    while position + 8 <= len(wav):
        name = wav[position : position + 4]
        size = int.from_bytes(wav[position + 4 : position + 8], "little")
        body = position + 8
        if name == b"fmt ":
            layout = _read_wav_format(wav[body : body + size])
        elif name == b"data":
            if layout is None:
                raise ValueError("WAV data without a format")
            sample_rate_hz, channels, bits_per_sample = layout
            data_bytes = min(size, len(wav) - body)
            return WavHeader(sample_rate_hz, channels, bits_per_sample, body, data_bytes)
        position = body + size + size % 2
    raise ValueError("WAV file without data")


def _read_wav_format(chunk: bytes) -> tuple[int, int, int]:
    if len(chunk) < 16:
        raise ValueError("WAV format is cut short")
    tag, channels, sample_rate_hz, _, _, bits_per_sample = struct.unpack_from("<HHIIHH", chunk)
    if tag == 0xFFFE and len(chunk) >= 26:  # WAVE_FORMAT_EXTENSIBLE: the real tag follows
        tag = int.from_bytes(chunk[24:26], "little")
    if tag != 1:
        raise ValueError("WAV file is compressed; PCM is needed")
    if channels < 1 or sample_rate_hz < 1 or bits_per_sample < 8:
        raise ValueError("WAV format makes no sense")
    return sample_rate_hz, channels, bits_per_sample


def wav_header(data_bytes: int | None, sample_rate_hz: int = SAMPLE_RATE_HZ) -> bytes:
    """The 44 bytes before mono PCM16. None: length unknown yet, for streaming (a maximal size)."""
    size = 0xFFFFFFFF - 36 if data_bytes is None else data_bytes
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        size + 36,
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        sample_rate_hz,
        sample_rate_hz * BYTES_PER_SAMPLE,
        BYTES_PER_SAMPLE,
        BYTES_PER_SAMPLE * 8,
        b"data",
        size,
    )


def output_format_of(session: Mapping[str, Any]) -> AudioFormat:
    """The assistant's audio format in a GA session object."""
    return format_of(_format_in(session, "output"))


def input_format_of(session: Mapping[str, Any]) -> AudioFormat:
    """The user's audio format in a GA session object."""
    return format_of(_format_in(session, "input"))


def _format_in(session: Mapping[str, Any], side: str) -> object:
    audio = session.get("audio")
    half = audio.get(side) if isinstance(audio, Mapping) else None
    return half.get("format") if isinstance(half, Mapping) else None
