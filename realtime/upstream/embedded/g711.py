"""G.711 µ-law and A-law, as telephony and the `audio/pcmu` and `audio/pcma` formats use them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from realtime.upstream.embedded.audio_format import AudioFormat

Samples = npt.NDArray[np.int16]

_ULAW_BIAS = 0x84


def _ulaw_table() -> Samples:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    exponent = (code >> 4) & 0x07
    magnitude = (((code & 0x0F) << 3) + _ULAW_BIAS) << exponent
    linear = magnitude - _ULAW_BIAS
    return np.where(code & 0x80, -linear, linear).astype(np.int16)


def _alaw_table() -> Samples:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    exponent = (code >> 4) & 0x07
    mantissa = ((code & 0x0F) << 4) + 8
    linear = np.where(exponent == 0, mantissa, (mantissa + 0x100) << np.maximum(exponent - 1, 0))
    return np.where(code & 0x80, linear, -linear).astype(np.int16)


_TO_LINEAR = {AudioFormat.PCMU: _ulaw_table(), AudioFormat.PCMA: _alaw_table()}


def _nearest_code_table(linear: Samples) -> npt.NDArray[np.uint8]:
    """For each 16-bit sample (as unsigned index) the code whose linear value is nearest."""
    order = np.argsort(linear, kind="stable")
    levels = linear[order].astype(np.int32)
    samples = np.arange(-32_768, 32_768, dtype=np.int32)
    above = np.clip(np.searchsorted(levels, samples), 1, 255)
    below_is_nearer = samples - levels[above - 1] <= levels[above] - samples
    nearest = order[np.where(below_is_nearer, above - 1, above)].astype(np.uint8)
    return np.roll(nearest, 32_768)


_FROM_LINEAR = {name: _nearest_code_table(table) for name, table in _TO_LINEAR.items()}


def decode_samples(audio: bytes | bytearray, audio_format: AudioFormat) -> Samples:
    """Wire bytes to 16-bit samples at the format's own rate."""
    if audio_format is AudioFormat.PCM:
        return np.frombuffer(audio, dtype="<i2")
    return _TO_LINEAR[audio_format][np.frombuffer(audio, dtype=np.uint8)]


def encode_samples(samples: Samples, audio_format: AudioFormat) -> bytes:
    """16-bit samples, already at the format's rate, to wire bytes."""
    if audio_format is AudioFormat.PCM:
        return samples.astype("<i2").tobytes()
    return _FROM_LINEAR[audio_format][samples.view(np.uint16)].tobytes()
