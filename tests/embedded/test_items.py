"""Items as clients create, replay, retrieve, truncate and delete them (protocol §4.1, §7)."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from realtime.upstream.embedded.ports import FunctionCalled, Heard, Origin, Speaker, Utterance
from tests.embedded.studio import WORD_MS, Studio, find, said, speech_like

TEXT = {"type": "input_text", "text": "hi"}
MESSAGE = {"type": "message", "role": "user", "content": [TEXT]}
PNG = "data:image/png;base64,iVBORw0KGgo="


def create(studio: Studio, item: Any, **fields: Any) -> list[dict[str, Any]]:
    return studio.send("conversation.item.create", item=item, **fields)


@pytest.mark.parametrize(
    "item",
    [
        MESSAGE,
        {"type": "message", "role": "system", "content": [TEXT]},
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "Hello."}],
        },
        {
            "type": "message",
            "role": "user",
            "content": [TEXT, {"type": "input_image", "image_url": PNG, "detail": "low"}],
        },
        {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": "{}"},
    ],
)
def test_every_kind_of_item_is_echoed_as_added_and_done(item: dict[str, Any]) -> None:
    events = create(Studio(), {**item, "id": "mine", "status": "completed"})
    assert [event["type"] for event in events] == [
        "conversation.item.added",
        "conversation.item.done",
    ]
    for event in events:
        assert event["item"] == {**item, "id": "mine", "status": "completed"}
        assert event["previous_item_id"] is None


def test_fields_that_sdks_dump_as_null_are_taken() -> None:
    part = {**TEXT, "audio": None, "transcript": None, "image_url": None, "detail": None}
    item = {**MESSAGE, "id": None, "object": "realtime.item", "status": None, "content": [part]}
    event = find(create(Studio(), item, previous_item_id=None), "conversation.item.added")
    assert event["item"]["content"] == [TEXT]
    assert event["item"]["id"].startswith("item_")


def test_a_call_and_its_output_are_replayed_as_history() -> None:
    studio = Studio()
    call = {"type": "function_call", "name": "look", "call_id": "c1", "arguments": '{"at":"sky"}'}
    create(studio, MESSAGE)
    create(studio, call)
    added = create(studio, {"type": "function_call_output", "call_id": "c1", "output": "blue"})
    assert "status" not in find(added, "conversation.item.added")["item"]
    assert said(studio.send("response.create", response={"output_modalities": ["text"]})) == "blue."
    assert FunctionCalled("c1", "look", '{"at":"sky"}') in studio.contexts[-1].history


def test_an_output_without_its_call_is_refused() -> None:
    output = {"type": "function_call_output", "call_id": "call_9", "output": "x"}
    error = find(create(Studio(), output), "error")["error"]
    assert error["code"] == "invalid_tool_call_id"
    assert error["message"] == "Tool call ID 'call_9' not found in conversation."


def test_a_system_item_is_told_to_the_mind_and_is_no_question() -> None:
    studio = Studio()
    create(studio, {"type": "message", "role": "system", "content": [TEXT]})
    assert studio.ask("2+2") == "Two plus two is four."
    assert studio.contexts[-1].history[0] == Utterance(Speaker.SYSTEM, "hi")


@pytest.mark.parametrize(
    ("item", "code", "param"),
    [
        ("hi", "invalid_type", "item"),
        ({}, "missing_required_parameter", "item.type"),
        ({"type": "mcp_call"}, "invalid_value", "item.type"),
        ({**MESSAGE, "id": 5}, "invalid_type", "item.id"),
        ({**MESSAGE, "id": "x" * 129}, "string_above_max_length", "item.id"),
        ({**MESSAGE, "id": ""}, "empty_string", "item.id"),
        ({**MESSAGE, "mood": "good"}, "unknown_parameter", "item.mood"),
        ({**MESSAGE, "status": "lost"}, "invalid_value", "item.status"),
        ({**MESSAGE, "role": "tool"}, "invalid_value", "item.role"),
        ({"type": "message", "content": []}, "missing_required_parameter", "item.role"),
        ({"type": "message", "role": "user"}, "missing_required_parameter", "item.content"),
        ({**MESSAGE, "content": "hi"}, "invalid_type", "item.content"),
        ({**MESSAGE, "content": [{"type": "text"}]}, "invalid_value", "item.content[0].type"),
        (
            {**MESSAGE, "content": [{"type": "input_text"}]},
            "missing_required_parameter",
            "item.content[0].text",
        ),
        (
            {**MESSAGE, "content": [TEXT, {**TEXT, "loud": True}]},
            "unknown_parameter",
            "item.content[1].loud",
        ),
        (
            {**MESSAGE, "content": [{"type": "input_audio", "audio": "%"}]},
            "invalid_value",
            "item.content[0].audio",
        ),
        (
            {**MESSAGE, "content": [{"type": "input_image", "image_url": "http://a.test/b"}]},
            "invalid_value",
            "item.content[0].image_url",
        ),
        (
            {"type": "message", "role": "assistant", "content": [{"type": "output_audio"}]},
            "invalid_value",
            "item.content[0].type",
        ),
        ({"type": "function_call"}, "missing_required_parameter", "item.name"),
        ({"type": "function_call_output"}, "missing_required_parameter", "item.call_id"),
    ],
)
def test_a_wrong_item_is_refused_by_field_and_not_added(item: Any, code: str, param: str) -> None:
    studio = Studio()
    error = find(create(studio, item, event_id="e"), "error")["error"]
    assert (error["code"], error["param"], error["event_id"]) == (code, param, "e")
    assert find(create(studio, MESSAGE), "conversation.item.added")["previous_item_id"] is None


def test_an_empty_predecessor_appends_and_a_wrong_one_is_refused() -> None:
    studio = Studio()
    create(studio, {**MESSAGE, "id": "one"})
    added = find(create(studio, MESSAGE, previous_item_id=""), "conversation.item.added")
    assert added["previous_item_id"] == "one"
    error = find(create(studio, MESSAGE, previous_item_id=5), "error")["error"]
    assert (error["code"], error["param"]) == ("invalid_type", "previous_item_id")


@pytest.mark.parametrize("verb", ["retrieve", "delete", "truncate"])
def test_an_item_that_is_not_there_is_named_as_openai_names_it(verb: str) -> None:
    fields = {"content_index": 0, "audio_end_ms": 0} if verb == "truncate" else {}
    events = Studio().send(f"conversation.item.{verb}", item_id="nobody", event_id="e", **fields)
    error = find(events, "error")["error"]
    assert error["code"] == f"item_{verb}_invalid_item_id"
    assert error["message"].endswith("the item with id 'nobody' does not exist.")
    assert error["event_id"] == "e"


def spoken_answer(studio: Studio) -> str:
    studio.type_text("count to twenty")
    events = studio.send("response.create") + studio.wait(30)
    return str(find(events, "response.output_item.added")["item"]["id"])


def test_a_spoken_answer_is_retrieved_with_its_audio() -> None:
    studio = Studio()
    item_id = spoken_answer(studio)
    events = studio.send("conversation.item.retrieve", item_id=item_id)
    part = find(events, "conversation.item.retrieved")["item"]["content"][0]
    assert part["type"] == "output_audio"
    assert part["transcript"].startswith("One, two")
    assert len(base64.b64decode(part["audio"])) == 20 * WORD_MS * 48


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"audio_end_ms": 0}, "missing_required_parameter", "content_index"),
        ({"content_index": 0}, "missing_required_parameter", "audio_end_ms"),
        ({"content_index": 0, "audio_end_ms": -1}, "integer_below_min_value", "audio_end_ms"),
        ({"content_index": 0, "audio_end_ms": "1"}, "invalid_type", "audio_end_ms"),
        ({"content_index": 1, "audio_end_ms": 0}, "invalid_value", "content_index"),
        ({"content_index": 0, "audio_end_ms": 999_999}, "invalid_value", "audio_end_ms"),
    ],
)
def test_a_wrong_truncation_is_refused_and_cuts_nothing(
    fields: dict[str, Any], code: str, param: str
) -> None:
    studio = Studio()
    item_id = spoken_answer(studio)
    error = find(studio.send("conversation.item.truncate", item_id=item_id, **fields), "error")
    assert (error["error"]["code"], error["error"]["param"]) == (code, param)
    kept = studio.send("conversation.item.retrieve", item_id=item_id)
    assert "twenty" in str(find(kept, "conversation.item.retrieved")["item"]["content"])


def test_what_is_generated_after_a_truncation_belongs_to_the_item_no_more() -> None:
    studio = Studio()
    studio.type_text("count to twenty")
    events = studio.send("response.create")
    item_id = find(events, "response.output_item.added")["item"]["id"]
    cut = {"item_id": item_id, "content_index": 0, "audio_end_ms": WORD_MS}
    find(studio.send("conversation.item.truncate", **cut), "conversation.item.truncated")
    assert find(studio.wait(30), "response.done")["response"]["status"] == "completed"
    kept = studio.send("conversation.item.retrieve", item_id=item_id)
    item = find(kept, "conversation.item.retrieved")["item"]
    assert item["content"][0]["transcript"] == "One,"


def test_a_transcript_given_with_audio_stays_until_the_ears_know_better() -> None:
    studio = Studio()
    studio.hold_ears = True
    audio = base64.b64encode(speech_like(300).tobytes()).decode()
    part = {"type": "input_audio", "audio": audio, "transcript": "perhaps"}
    added = find(create(studio, {**MESSAGE, "content": [part]}), "conversation.item.added")
    assert added["item"]["content"] == [{"type": "input_audio", "transcript": "perhaps"}]
    studio.hear_now("hello")
    kept = studio.send("conversation.item.retrieve", item_id=added["item"]["id"])
    assert find(kept, "conversation.item.retrieved")["item"]["content"][0]["transcript"] == "hello"


@pytest.mark.parametrize(
    ("model", "usage"),
    [
        ("gpt-realtime-whisper", {"type": "duration", "seconds": 2}),
        (
            "gpt-4o-mini-transcribe",
            {
                "type": "tokens",
                "total_tokens": 17,
                "input_tokens": 15,
                "input_token_details": {"text_tokens": 0, "audio_tokens": 15},
                "output_tokens": 2,
            },
        ),
    ],
)
def test_transcripts_tell_usage_and_where_asked_certainty(model: str, usage: object) -> None:
    studio = Studio()
    listening = {"transcription": {"model": model}, "turn_detection": None}
    studio.configure(
        include=["item.input_audio_transcription.logprobs"], audio={"input": listening}
    )
    studio.will_hear = [Heard("go there", Origin.OPEN, 1500)]
    studio.append(speech_like(300))
    events = studio.send("input_audio_buffer.commit")
    completed = find(events, "conversation.item.input_audio_transcription.completed")
    assert completed["usage"] == usage
    assert [token["token"] for token in completed["logprobs"]] == ["go", " there"]
    assert all(token["logprob"] < 0 for token in completed["logprobs"])
