"""Semantic turn detection: a speaker who leaves off is done, one who holds a sound is not (§5)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from realtime.upstream.embedded.end_of_turn import WAIT_MS_WHEN_DONE, WAIT_MS_WHEN_HELD, is_held
from realtime.upstream.embedded.ports import Heard, Origin
from tests.embedded.conftest import Samples, human_speech
from tests.embedded.studio import Studio, find, silence, speech_like


def semantic_studio(**options: Any) -> Studio:
    studio = Studio()
    detection = {"type": "semantic_vad", **options}
    studio.configure(audio={"input": {"turn_detection": detection}})
    studio.will_hear = [Heard("hello", Origin.PHRASEBOOK, 1000)] * 3
    return studio


def held_sound(duration_ms: int) -> Samples:
    """ "uhhm": one vowel, one pitch, one loudness."""
    t = np.arange(24 * duration_ms) / 24_000
    return np.asarray(
        sum(np.sin(2 * np.pi * 120 * k * t) / k for k in range(1, 30)) * 5000, dtype=np.int16
    )


def waited_ms(studio: Studio, speech: Samples, pause_ms: int) -> int:
    events = studio.append(np.concatenate((silence(400), speech, silence(pause_ms))))
    stopped = find(events, "input_audio_buffer.speech_stopped")
    return int(stopped["audio_end_ms"]) - 400 - speech.size // 24


@pytest.mark.parametrize("eagerness", ["low", "medium", "high", "auto"])
def test_a_speaker_who_is_done_waits_by_eagerness(eagerness: str) -> None:
    waited = waited_ms(semantic_studio(eagerness=eagerness), speech_like(1200), 2000)
    assert abs(waited - WAIT_MS_WHEN_DONE[eagerness]) <= 100


@pytest.mark.parametrize("eagerness", ["low", "medium", "high", "auto"])
def test_a_held_sound_is_waited_for_up_to_the_documented_longest(eagerness: str) -> None:
    speech = np.concatenate((speech_like(700), held_sound(600)))
    waited = waited_ms(semantic_studio(eagerness=eagerness), speech, 8500)
    assert abs(waited - WAIT_MS_WHEN_HELD[eagerness]) <= 100


def test_going_on_after_a_held_sound_is_the_same_turn() -> None:
    held = np.concatenate((speech_like(700), held_sound(600)))
    more = np.concatenate((silence(2000), speech_like(900, seed=3)))
    events = semantic_studio().append(np.concatenate((silence(400), held, more, silence(1200))))
    names = [event["type"] for event in events]
    assert names.count("input_audio_buffer.speech_started") == 1
    assert names.count("input_audio_buffer.speech_stopped") == 1


@pytest.mark.parametrize(
    "name", ["goforward", "cards-001", "cards-002", "librivox-0870", "librivox-0890"]
)
def test_people_who_said_what_they_had_to_say_are_answered_soon(name: str) -> None:
    studio = semantic_studio()
    audio = np.concatenate((silence(400), human_speech(name), silence(1500)))
    events = studio.append(np.asarray(audio, dtype=np.int16))
    assert [e for e in events if e["type"] == "input_audio_buffer.speech_stopped"]


def test_semantic_detection_creates_and_interrupts_as_it_is_told() -> None:
    studio = semantic_studio(create_response=False)
    events = studio.append(np.concatenate((silence(400), speech_like(900), silence(1500))))
    assert "response.created" not in [event["type"] for event in events]


def test_silence_and_noise_are_no_held_sound() -> None:
    assert not is_held(np.zeros(16_000, dtype=np.int16))
    noise = np.random.default_rng(1).normal(0, 3000, 16_000).astype(np.int16)
    assert not is_held(noise)
    assert not is_held(noise[:100])
