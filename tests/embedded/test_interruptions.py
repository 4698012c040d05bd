"""Barge-in, cancellation and truncation (protocol §4.4 D)."""

from __future__ import annotations

import numpy as np

from realtime.upstream.embedded.ports import Heard, Origin, Speaker, Utterance
from tests.embedded.studio import WORD_MS, Studio, error_code, find, said, silence, speech_like
from tests.embedded.wire import order

A_TURN = np.concatenate((silence(200), speech_like(900), silence(900)))


def start_counting(studio: Studio) -> str:
    """A long spoken answer is under way; returns its item id."""
    studio.type_text("count to twenty")
    events = studio.send("response.create") + studio.wait(0.5)
    return str(find(events, "response.output_item.added")["item"]["id"])


def test_speech_cancels_the_answer_in_the_making() -> None:
    studio = Studio()
    item_id = start_counting(studio)
    studio.will_hear = [Heard("stop", Origin.PHRASEBOOK, 900)]
    events = studio.append(A_TURN)
    assert order(events)[:8] == [
        "input_audio_buffer.speech_started",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    first_done = next(e for e in events if e["type"] == "response.done")
    assert first_done["response"]["status"] == "cancelled"
    assert first_done["response"]["status_details"]["reason"] == "turn_detected"
    assert first_done["response"]["output"][0]["id"] == item_id
    assert first_done["response"]["output"][0]["status"] == "incomplete"
    assert first_done["response"]["usage"]["output_token_details"]["audio_tokens"] > 0


def test_a_client_may_keep_the_answer_going_while_the_user_speaks() -> None:
    studio = Studio()
    studio.configure(
        audio={
            "input": {
                "turn_detection": {
                    "type": "server_vad",
                    "interrupt_response": False,
                    "create_response": False,
                }
            }
        }
    )
    start_counting(studio)
    studio.will_hear = [Heard("stop", Origin.PHRASEBOOK, 900)]
    assert "response.done" not in order(studio.append(A_TURN))
    assert find(studio.wait(30), "response.done")["response"]["status"] == "completed"


def test_cancel_ends_the_response_once() -> None:
    studio = Studio()
    start_counting(studio)
    done = find(studio.send("response.cancel"), "response.done")["response"]
    assert done["status"] == "cancelled"
    assert done["status_details"]["reason"] == "client_cancelled"
    assert studio.wait(30) == []
    assert error_code(studio.send("response.cancel")) == "response_cancel_not_active"


def test_a_truncated_answer_is_remembered_up_to_the_last_word_heard() -> None:
    studio = Studio()
    item_id = start_counting(studio)
    studio.send("response.cancel")
    heard_ms = 3 * WORD_MS + 1  # the fourth word has just begun
    events = studio.send(
        "conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=heard_ms
    )
    assert find(events, "conversation.item.truncated")["audio_end_ms"] == heard_ms
    assert studio.ask("repeat that") == "I said: One, two, three, four,"
    remembered = [e for e in studio.contexts[-1].history if isinstance(e, Utterance)]
    spoken = [e.text for e in remembered if e.speaker is Speaker.ASSISTANT]
    assert spoken == ["One, two, three, four,"]


def test_truncation_to_the_boundary_of_a_word_drops_the_next() -> None:
    studio = Studio()
    item_id = start_counting(studio)
    studio.send("response.cancel")
    studio.send(
        "conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=2 * WORD_MS
    )
    item = find(
        studio.send("conversation.item.retrieve", item_id=item_id), "conversation.item.retrieved"
    )["item"]
    assert item["content"][0]["transcript"] == "One, two,"
    assert item["status"] == "incomplete"


def test_truncation_past_the_end_or_of_text_is_refused() -> None:
    studio = Studio()
    item_id = start_counting(studio)
    studio.send("response.cancel")
    truncate = {"item_id": item_id, "content_index": 0}
    too_far = studio.send("conversation.item.truncate", **truncate, audio_end_ms=600_000)
    assert error_code(too_far) == "invalid_value"
    fraction = studio.send("conversation.item.truncate", **truncate, audio_end_ms=1.5)
    assert error_code(fraction) == "invalid_type"
    user_id = find(studio.type_text("hello"), "conversation.item.added")["item"]["id"]
    truncate["item_id"] = user_id
    not_audio = studio.send("conversation.item.truncate", **truncate, audio_end_ms=0)
    assert error_code(not_audio) == "unsupported_content_type"


def test_a_long_answer_is_paced_so_that_it_can_be_interrupted() -> None:
    studio = Studio()
    studio.type_text("count to twenty")
    at_once = studio.send("response.create")
    words = [e for e in at_once if e["type"] == "response.output_audio_transcript.delta"]
    assert 5 <= len(words) <= 7  # one second of head start at 200 ms a word
    assert not [e for e in studio.wait(1.0) if e["type"] == "response.done"]
    assert said(studio.wait(1.5)).endswith("twenty.")


def test_new_speech_before_the_answer_cancels_it_and_both_turns_are_understood_together() -> None:
    studio = Studio()
    studio.hold_ears = True
    studio.append(A_TURN)
    second = studio.append(A_TURN)
    assert find(second, "response.done")["response"]["output"] == []
    studio.hear_now("my name is", Origin.OPEN)
    studio.hear_now("alice", Origin.OPEN)
    assert said(studio.wait(10) + studio.events) == "Nice to meet you, Alice."
