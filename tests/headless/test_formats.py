"""What was said is understood in whatever format it comes."""

from __future__ import annotations

import base64

import pytest

from realtime.core.audio import wav_header
from tests.contract.gateway import Gateway
from tests.headless.person import Call, Person
from tests.headless.recordings import (
    FORMATS,
    GO_FORWARD_WORDS,
    NARROW_FORMATS,
    in_format,
    spoken,
)

RAW = "audio/pcm;rate=24000"
SENTENCE = "Going forward ten meters."


@pytest.fixture(scope="module")
def call(server: Gateway) -> Call:
    """One session for all formats, one turn each."""
    return Person(server).start()


@pytest.fixture
def after(call: Call) -> int:
    """The last event before the test."""
    return call.hear(lambda _heard: True)[-1].id if not LAST_ID else LAST_ID[-1]


LAST_ID: list[int] = []


def said(call: Call, after: int) -> tuple[str, str]:
    heard = call.turn(after=after)
    LAST_ID.append(heard.last_id)
    return heard.user, heard.assistant


def test_pcm_is_understood(call: Call, after: int) -> None:
    call.speak(spoken().tobytes(), RAW)
    assert said(call, after) == (GO_FORWARD_WORDS, SENTENCE)


@pytest.mark.parametrize("name", FORMATS)
def test_a_recording_gives_the_transcript_of_the_pcm(call: Call, after: int, name: str) -> None:
    call.speak(*in_format(name))
    assert said(call, after) == (GO_FORWARD_WORDS, SENTENCE)


@pytest.mark.parametrize("name", NARROW_FORMATS)
def test_a_telephones_8_khz_gives_the_right_sentence(call: Call, after: int, name: str) -> None:
    call.speak(*in_format(name))
    assert said(call, after)[1] == SENTENCE


@pytest.mark.parametrize("has_header", [False, True])
def test_base64_gives_the_transcript_of_the_pcm(call: Call, after: int, has_header: bool) -> None:
    pcm = spoken().tobytes()
    sound = wav_header(len(pcm)) + pcm if has_header else pcm
    assert call.post("audio", json={"audio": base64.b64encode(sound).decode()}).status_code == 202
    assert call.post("commit").status_code == 202
    assert said(call, after) == (GO_FORWARD_WORDS, SENTENCE)


def test_audio_in_many_pieces_is_one_turn(call: Call, after: int) -> None:
    pcm = spoken().tobytes()
    for start in range(0, len(pcm), 9_600):
        piece = pcm[start : start + 9_600]
        answer = call.post("audio", content=piece, headers={"Content-Type": RAW})
        assert answer.status_code == 202
    assert call.post("commit").status_code == 202
    assert said(call, after) == (GO_FORWARD_WORDS, SENTENCE)
