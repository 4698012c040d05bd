"""The order of a turn's events equals recorded traffic (protocol §4.4)."""

from __future__ import annotations

import numpy as np
import pytest

from realtime.upstream.embedded.ports import Heard, Origin
from tests.embedded.studio import Studio, find, silence, speech_like
from tests.embedded.wire import order, recorded_order

A_TURN = np.concatenate((silence(400), speech_like(1200), silence(900)))
AUDIO_RECORDING = "test_openai_ws__test_audio_in_server_vad_turn"
TEXT_RECORDING = "test_openai_ws__test_text_in_audio_out_turn"
TOOL_RECORDING = "test_openai_ws__test_tool_call_round"


@pytest.fixture
def studio() -> Studio:
    studio = Studio()
    studio.configure(audio={"input": {"transcription": {"model": "gpt-realtime-whisper"}}})
    return studio


def test_a_voice_turn_has_the_recorded_order(studio: Studio) -> None:
    studio.will_hear = [Heard("hello", Origin.PHRASEBOOK, 1500)]
    events = studio.append(A_TURN) + studio.wait(30)
    expected = recorded_order(AUDIO_RECORDING, "input_audio_buffer.speech_started", "response.done")
    assert order(events) == [*expected, "rate_limits.updated"]


def test_a_spoken_answer_to_text_has_the_recorded_order(studio: Studio) -> None:
    events = studio.type_text("Say a short greeting.")
    events += studio.send("response.create") + studio.wait(30)
    expected = recorded_order(TEXT_RECORDING, "conversation.item.added", "response.done")
    assert order(events) == [*expected, "rate_limits.updated"]


def test_a_written_answer_has_the_recorded_order(studio: Studio) -> None:
    studio.configure(output_modalities=["text"])
    call = {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": "{}"}
    studio.send("conversation.item.create", item=call)
    studio.send(
        "conversation.item.create",
        item={"type": "function_call_output", "call_id": "call_1", "output": "It is foggy."},
    )
    events = studio.send("response.create")
    recorded = recorded_order(TOOL_RECORDING, "response.created", "response.done")
    assert order(events)[0] == recorded[0] == "response.created"
    second = recorded_order(TOOL_RECORDING, "response.content_part.added", "response.done")
    opening = ["response.created", "response.output_item.added", "conversation.item.added"]
    assert order(events) == [*opening, *second, "rate_limits.updated"]


def test_a_function_call_has_the_recorded_order(studio: Studio) -> None:
    weather = {
        "type": "function",
        "name": "get_weather",
        "description": "Look up the weather for a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    }
    studio.configure(output_modalities=["text"], tools=[weather])
    events = studio.type_text("What is the weather in London?") + studio.send("response.create")
    expected = recorded_order(TOOL_RECORDING, "conversation.item.added", "response.done")
    assert order(events) == [*expected, "rate_limits.updated"]
    arguments = find(events, "response.function_call_arguments.done")["arguments"]
    assert arguments == '{"city":"London"}'
    deltas = [e["delta"] for e in events if e["type"].endswith("arguments.delta")]
    assert "".join(deltas) == arguments


def test_the_response_is_announced_before_the_words_are_known(studio: Studio) -> None:
    studio.hold_ears = True
    assert order(studio.append(A_TURN))[-1] == "response.created"
    assert order(studio.wait(5)) == []
    assert order(studio.hear_now("hello"))[0] == "response.output_item.added"


def test_without_transcription_the_provider_hears_but_tells_no_transcript() -> None:
    studio = Studio()
    studio.will_hear = [Heard("my name is bob", Origin.PHRASEBOOK, 1500)]
    events = studio.append(A_TURN) + studio.wait(30)
    assert not [e for e in events if "transcription" in e["type"]]
    transcript = find(events, "response.output_audio_transcript.done")["transcript"]
    assert transcript == "Nice to meet you, Bob."


def test_one_user_item_id_runs_through_the_whole_turn(studio: Studio) -> None:
    studio.will_hear = [Heard("hello", Origin.PHRASEBOOK, 1500)]
    events = studio.append(A_TURN) + studio.wait(30)
    started = find(events, "input_audio_buffer.speech_started")
    stopped = find(events, "input_audio_buffer.speech_stopped")
    committed = find(events, "input_audio_buffer.committed")
    completed = find(events, "conversation.item.input_audio_transcription.completed")
    ids = {event["item_id"] for event in (started, stopped, committed, completed)}
    assert len(ids) == 1
    assert committed["previous_item_id"] is None
    assert completed["usage"] == {"type": "duration", "seconds": 2}
    assert completed["transcript"] == "hello"
