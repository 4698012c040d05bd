"""Voice activity, push-to-talk and the input buffer (protocol §5)."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest

from realtime.upstream.embedded import conversation
from realtime.upstream.embedded.ports import Heard, Origin
from tests.embedded.studio import Studio, error_code, find, said, silence, speech_like
from tests.embedded.wire import order

PUSH_TO_TALK = {"input": {"turn_detection": None}}


def voice_studio() -> Studio:
    studio = Studio()
    studio.hold_ears = True
    return studio


def test_speech_is_placed_by_the_audio_clock() -> None:
    studio = voice_studio()
    events = studio.append(np.concatenate((silence(2000), speech_like(1500), silence(1000))))
    started = find(events, "input_audio_buffer.speech_started")["audio_start_ms"]
    stopped = find(events, "input_audio_buffer.speech_stopped")["audio_end_ms"]
    assert started == pytest.approx(2000 - 300, abs=60)
    assert stopped == pytest.approx(3500 + 500, abs=80)
    assert len(studio.hearing[0].audio) == (stopped - started) * 48


@pytest.mark.parametrize("frame_ms", [7, 20, 100, 4000])
def test_the_size_of_frames_changes_nothing(frame_ms: int) -> None:
    studio = voice_studio()
    audio = np.concatenate((silence(700), speech_like(900), silence(1200)))
    events = studio.append(audio, frame_ms)
    assert find(events, "input_audio_buffer.speech_started")["audio_start_ms"] == 400
    assert find(events, "input_audio_buffer.speech_stopped")["audio_end_ms"] == 2100


def test_two_turns_in_one_append_are_two_items() -> None:
    studio = voice_studio()
    turn = np.concatenate((silence(400), speech_like(800), silence(800)))
    events = studio.append(np.concatenate((turn, turn)), frame_ms=10_000)
    committed = [e for e in events if e["type"] == "input_audio_buffer.committed"]
    assert len(committed) == 2
    assert committed[1]["previous_item_id"] == committed[0]["item_id"]


@pytest.mark.parametrize("loudness", [0, 20, 200])
def test_silence_and_steady_noise_are_no_turn(loudness: int) -> None:
    studio = voice_studio()
    noise = np.random.default_rng(3).normal(0, loudness or 1e-9, 24 * 5000).astype(np.int16)
    assert studio.append(noise) == []


def test_a_click_is_no_turn() -> None:
    studio = voice_studio()
    click = np.concatenate((silence(500), speech_like(60), silence(1000)))
    assert studio.append(click) == []


def test_a_higher_threshold_wants_louder_speech() -> None:
    quiet = (np.concatenate((silence(300), speech_like(900), silence(900))) * 0.2).astype("<i2")

    def turns(threshold: float) -> int:
        studio = voice_studio()
        vad = {"type": "server_vad", "threshold": threshold}
        studio.configure(audio={"input": {"turn_detection": vad}})
        return order(studio.append(quiet)).count("input_audio_buffer.committed")

    assert turns(0.0) == 1
    assert turns(1.0) == 0


def test_push_to_talk_hears_what_is_committed_and_answers_when_asked() -> None:
    studio = Studio()
    studio.configure(audio=PUSH_TO_TALK, output_modalities=["text"])
    studio.will_hear = [Heard("what is six times seven", Origin.PHRASEBOOK, 1000)]
    assert studio.append(speech_like(1000)) == []
    events = studio.send("input_audio_buffer.commit")
    assert order(events) == [
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
    ]
    assert said(studio.send("response.create")) == "Six times seven is forty two."


def test_an_empty_commit_is_refused() -> None:
    studio = Studio()
    studio.configure(audio=PUSH_TO_TALK)
    assert error_code(studio.send("input_audio_buffer.commit")) == "input_audio_buffer_commit_empty"
    studio.append(speech_like(80))
    assert error_code(studio.send("input_audio_buffer.commit")) == "input_audio_buffer_commit_empty"


def test_a_cleared_buffer_is_gone() -> None:
    studio = Studio()
    studio.configure(audio=PUSH_TO_TALK)
    studio.append(speech_like(500))
    find(studio.send("input_audio_buffer.clear"), "input_audio_buffer.cleared")
    assert error_code(studio.send("input_audio_buffer.commit")) == "input_audio_buffer_commit_empty"


def test_a_commit_while_speaking_ends_the_turn_under_its_announced_id() -> None:
    studio = voice_studio()
    started = find(
        studio.append(np.concatenate((silence(200), speech_like(800)))),
        "input_audio_buffer.speech_started",
    )
    events = studio.send("input_audio_buffer.commit")
    assert find(events, "input_audio_buffer.committed")["item_id"] == started["item_id"]
    assert studio.append(silence(2000)) == []


@pytest.mark.parametrize(
    ("audio", "code"),
    [
        ("%%%", "invalid_value"),
        ("AAA", "invalid_value"),
        (base64.b64encode(b"odd").decode(), "invalid_value"),
        (None, "missing_required_parameter"),
        (5, "invalid_type"),
    ],
)
def test_bad_audio_costs_an_error(audio: Any, code: str) -> None:
    assert error_code(Studio().send("input_audio_buffer.append", audio=audio)) == code


def test_one_event_carries_at_most_fifteen_mebibytes_of_audio() -> None:
    too_much = base64.b64encode(bytes(15 * 2**20 + 2)).decode()
    error = find(Studio().send("input_audio_buffer.append", audio=too_much), "error")["error"]
    assert (error["code"], error["param"]) == ("invalid_value", "audio")


def test_push_to_talk_audio_holds_the_longest_append_and_is_bounded() -> None:
    studio = Studio()
    studio.configure(audio=PUSH_TO_TALK)
    longest = base64.b64encode(bytes(15 * 2**20)).decode()
    assert studio.send("input_audio_buffer.append", audio=longest) == []
    assert error_code(studio.append(silence(2_000), frame_ms=2_000)) == "input_audio_buffer_full"


def test_a_failed_transcription_says_so_and_the_answer_asks_again() -> None:
    studio = voice_studio()
    studio.configure(audio={"input": {"transcription": {"model": "whisper-1"}}})
    studio.append(np.concatenate((silence(300), speech_like(900), silence(900))))
    events = studio.fail_to_hear("transcription_busy") + studio.wait(10)
    failed = find(events, "conversation.item.input_audio_transcription.failed")
    assert failed["error"]["code"] == "transcription_busy"
    assert said(events) == "Sorry, I did not catch that."


def test_noise_that_goes_on_is_met_with_silence() -> None:
    studio = Studio()
    turn = np.concatenate((silence(300), speech_like(900), silence(900)))
    studio.will_hear = [Heard("", Origin.NOTHING, 900)] * 2
    assert said(studio.append(turn) + studio.wait(10)) == "Sorry, I did not catch that."
    done = find(studio.append(turn) + studio.wait(10), "response.done")["response"]
    assert done["status"] == "completed"
    assert done["output"] == []


def test_speech_into_a_conversation_that_is_full_costs_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(conversation, "MAX_ITEMS", 1)
    studio = voice_studio()
    studio.type_text("hello")
    turn = np.concatenate((silence(200), speech_like(800), silence(1200)))
    events = studio.append(turn, frame_ms=5000)
    assert error_code(events) == "conversation_full"
    studio.configure(audio=PUSH_TO_TALK)
    assert "error" not in order(studio.append(silence(500)))


def test_a_user_who_stays_silent_is_prompted_when_asked_for() -> None:
    studio = Studio()
    vad = {"type": "server_vad", "idle_timeout_ms": 5000}
    studio.configure(audio={"input": {"turn_detection": vad}})
    studio.type_text("hello")
    studio.send("response.create")
    done = find(studio.wait(4), "response.done")
    events = studio.wait(30)
    names = order(events)
    start = names.index("input_audio_buffer.timeout_triggered")
    assert names[start : start + 5] == [
        "input_audio_buffer.timeout_triggered",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
    ]
    triggered, committed = events[start], events[start + 1]
    assert triggered["item_id"] == committed["item_id"]
    assert committed["previous_item_id"] == done["response"]["output"][0]["id"]
    prompts = [e["transcript"] for e in events if e["type"].endswith("transcript.done")]
    assert prompts == ["Are you still there?"]  # asked once, not every five seconds


@pytest.mark.parametrize("name", ["audio/pcmu", "audio/pcma"])
def test_telephone_audio_is_detected_too(name: str) -> None:
    from realtime.upstream.embedded.audio_format import AudioFormat
    from realtime.upstream.embedded.g711 import encode_samples

    studio = voice_studio()
    telephone = {"type": name}
    studio.configure(audio={"input": {"format": telephone}, "output": {"format": telephone}})
    audio = np.concatenate((silence(400), speech_like(1000), silence(900)))[::3]
    encoded = base64.b64encode(encode_samples(audio, AudioFormat(name))).decode()
    events = studio.send("input_audio_buffer.append", audio=encoded)
    stopped = find(events, "input_audio_buffer.speech_stopped")
    assert stopped["audio_end_ms"] == pytest.approx(1900, abs=80)
    assert studio.hearing[0].audio_format == name
