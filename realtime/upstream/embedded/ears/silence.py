"""Cutting the silence around an utterance before it is recognised.

The recogniser judges loudness and timbre against the mean of the whole utterance: half a second of
silence on either side moves that mean more than a short sentence does.
"""

from __future__ import annotations

import numpy as np

from realtime.upstream.embedded.ears.recogniser import SAMPLE_RATE_HZ
from realtime.upstream.embedded.g711 import Samples

_FRAME_SAMPLES = SAMPLE_RATE_HZ // 100
_MARGIN_FRAMES = 8  # soft consonants before and after the loud part
_BELOW_LOUDEST_DB = 32.0


def trim_silence(samples: Samples) -> Samples:
    """The part from just before the first loud frame to just after the last; never empty."""
    count = samples.size // _FRAME_SAMPLES
    if count == 0:
        return samples
    frames = samples[: count * _FRAME_SAMPLES].astype(np.float32).reshape(count, _FRAME_SAMPLES)
    power = np.mean(frames * frames, axis=1) + 1.0
    loudness_db = 10 * np.log10(power)
    # The 95th percentile and not the maximum: one click must not hide the whole utterance.
    loud = np.flatnonzero(loudness_db > np.percentile(loudness_db, 95) - _BELOW_LOUDEST_DB)
    first = max(0, int(loud[0]) - _MARGIN_FRAMES)
    last = min(count, int(loud[-1]) + 1 + _MARGIN_FRAMES)
    return samples[first * _FRAME_SAMPLES : last * _FRAME_SAMPLES]
