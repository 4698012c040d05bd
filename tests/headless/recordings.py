"""Recorded people in every format a client may send; made by PyAV from what is in `speech`."""

from __future__ import annotations

import io
import os
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import soxr
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

from realtime.core.audio import read_wav_header

ROOT = Path(__file__).resolve().parents[2]
SPEECH = Path(os.environ.get("SHARED_DIR", ROOT.parent / "shared")) / "speech"
GO_FORWARD = SPEECH / "goforward.wav"
GO_FORWARD_WORDS = "go forward ten meters"

Pcm = npt.NDArray[np.int16]


def spoken(path: Path = GO_FORWARD, rate_hz: int = 24_000) -> Pcm:
    """The recording as mono PCM16 at this rate."""
    wav = path.read_bytes()
    header = read_wav_header(wav)
    end = header.data_offset + header.data_bytes
    samples = np.frombuffer(wav[header.data_offset : end], dtype="<i2")
    resampled: Pcm = soxr.resample(samples, header.sample_rate_hz, rate_hz)
    return resampled


def encode(pcm: Pcm, rate_hz: int, container: str, codec: str, *, channels: int = 1) -> bytes:
    """A file of this container and codec; the same words on every channel."""
    target = io.BytesIO()
    layout = "mono" if channels == 1 else "stereo"
    with av.open(target, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate_hz, layout=layout)
        assert isinstance(stream, AudioStream)
        frame = AudioFrame.from_ndarray(
            np.repeat(pcm, channels).reshape(1, -1), format="s16", layout=layout
        )
        frame.sample_rate = rate_hz
        encoder = stream.codec_context
        resampler = av.AudioResampler(encoder.format.name, layout, rate_hz, encoder.frame_size)
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            file.mux(stream.encode(piece))
        file.mux(stream.encode(None))
    return target.getvalue()


# name → (content type, rate in Hz, container, codec, channels)
FORMATS = {
    "wav 16 kHz 16 bit": ("audio/wav", 16_000, "wav", "pcm_s16le", 1),
    "wav 44.1 kHz stereo 24 bit": ("audio/wav", 44_100, "wav", "pcm_s24le", 2),
    "wav 48 kHz float": ("audio/x-wav", 48_000, "wav", "pcm_f32le", 1),
    "wav 22.05 kHz 8 bit": ("audio/wav", 22_050, "wav", "pcm_u8", 1),
    "flac 16 kHz": ("audio/flac", 16_000, "flac", "flac", 1),
    "mp3 44.1 kHz stereo": ("audio/mpeg", 44_100, "mp3", "libmp3lame", 2),
    "ogg opus": ("audio/ogg; codecs=opus", 48_000, "ogg", "libopus", 1),
    "webm opus": ("audio/webm;codecs=opus", 48_000, "webm", "libopus", 2),
}
NARROW_FORMATS = {
    "wav 8 kHz": ("audio/wav", 8_000, "wav", "pcm_s16le", 1),
    "wav 8 kHz µ-law": ("audio/wav", 8_000, "wav", "pcm_mulaw", 1),
}


def in_format(name: str, path: Path = GO_FORWARD) -> tuple[bytes, str]:
    """(the file, its content type)."""
    content_type, rate_hz, container, codec, channels = {**FORMATS, **NARROW_FORMATS}[name]
    return encode(spoken(path, rate_hz), rate_hz, container, codec, channels=channels), content_type
