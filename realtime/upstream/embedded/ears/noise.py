"""Turning down steady background noise before an utterance is recognised.

What sounds in the quietest moments of an utterance is its background. Each frequency is turned down
by how little it stands above that background; a floor keeps soft consonants from being cut out.
"""

from __future__ import annotations

import numpy as np

from realtime.upstream.embedded.g711 import Samples

_WINDOW_SAMPLES = 512  # 32 ms at 16 kHz
_HOP_SAMPLES = 128
_QUIETEST_SHARE = 0.1
_OVERSUBTRACTION = 2.0
_LOWEST_GAIN = 0.4
_WINDOW = np.sqrt(np.hanning(_WINDOW_SAMPLES + 1)[:-1]).astype(np.float32)
_OVERLAPPING_SUM = _WINDOW_SAMPLES / _HOP_SAMPLES / 2  # of the squared windows over each sample


def suppress_noise(samples: Samples) -> Samples:
    """The same number of samples; in a silent room nearly the same samples."""
    if samples.size < _WINDOW_SAMPLES:
        return samples
    to_whole_hops = -samples.size % _HOP_SAMPLES
    padded = np.pad(samples.astype(np.float32), (_WINDOW_SAMPLES, _WINDOW_SAMPLES + to_whole_hops))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW_SAMPLES)[::_HOP_SAMPLES]
    spectra = np.fft.rfft(frames * _WINDOW, axis=1)
    power = np.abs(spectra) ** 2
    # Frames that reach into the padding are quieter than any background.
    whole = power[_WINDOW_SAMPLES // _HOP_SAMPLES : samples.size // _HOP_SAMPLES + 1]
    quietest = np.argsort(whole.sum(axis=1))[: max(4, int(len(whole) * _QUIETEST_SHARE))]
    background = whole[quietest].mean(axis=0) * _OVERSUBTRACTION
    kept_share = 1 - background / np.maximum(_smoothed(power), 1e-6)
    spectra *= np.sqrt(np.maximum(kept_share, _LOWEST_GAIN**2))
    pieces = np.fft.irfft(spectra, axis=1) * (_WINDOW / _OVERLAPPING_SUM)
    joined = np.zeros(padded.size)
    # Frames four apart lie end to end, so that four additions place all of them.
    stride = _WINDOW_SAMPLES // _HOP_SAMPLES
    for first in range(stride):
        row = pieces[first::stride].ravel()
        joined[first * _HOP_SAMPLES : first * _HOP_SAMPLES + row.size] += row
    spoken = joined[_WINDOW_SAMPLES : _WINDOW_SAMPLES + samples.size]
    return np.clip(np.rint(spoken), -32_768, 32_767).astype(np.int16)


def _smoothed(
    power: np.ndarray[tuple[int, ...], np.dtype[np.floating]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.floating]]:
    """Averaged over neighbours in time and frequency: single cells of noise vary a lot."""
    smooth = power.copy()
    smooth[1:-1] = (power[:-2] + 2 * power[1:-1] + power[2:]) / 4
    inner = (smooth[:, :-2] + 2 * smooth[:, 1:-1] + smooth[:, 2:]) / 4
    smooth[:, 1:-1] = inner
    return smooth
