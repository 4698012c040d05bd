"""What a call's caller hears, and what the session knows of it (protocol §4.4 E)."""

from __future__ import annotations

from typing import Any

import numpy as np

from realtime.upstream.embedded.ports import Heard, Origin, Speaker, Utterance
from tests.embedded.studio import WORD_MS, Studio, find, silence, speech_like
from tests.embedded.wire import order, recorded_order

FRAME_MS = 20
A_TURN = np.concatenate((silence(200), speech_like(900), silence(900)))


class CallStudio(Studio):
    """A session on a call; `listen` plays its sound in the time that passes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(on_call=True, **options)
        self.heard_bytes = 0

    def listen(self, seconds: float) -> list[dict[str, Any]]:
        before = len(self.events)
        for _ in range(round(seconds * 1000 / FRAME_MS)):
            audio, effects = self.session.play(FRAME_MS)
            self._perform(effects)
            self.heard_bytes += len(audio)
            self.wait(FRAME_MS / 1000)
        return self.events[before:]

    def say(self, text: str) -> list[dict[str, Any]]:
        self.type_text(text)
        return self.send("response.create")

    @property
    def heard_ms(self) -> int:
        return self.heard_bytes // 48


def test_an_answer_is_played_in_real_time_and_told_in_the_recorded_order() -> None:
    call = CallStudio()
    events = call.say("my name is alice")
    events += call.listen(10)
    recorded = recorded_order(
        "test_openai_ws_sideband__test_webrtc_sideband_audio_turn",
        "response.created",
        "output_audio_buffer.stopped",
    )
    assert order(events) == recorded
    words = find(events, "response.output_audio_transcript.done")["transcript"].split()
    assert call.heard_ms == len(words) * WORD_MS
    assert "response.output_audio.delta" not in {event["type"] for event in events}


def test_a_response_is_done_long_before_it_has_been_played() -> None:
    call = CallStudio()
    events = call.say("count to twenty") + call.listen(3)
    assert find(events, "response.done")["response"]["status"] == "completed"
    assert "output_audio_buffer.stopped" not in order(events)
    assert 2900 <= call.heard_ms <= 3000
    assert "output_audio_buffer.stopped" in order(call.listen(2))


def test_speaking_over_a_finished_answer_still_truncates_it_to_what_was_heard() -> None:
    call = CallStudio()
    call.say("count to twenty")
    call.listen(3)
    item_id = find(call.events, "response.output_item.added")["item"]["id"]
    call.will_hear = [Heard("what did i say", Origin.PHRASEBOOK, 900)]
    events = call.append(A_TURN)
    assert order(events)[:3] == [
        "input_audio_buffer.speech_started",
        "output_audio_buffer.cleared",
        "conversation.item.truncated",
    ]
    truncated = find(events, "conversation.item.truncated")
    assert truncated["item_id"] == item_id
    assert truncated["audio_end_ms"] == call.heard_ms
    spoken = [
        entry.text
        for entry in call.contexts[-1].history
        if isinstance(entry, Utterance) and entry.speaker is Speaker.ASSISTANT
    ]
    assert spoken[0].split()[-1] == "fifteen,"


def test_speaking_over_an_answer_in_the_making_cancels_and_truncates_it() -> None:
    call = CallStudio()
    call.say("count to twenty")
    call.listen(0.5)
    call.will_hear = [Heard("stop", Origin.PHRASEBOOK, 900)]
    events = call.append(A_TURN)
    assert order(events)[:10] == [
        "input_audio_buffer.speech_started",
        "output_audio_buffer.cleared",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
        "conversation.item.truncated",
    ]
    done = next(event for event in events if event["type"] == "response.done")["response"]
    assert done["status_details"]["reason"] == "turn_detected"
    assert find(events, "conversation.item.truncated")["audio_end_ms"] == call.heard_ms


def test_clearing_the_buffer_stops_the_sound_after_a_cancel() -> None:
    call = CallStudio()
    call.say("count to twenty")
    call.listen(0.5)
    call.send("response.cancel")
    events = call.send("output_audio_buffer.clear")
    assert order(events) == ["output_audio_buffer.cleared", "conversation.item.truncated"]
    before = call.heard_ms
    assert call.listen(2) == []
    assert call.heard_ms == before


def test_clearing_the_buffer_alone_also_ends_the_answer_in_the_making() -> None:
    call = CallStudio()
    call.say("count to twenty")
    call.listen(0.5)
    events = call.send("output_audio_buffer.clear")
    assert order(events)[0] == "output_audio_buffer.cleared"
    assert find(events, "response.done")["response"]["status"] == "cancelled"
    assert call.send("output_audio_buffer.clear") == []


def test_two_answers_are_played_one_after_the_other() -> None:
    call = CallStudio()
    call.say("my name is alice")
    call.say("what is my name")
    assert order(call.events).count("output_audio_buffer.started") == 1
    events = call.listen(6)
    played = [name for name in order(events) if name.startswith("output_audio_buffer.")]
    assert played == [
        "output_audio_buffer.stopped",
        "output_audio_buffer.started",
        "output_audio_buffer.stopped",
    ]


def test_a_call_keeps_its_own_codec_whatever_format_is_asked_for() -> None:
    call = CallStudio()
    updated = find(
        call.configure(audio={"output": {"format": {"type": "audio/pcmu"}}}), "session.updated"
    )
    assert updated["session"]["audio"]["output"]["format"] == {"type": "audio/pcm", "rate": 24000}
    call.type_text("my name is alice")
    call.send("response.create", response={"audio": {"output": {"format": {"type": "audio/pcma"}}}})
    call.listen(4)
    words = find(call.events, "response.output_audio_transcript.done")["transcript"].split()
    assert abs(call.heard_ms - len(words) * WORD_MS) < 10


def test_a_websocket_session_has_no_buffer_to_clear() -> None:
    studio = Studio()
    assert find(studio.send("output_audio_buffer.clear"), "error")["error"]["param"] == "type"


def test_a_retrieved_item_of_a_call_brings_no_audio() -> None:
    call = CallStudio()
    call.will_hear = [Heard("hello", Origin.PHRASEBOOK, 900)]
    added = find(call.append(A_TURN)[:6], "conversation.item.added")
    events = call.send("conversation.item.retrieve", item_id=added["item"]["id"])
    item = find(events, "conversation.item.retrieved")["item"]
    assert item["content"] == [{"type": "input_audio", "transcript": "hello"}]
