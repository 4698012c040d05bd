"""What is done to an utterance's sound before the recogniser gets it."""

from __future__ import annotations

import numpy as np
import pytest

from realtime.upstream.embedded.ears.noise import suppress_noise
from tests.embedded.conftest import Samples
from tests.embedded.studio import speech_like


def loudness_db(samples: Samples) -> float:
    return float(10 * np.log10(np.mean(samples.astype(float) ** 2)))


def hiss(size: int, rms: float) -> Samples:
    return np.random.default_rng(4).normal(0, rms, size).astype(np.int16)


def test_steady_noise_loses_more_than_speech_does() -> None:
    speech = np.pad(speech_like(1000), (8000, 8000))
    noisy = np.asarray(speech + hiss(speech.size, 300), dtype=np.int16)
    cleaned = suppress_noise(noisy)
    assert loudness_db(cleaned[1000:7000]) < loudness_db(noisy[1000:7000]) - 5
    middle = slice(10_000, 30_000)
    assert loudness_db(cleaned[middle]) == pytest.approx(loudness_db(speech[middle]), abs=1)


@pytest.mark.parametrize("size", [0, 100, 511, 512, 700, 12_345])
def test_every_length_is_kept(size: int) -> None:
    assert suppress_noise(hiss(size, 300)).size == size


def test_speech_in_a_silent_room_is_left_as_it_is() -> None:
    speech = np.pad(speech_like(1000), (8000, 8000))
    change = suppress_noise(speech).astype(float) - speech
    assert np.sqrt(np.mean(change**2)) < 0.01 * np.sqrt(np.mean(speech.astype(float) ** 2))
