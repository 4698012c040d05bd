"""The recogniser itself, in its worker processes, on human and synthetic speech."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import psutil
import pytest
import pytest_asyncio

from realtime.upstream.embedded.audio_format import AudioFormat
from realtime.upstream.embedded.ears.arbitration import edit_distance
from realtime.upstream.embedded.ears.process_ears import ProcessEars
from realtime.upstream.embedded.g711 import encode_samples
from realtime.upstream.embedded.ports import EarsBusy, EarsFailed, EarsTimedOut, Heard, Origin
from tests.embedded.conftest import Samples, human_speech
from tests.embedded.phrasebook_corpus import FREE, SPOKEN
from tests.embedded.speakers import (
    in_digital_silence,
    in_pink_noise,
    in_quiet_room,
    speak,
    turns_in,
)

pytestmark = [pytest.mark.speech, pytest.mark.asyncio(loop_scope="module")]

QUIET_BEFORE_MS, QUIET_AFTER_MS = 300, 500


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ears() -> AsyncIterator[ProcessEars]:
    ears = ProcessEars()
    ears.start()
    yield ears
    await ears.aclose()


def in_a_room(speech: Samples) -> bytes:
    """As the detector cuts it: a little room noise before and after."""
    noise = np.random.default_rng(1)

    def quiet(duration_ms: int) -> Samples:
        return noise.normal(0, 8, 24 * duration_ms).astype(np.int16)

    return np.concatenate((quiet(QUIET_BEFORE_MS), speech, quiet(QUIET_AFTER_MS))).tobytes()


async def hear(ears: ProcessEars, speech: Samples) -> Heard:
    return await ears.hear(in_a_room(speech), AudioFormat.PCM)


async def hear_turn(ears: ProcessEars, samples: Samples) -> Heard:
    """The only turn the detector finds."""
    (turn,) = turns_in(samples)
    return await ears.hear(turn, AudioFormat.PCM)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("flite")


@pytest.mark.parametrize(
    ("clip", "text"),
    [
        ("goforward", "go forward ten meters"),
        ("cards-001", "ten of clubs"),
        ("cards-002", "four queen of clubs"),
    ],
)
async def test_people_s_commands_are_heard_exactly(ears: ProcessEars, clip: str, text: str) -> None:
    heard = await hear(ears, human_speech(clip))
    assert (heard.text, heard.origin) == (text, Origin.PHRASEBOOK)


@pytest.mark.parametrize(
    ("clips", "text"),
    [
        (("goforward", "goforward"), "go forward ten meters go forward ten meters"),
        (("cards-001", "goforward"), "ten of clubs go forward ten meters"),
        (("goforward", "cards-001"), "go forward ten meters ten of clubs"),
    ],
)
async def test_two_sentences_with_a_pause_are_both_heard(
    ears: ProcessEars, clips: tuple[str, str], text: str
) -> None:
    first, second = (human_speech(clip) for clip in clips)
    pause = np.zeros(24_000, np.int16)
    heard = await hear(ears, np.concatenate((first, pause, second)))
    assert (heard.text, heard.origin) == (text, Origin.PHRASEBOOK)


@pytest.mark.parametrize("clip", ["librivox-0870", "librivox-0890"])
async def test_speech_outside_the_phrasebook_is_marked_open(ears: ProcessEars, clip: str) -> None:
    heard = await hear(ears, human_speech(clip))
    assert heard.origin is Origin.OPEN
    assert len(heard.text.split()) > 5


@pytest.mark.parametrize(
    ("voice", "sentence"),
    [
        *(("slt", sentence) for sentence in SPOKEN),
        *(("rms", sentence) for sentence in SPOKEN[::2]),
        *(("awb", sentence) for sentence in SPOKEN[4::16]),
        *(("kal16", sentence) for sentence in SPOKEN[5::16]),
    ],
)
async def test_phrasebook_sentences_are_heard_exactly(
    ears: ProcessEars, recordings: Path, voice: str, sentence: str
) -> None:
    heard = await hear_turn(ears, in_quiet_room(speak(sentence, voice, recordings)))
    assert (heard.text, heard.origin) == (sentence, Origin.PHRASEBOOK)


@pytest.mark.parametrize(
    ("voice", "sentence"),
    [
        *(("slt", sentence) for sentence in FREE[:12]),
        *(("rms", sentence) for sentence in FREE[12:20]),
    ],
)
async def test_free_english_is_marked_open(
    ears: ProcessEars, recordings: Path, voice: str, sentence: str
) -> None:
    heard = await hear_turn(ears, in_quiet_room(speak(sentence, voice, recordings)))
    assert heard.origin is Origin.OPEN


async def test_digital_silence_around_the_words_does_no_harm(
    ears: ProcessEars, recordings: Path
) -> None:
    heard = await hear_turn(ears, in_digital_silence(speak("stop", "slt", recordings)))
    assert heard.text == "stop"


async def test_few_words_are_lost_in_noise(ears: ProcessEars, recordings: Path) -> None:
    sentences = SPOKEN[::4]
    errors = 0
    for sentence in sentences:
        heard = await hear_turn(ears, in_pink_noise(speak(sentence, "slt", recordings)))
        errors += edit_distance(sentence.split(), heard.text.split())
    assert errors / sum(len(sentence.split()) for sentence in sentences) <= 0.06


async def test_silence_holds_no_words(ears: ProcessEars) -> None:
    heard = await hear(ears, np.zeros(24 * 400, dtype=np.int16))
    assert heard == Heard("", Origin.NOTHING, 1200)


@pytest.mark.parametrize("name", [AudioFormat.PCMU, AudioFormat.PCMA])
async def test_telephone_audio_is_heard(ears: ProcessEars, name: AudioFormat) -> None:
    telephone = encode_samples(human_speech("goforward")[::3], name)
    assert (await ears.hear(telephone, name)).text == "go forward ten meters"


async def test_a_crashed_worker_is_replaced_and_the_question_asked_again(
    ears: ProcessEars,
) -> None:
    await hear(ears, human_speech("cards-001"))
    assert ears.host_pid is not None
    for worker in psutil.Process(ears.host_pid).children():
        worker.kill()
    assert (await hear(ears, human_speech("goforward"))).text == "go forward ten meters"


async def test_a_crashed_host_is_replaced(ears: ProcessEars) -> None:
    assert ears.host_pid is not None
    before = ears.host_pid
    host = psutil.Process(before)
    host.kill()
    host.wait(timeout=10)
    assert (await hear(ears, human_speech("goforward"))).text == "go forward ten meters"
    assert ears.host_pid != before


async def test_past_the_bound_it_says_it_is_busy() -> None:
    ears = ProcessEars(worker_count=1, max_waiting=1)
    try:
        speech = in_a_room(human_speech("goforward"))
        asked = [asyncio.create_task(ears.hear(speech, AudioFormat.PCM)) for _ in range(3)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
    finally:
        await ears.aclose()
    assert [type(answer) for answer in answers].count(EarsBusy) == 1
    texts = [answer.text for answer in answers if isinstance(answer, Heard)]
    assert texts == ["go forward ten meters"] * 2


async def test_a_recogniser_that_takes_too_long_is_given_up(
    ears: ProcessEars, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.upstream.embedded.ears.process_ears.LOADING_TIMEOUT_S", 0.0)
    monkeypatch.setattr(
        "realtime.upstream.embedded.ears.process_ears._DECODING_S_PER_AUDIO_S", 0.001
    )
    with pytest.raises(EarsTimedOut):
        await hear(ears, human_speech("librivox-0870"))
    monkeypatch.undo()
    assert (await hear(ears, human_speech("goforward"))).text == "go forward ten meters"


async def test_closed_ears_end_their_processes_and_fail() -> None:
    ears = ProcessEars(worker_count=1)
    ears.start()
    assert ears.host_pid is not None
    host = psutil.Process(ears.host_pid)
    await ears.aclose()
    assert not host.is_running()
    with pytest.raises(EarsFailed):
        await ears.hear(b"\0" * 4800, AudioFormat.PCM)
