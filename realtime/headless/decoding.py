"""Whatever a client recorded → PCM16 at 24 kHz mono, what a session hears. Blocking: use a thread.

Bounded in bytes before (`LIMIT_AUDIO_BODY_BYTES`) and in seconds while it decodes: a file of a few
kilobytes may unfold to hours of silence.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Iterator

import av
import av.audio.frame
import av.error
import numpy as np
import numpy.typing as npt
import soxr
from django.conf import settings

from realtime.core.audio import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ
from realtime.headless.errors import AudioTooLarge, Unprocessable, UnsupportedAudio
from realtime.headless.media_types import (
    LEAST_RATE_HZ,
    MOST_RATE_HZ,
    RawFormat,
    container_of,
    raw_format_of,
)

Samples = npt.NDArray[np.float32]

CODECS = frozenset(
    {
        "pcm_u8",
        "pcm_s16le",
        "pcm_s24le",
        "pcm_s32le",
        "pcm_f32le",
        "pcm_f64le",
        "pcm_mulaw",
        "pcm_alaw",
        "flac",
        "mp3",
        "mp3float",
        "opus",
        "libopus",
        "vorbis",
    }
)
_FULL_SCALE = {"u8": 2**7, "s16": 2**15, "s32": 2**31}
_RAW_STEP_BYTES = 256 * 1024


def decode_body(body: bytes, content_type: str) -> bytes:
    """A request's audio as PCM16 24 kHz mono.

    Raises UnsupportedAudio (415), Unprocessable (422) or AudioTooLarge (413): what was wrong.
    """
    raw_format = raw_format_of(content_type)
    check_size(len(body))
    if not body:
        raise Unprocessable("The body is empty: there is no audio in it.", code="empty_audio")
    pcm = _resampled(_raw(body, raw_format) if raw_format else _decoded(body))
    if not pcm:
        raise Unprocessable("The file holds no sound.", code="empty_audio")
    return pcm


def decode_base64(encoded: object) -> bytes:
    """The `audio` of a JSON body: PCM16 24 kHz, as in `input_audio_buffer.append`, or a WAV file.

    Raises Unprocessable or AudioTooLarge.
    """
    if not isinstance(encoded, str):
        raise Unprocessable("'audio' must be a base64 string.", code="invalid_audio")
    check_size(len(encoded) * 3 // 4)
    try:
        body = binascii.a2b_base64(encoded, strict_mode=True)
    except ValueError:
        raise Unprocessable("'audio' is no valid base64.", code="invalid_audio") from None
    return decode_body(body, "audio/wav" if container_of(body[:12]) == "wav" else "audio/pcm")


def encode_base64(pcm: bytes) -> str:
    return base64.b64encode(pcm).decode("ascii")


def check_size(byte_count: int) -> None:
    """Raises AudioTooLarge for more than one request may bring."""
    most = settings.LIMIT_AUDIO_BODY_BYTES
    if byte_count > most:
        raise AudioTooLarge(f"{byte_count} bytes of audio; at most {most} are taken at once.")


def _raw(body: bytes, raw_format: RawFormat) -> Iterator[tuple[int, Samples]]:
    sample_bytes = BYTES_PER_SAMPLE * raw_format.channels
    if len(body) % sample_bytes:
        raise Unprocessable(
            f"{len(body)} bytes is not a whole number of {sample_bytes}-byte samples of PCM16."
        )
    step = _RAW_STEP_BYTES // sample_bytes * sample_bytes
    for start in range(0, len(body), step):
        samples = np.frombuffer(body[start : start + step], dtype="<i2").astype(np.float32)
        mono = samples.reshape(-1, raw_format.channels).mean(axis=1, dtype=np.float32)
        yield raw_format.rate_hz, mono / np.float32(_FULL_SCALE["s16"])


def _decoded(body: bytes) -> Iterator[tuple[int, Samples]]:
    """(rate in Hz, mono samples from -1 to 1) of each frame of a file."""
    container = container_of(body[:12])
    if container is None:
        raise Unprocessable(
            "The body is not audio in a format taken here: it begins neither like WAV, FLAC, MP3,"
            " Ogg nor WebM."
        )
    try:
        with av.open(io.BytesIO(body), "r", format=container, metadata_errors="ignore") as file:
            stream = next(iter(file.streams.audio), None)
            if stream is None:
                raise Unprocessable("The file holds no audio track.")
            # None, whatever its type says, for a codec that FFmpeg does not know.
            codec = getattr(stream.codec_context, "name", "unknown")
            if codec not in CODECS:
                raise UnsupportedAudio(f"The codec {codec!r} in the file is not taken.")
            for frame in file.decode(stream):
                yield frame.sample_rate, _mono(frame)
    except (av.error.FFmpegError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is broken"
        raise Unprocessable(f"The {container} file cannot be decoded: {why}.") from None


def _mono(frame: av.audio.frame.AudioFrame) -> Samples:
    kind = frame.format.name.removesuffix("p")
    samples = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, frame.layout.nb_channels).T
    if kind not in _FULL_SCALE:
        # Broken files of floats hold what is no number, and some that no loudspeaker could play.
        loud_at_most_full = np.clip(np.nan_to_num(samples), -1.0, 1.0)
        return np.asarray(loud_at_most_full.mean(axis=0), dtype=np.float32)
    mono = samples.mean(axis=0, dtype=np.float64) - (128 if kind == "u8" else 0)
    return np.asarray(mono / _FULL_SCALE[kind], dtype=np.float32)


def _resampled(pieces: Iterator[tuple[int, Samples]]) -> bytes:
    """Raises AudioTooLarge as soon as there are more seconds than one request may bring."""
    pcm = bytearray()
    resampler: soxr.ResampleStream | None = None
    first_rate_hz = 0
    for rate_hz, samples in pieces:
        if resampler is None:
            if not LEAST_RATE_HZ <= rate_hz <= MOST_RATE_HZ:
                raise Unprocessable(f"A sample rate of {rate_hz} Hz is not taken.")
            first_rate_hz = rate_hz
            resampler = soxr.ResampleStream(rate_hz, SAMPLE_RATE_HZ, 1, dtype="float32")
        if rate_hz != first_rate_hz:
            raise Unprocessable("The sample rate changes within the file.")
        pcm += _pcm16(samples if rate_hz == SAMPLE_RATE_HZ else resampler.resample_chunk(samples))
        _check_length(len(pcm))
    if resampler is not None and first_rate_hz != SAMPLE_RATE_HZ:
        pcm += _pcm16(resampler.resample_chunk(np.zeros(0, dtype=np.float32), last=True))
    return bytes(pcm)


def _pcm16(samples: Samples) -> bytes:
    scaled = np.rint(samples * _FULL_SCALE["s16"])
    return bytes(np.clip(scaled, -(2**15), 2**15 - 1).astype("<i2").tobytes())


def _check_length(byte_count: int) -> None:
    most_s = settings.LIMIT_AUDIO_SEC
    if byte_count > most_s * SAMPLE_RATE_HZ * BYTES_PER_SAMPLE:
        raise AudioTooLarge(f"More than {most_s} s of audio; send it in parts.")
