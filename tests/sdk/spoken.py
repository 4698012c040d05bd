"""A recorded person as the SDKs' applications send one: 24 kHz mono PCM16, then silence."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import soxr

from tests.e2e.speech import recording

RATE_HZ = 24_000
# Semantic turn detection, the default of both Agents SDKs, waits up to 4 s for more.
SILENCE_MS = 5_000


def write_pcm(name: str, target: Path) -> Path:
    """The recording of that name, resampled, followed by silence."""
    with wave.open(str(recording(name))) as wav:
        samples = np.frombuffer(wav.readframes(wav.getnframes()), dtype="<i2")
        spoken = soxr.resample(samples, wav.getframerate(), RATE_HZ)
    silence = np.zeros(RATE_HZ * SILENCE_MS // 1000, dtype="<i2")
    target.write_bytes(np.concatenate([spoken, silence]).astype("<i2").tobytes())
    return target
