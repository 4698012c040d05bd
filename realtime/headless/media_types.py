"""Which content types audio may come in, and what the bytes themselves say they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from realtime.core.audio import SAMPLE_RATE_HZ
from realtime.headless.errors import UnsupportedAudio

LEAST_RATE_HZ: Final = 4_000
MOST_RATE_HZ: Final = 384_000
RAW: Final = "audio/pcm"
FILE_TYPES: Final = frozenset(
    {
        "audio/wav",
        "audio/wave",
        "audio/x-wav",
        "audio/vnd.wave",
        "audio/flac",
        "audio/x-flac",
        "audio/mpeg",
        "audio/mp3",
        "audio/ogg",
        "application/ogg",
        "audio/opus",
        "audio/webm",
        "video/webm",  # what browsers call a recording of a microphone, too
    }
)
TAKEN: Final = "audio/pcm;rate=24000, audio/wav, audio/flac, audio/mpeg, audio/ogg, audio/webm"


@dataclass(frozen=True, slots=True)
class RawFormat:
    """PCM16 little-endian without a header."""

    rate_hz: int = SAMPLE_RATE_HZ
    channels: int = 1


def raw_format_of(content_type: str) -> RawFormat | None:
    """What a request's Content-Type promises: the raw format, or None for a file with a header.

    Raises UnsupportedAudio for everything that is not taken.
    """
    name, *parameters = (part.strip() for part in content_type.lower().split(";"))
    if name in FILE_TYPES:
        return None
    if name != RAW:
        said = f"{name!r}" if name else "no content type"
        raise UnsupportedAudio(f"The body is declared as {said}. Taken are: {TAKEN}.")
    pairs = (parameter.partition("=") for parameter in parameters)
    given = {key.strip(): value.strip().strip('"') for key, _, value in pairs}
    rate_hz = _number(given.get("rate", str(SAMPLE_RATE_HZ)), "rate", LEAST_RATE_HZ, MOST_RATE_HZ)
    return RawFormat(rate_hz, _number(given.get("channels", "1"), "channels", 1, 8))


def container_of(head: bytes) -> str | None:
    """FFmpeg's name for the kind of file that starts with these bytes; None for no kind we take.

    Naming it keeps every other reader out of reach: some of them open further files and addresses.
    """
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    if head.startswith(b"fLaC"):
        return "flac"
    if head.startswith(b"OggS"):
        return "ogg"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    # An ID3 tag, or the eleven set bits that begin each frame of MPEG audio, layer III.
    is_frame = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2
    return "mp3" if head.startswith(b"ID3") or is_frame else None


def _number(given: str, name: str, least: int, most: int) -> int:
    # Not isdigit alone: it is true for digits that int() does not take.
    if given.isascii() and given.isdigit() and least <= int(given[:9]) <= most:
        return int(given[:9])
    raise UnsupportedAudio(f"The {name} of {RAW} must be a number from {least} to {most}.")
