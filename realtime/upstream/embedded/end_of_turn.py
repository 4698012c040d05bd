"""Semantic turn detection: how long to wait in a pause, by how the last sound was made (§5).

No words are known yet, so the sign is in the voice. Somebody who is done lets pitch and loudness
go; somebody who looks for the next word holds one sound: "uhhm". Only a held sound makes the wait
long, for a wait too long is worse than one too short: the next turn is understood together with
an unfinished one anyway.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt

RATE_HZ = 16_000
WAIT_MS_WHEN_DONE = {"low": 1500, "medium": 800, "auto": 800, "high": 500}
WAIT_MS_WHEN_HELD = {"low": 8000, "medium": 4000, "auto": 4000, "high": 2000}
HELD_MS = 400

_STEP = RATE_HZ // 50
_WINDOW = RATE_HZ // 25
_LOWEST_PITCH_HZ, _HIGHEST_PITCH_HZ = 70, 400
_LEAST_PERIODICITY = 0.6
_MOST_PITCH_DRIFT = 0.05
_MOST_LEVEL_DRIFT_DB = 6.0
_MOST_TIMBRE_DRIFT = 0.15

Sound = npt.NDArray[Any]


def is_held(tail: Sound) -> bool:
    """Whether 16 kHz audio that ends where speech ended ends in one sound held for 400 ms."""
    size = HELD_MS * RATE_HZ // 1000
    if tail.size < size:
        return False
    sound = tail[-size:].astype(np.float64)
    windows = [sound[at : at + _WINDOW] for at in range(0, size - _WINDOW + 1, _STEP)]
    levels = np.array([np.sqrt(np.mean(window**2)) + 1.0 for window in windows])
    if 20 * np.log10(levels.max() / levels.min()) > _MOST_LEVEL_DRIFT_DB:
        return False
    pitches = [_pitch_hz(window) for window in windows]
    if None in pitches:
        return False
    heights = np.array(pitches, dtype=np.float64)
    if (heights.max() - heights.min()) / np.median(heights) > _MOST_PITCH_DRIFT:
        return False
    shapes = np.array([_timbre(window) for window in windows])
    return bool(np.abs(shapes - shapes.mean(axis=0)).sum(axis=1).max() < _MOST_TIMBRE_DRIFT * 2)


def _pitch_hz(window: Sound) -> float | None:
    """The fundamental by autocorrelation; None where there is none."""
    wave = window - window.mean()
    spectrum = np.fft.rfft(wave, 2 * wave.size)
    correlation = np.fft.irfft(np.abs(spectrum) ** 2)[: wave.size]
    if correlation[0] <= 0:
        return None
    least, most = RATE_HZ // _HIGHEST_PITCH_HZ, RATE_HZ // _LOWEST_PITCH_HZ
    # A window holds fewer products at long lags: without this, long periods look weak.
    weight = wave.size / (wave.size - np.arange(wave.size))
    shares = (correlation * weight / correlation[0])[least:most]
    best = int(np.argmax(shares))
    return RATE_HZ / (best + least) if shares[best] >= _LEAST_PERIODICITY else None


def _timbre(window: Sound) -> Sound:
    """How the power is shared among eight bands up to 4 kHz."""
    power = np.abs(np.fft.rfft(window * np.hanning(window.size))) ** 2
    edges = np.linspace(0, 4000 * window.size // RATE_HZ, 9).astype(int)
    bands = np.array([power[low:high].sum() for low, high in itertools.pairwise(edges)])
    return np.asarray(bands / (bands.sum() + 1e-9))
