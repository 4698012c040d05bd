"""`response.create` with all its options, tool turns, and `response.cancel` (§4.1, §4.4)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from realtime.upstream.embedded.ports import FunctionReturned, Utterance
from tests.embedded.studio import Studio, error_code, find, said
from tests.embedded.wire import order, recorded_order

TEXT = {"output_modalities": ["text"]}
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Look up the weather for a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
LIGHT = {
    "type": "function",
    "name": "set_light",
    "description": "Switch a light on or off.",
    "parameters": {"type": "object", "properties": {"on": {"type": "boolean"}}},
}


def question(text: str) -> dict[str, Any]:
    content = [{"type": "input_text", "text": text}]
    return {"type": "message", "role": "user", "content": content}


def called(events: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (event["name"], json.loads(event["arguments"]))
        for event in events
        if event["type"] == "response.function_call_arguments.done"
    ]


def respond(studio: Studio, **options: Any) -> list[dict[str, Any]]:
    return studio.send("response.create", response=options)


def test_a_response_shows_what_it_was_asked_to_be() -> None:
    studio = Studio()
    studio.type_text("hello")
    output = {"format": {"type": "audio/pcmu"}, "voice": "cedar"}
    events = respond(
        studio,
        audio={"output": output},
        max_output_tokens=1000,
        metadata={"topic": "greeting"},
        reasoning={"effort": "low"},
        parallel_tool_calls=False,
        prompt={"id": "pmpt_1"},
        instructions="Be kind.",
    )
    shown = find(events, "response.created")["response"]
    assert shown["audio"]["output"] == output
    assert shown["max_output_tokens"] == 1000
    assert shown["metadata"] == {"topic": "greeting"}
    assert shown["conversation_id"].startswith("conv_")
    assert (shown["usage"], shown["status_details"], shown["output"]) == (None, None, [])
    assert studio.contexts[-1].instructions == "Be kind."
    done = find(events + studio.wait(20), "response.done")["response"]
    assert set(done) == set(shown)


@pytest.mark.parametrize(
    ("options", "code", "param"),
    [
        ({"modalities": ["text"]}, "unknown_parameter", "response.modalities"),
        ({"temperature": 1}, "unknown_parameter", "response.temperature"),
        ({"conversation": "other"}, "invalid_value", "response.conversation"),
        ({"output_modalities": ["audio", "text"]}, "invalid_value", "response.output_modalities"),
        ({"instructions": 5}, "invalid_type", "response.instructions"),
        ({"audio": {"input": {}}}, "unknown_parameter", "response.audio.input"),
        (
            {"audio": {"output": {"speed": 1}}},
            "unknown_parameter",
            "response.audio.output.speed",
        ),
        ({"audio": {"output": {"voice": "hal"}}}, "invalid_value", "response.audio.output.voice"),
        ({"max_output_tokens": 5000}, "integer_above_max_value", "response.max_output_tokens"),
        ({"tools": [{}]}, "missing_required_parameter", "response.tools[0].type"),
        ({"tool_choice": "always"}, "invalid_value", "response.tool_choice"),
        (
            {"tool_choice": {"type": "function", "name": "absent"}},
            "invalid_value",
            "response.tool_choice",
        ),
        ({"input": {}}, "invalid_type", "response.input"),
        (
            {"input": [{"type": "item_reference", "id": "nobody"}]},
            "item_not_found",
            "response.input[0].id",
        ),
        (
            {"input": [{"type": "item_reference"}]},
            "missing_required_parameter",
            "response.input[0].id",
        ),
        (
            {"input": [{"type": "function_call_output", "call_id": "c", "output": "x"}]},
            "invalid_tool_call_id",
            "response.input[0].call_id",
        ),
        ({"metadata": "x"}, "invalid_type", "response.metadata"),
        ({"metadata": {"a": 1}}, "invalid_type", "response.metadata.a"),
        ({"metadata": {"a": None}}, "invalid_type", "response.metadata.a"),
        (
            {"metadata": {str(n): "" for n in range(17)}},
            "object_above_max_properties",
            "response.metadata",
        ),
        ({"metadata": {"k" * 65: ""}}, "property_name_above_max_length", "response.metadata"),
        ({"metadata": {"k": "v" * 513}}, "string_above_max_length", "response.metadata.k"),
    ],
)
def test_a_wrong_option_is_refused_by_name_and_no_response_begins(
    options: dict[str, Any], code: str, param: str
) -> None:
    studio = Studio()
    events = studio.send("response.create", event_id="r1", response=options)
    assert order(events) == ["error"]
    error = events[0]["error"]
    assert (error["code"], error["param"], error["event_id"]) == (code, param, "r1")
    assert studio.ask("2+2") == "Two plus two is four."


def test_metadata_at_its_limits_is_taken() -> None:
    metadata = {f"{n:064d}": "v" * 512 for n in range(16)}
    events = respond(Studio(), metadata=metadata, **TEXT)
    assert find(events, "response.done")["response"]["metadata"] == metadata


def test_items_may_be_referred_to_and_an_empty_input_clears_the_context() -> None:
    studio = Studio()
    studio.type_text("my name is alice", id="name")
    studio.type_text("what is my name", id="ask")
    reference = {"type": "item_reference", "id": "name"}
    both = [reference, question("what is my name")]
    assert said(respond(studio, input=both, conversation="none", **TEXT)) == "Your name is Alice."
    assert "English, rules, not AI" in said(respond(studio, input=[], conversation="none", **TEXT))
    assert studio.contexts[-1].history == ()


def test_an_out_of_band_response_runs_beside_a_spoken_one() -> None:
    studio = Studio()
    studio.type_text("count to twenty")
    counting = find(respond(studio), "response.created")["response"]["id"]
    beside = respond(studio, conversation="none", input=[question("2+2")], **TEXT)
    assert said(beside) == "Two plus two is four."
    assert find(beside, "response.done")["response"]["conversation_id"] is None
    assert order(beside)[-2:] == ["response.done", "rate_limits.updated"]
    done = find(studio.wait(30), "response.done")["response"]
    assert (done["id"], done["status"]) == (counting, "completed")


def test_cancel_by_id_reaches_an_out_of_band_response_and_leaves_the_other() -> None:
    studio = Studio()
    studio.type_text("count to twenty")
    respond(studio)
    beside = respond(studio, conversation="none", input=[question("count to twenty")])
    response_id = find(beside, "response.created")["response"]["id"]
    cancelled = studio.send("response.cancel", response_id=response_id)
    done = find(cancelled, "response.done")["response"]
    assert (done["id"], done["status"]) == (response_id, "cancelled")
    again = find(studio.send("response.cancel", response_id=response_id, event_id="x"), "error")
    assert again["error"]["code"] == "response_cancel_not_active"
    assert again["error"]["message"] == "Cancellation failed: no active response found"
    assert again["error"]["event_id"] == "x"
    assert find(studio.wait(30), "response.done")["response"]["status"] == "completed"


def test_typing_over_a_spoken_answer_stops_it_and_is_answered() -> None:
    studio = Studio()
    studio.type_text("count to twenty")
    item_id = find(respond(studio), "response.output_item.added")["item"]["id"]
    studio.wait(0.5)
    typed = studio.type_text("what is two plus two")
    assert find(typed, "conversation.item.added")["previous_item_id"] == item_id
    assert error_code(studio.send("response.create")) == "conversation_already_has_active_response"
    studio.send("response.cancel")
    studio.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=400)
    events = studio.send("response.create") + studio.wait(20)
    assert said(events) == "Two plus two is four."
    heard = [e.text for e in studio.contexts[-1].history if isinstance(e, Utterance)]
    assert heard == ["count to twenty", "One, two,", "what is two plus two"]


@pytest.mark.parametrize("modality", ["text", "audio"])
def test_a_function_is_called_in_text_and_in_voice_and_its_output_used(modality: str) -> None:
    studio = Studio()
    studio.configure(output_modalities=[modality], tools=[WEATHER])
    turn = studio.type_text("What is the weather in London?") + studio.send("response.create")
    recorded = recorded_order(
        "test_openai_ws__test_tool_call_round", "conversation.item.added", "response.done"
    )
    assert order(turn) == [*recorded, "rate_limits.updated"]
    call = find(turn, "response.function_call_arguments.done")
    item = find(turn, "response.output_item.done")["item"]
    assert item["status"] == "completed"
    assert item["call_id"] == call["call_id"]
    assert find(turn, "response.done")["response"]["output"] == [item]
    output = {
        "type": "function_call_output",
        "call_id": call["call_id"],
        "output": '{"result": "It is foggy and 12 degrees in London."}',
    }
    studio.send("conversation.item.create", item=output)
    answer = studio.send("response.create") + studio.wait(20)
    assert said(answer) == "It is foggy and 12 degrees in London."
    assert isinstance(studio.contexts[-1].history[-1], FunctionReturned)


def test_a_tool_round_can_follow_another() -> None:
    studio = Studio()
    studio.configure(output_modalities=["text"], tools=[WEATHER, LIGHT])
    for text, name, output in (
        ("what is the weather in paris", "get_weather", "It is sunny."),
        ("turn off the light", "set_light", '{"ok": true}'),
        ("what is the weather in tokyo", "get_weather", "It snows."),
    ):
        studio.type_text(text)
        turn = studio.send("response.create")
        assert [made[0] for made in called(turn)] == [name]
        call_id = find(turn, "response.function_call_arguments.done")["call_id"]
        item = {"type": "function_call_output", "call_id": call_id, "output": output}
        studio.send("conversation.item.create", item=item)
        answer = said(studio.send("response.create"))
        assert answer == ("Done." if name == "set_light" else output)


def test_parallel_calls_are_items_of_one_response_in_order() -> None:
    studio = Studio()
    studio.configure(output_modalities=["text"], tools=[WEATHER])
    studio.type_text("what is the weather in paris and london")
    turn = studio.send("response.create")
    assert called(turn) == [
        ("get_weather", {"city": "Paris"}),
        ("get_weather", {"city": "London"}),
    ]
    done = [event for event in turn if event["type"] == "response.output_item.done"]
    assert [event["output_index"] for event in done] == [0, 1]
    response = find(turn, "response.done")["response"]
    assert [item["type"] for item in response["output"]] == ["function_call"] * 2
    for item, output in zip(response["output"], ("sunny", "foggy"), strict=True):
        answer = {"type": "function_call_output", "call_id": item["call_id"], "output": output}
        studio.send("conversation.item.create", item=answer)
    assert said(studio.send("response.create")) == "sunny. foggy."


def test_parallel_calls_can_be_forbidden() -> None:
    studio = Studio()
    studio.configure(output_modalities=["text"], tools=[WEATHER], parallel_tool_calls=False)
    studio.type_text("what is the weather in paris and london")
    assert len(called(studio.send("response.create"))) == 1


def test_tool_choice_none_auto_required_and_named() -> None:
    studio = Studio()
    studio.configure(tools=[WEATHER, LIGHT])
    studio.type_text("hello")
    assert called(respond(studio, tool_choice="none", conversation="none", **TEXT)) == []
    assert called(respond(studio, tool_choice="auto", conversation="none", **TEXT)) == []
    required = called(respond(studio, tool_choice="required", conversation="none", **TEXT))
    assert len(required) == 1
    named = {"type": "function", "name": "set_light"}
    assert called(respond(studio, tool_choice=named, conversation="none", **TEXT)) == [
        ("set_light", {})
    ]


def test_a_response_s_own_tools_replace_the_session_s() -> None:
    studio = Studio()
    studio.configure(tools=[WEATHER])
    studio.type_text("turn off the light")
    assert called(respond(studio, tools=[LIGHT], **TEXT)) == [("set_light", {"on": False})]


def test_a_call_past_the_token_budget_ends_incomplete() -> None:
    studio = Studio()
    studio.configure(tools=[WEATHER], **TEXT)
    studio.type_text("what is the weather in paris")
    done = find(respond(studio, max_output_tokens=2), "response.done")["response"]
    assert (done["status"], done["output"]) == ("incomplete", [])
    assert done["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}


def test_a_spoken_answer_past_its_token_budget_is_cut_between_words() -> None:
    studio = Studio()
    studio.type_text("count to twenty")
    events = respond(studio, max_output_tokens=30) + studio.wait(30)
    done = find(events, "response.done")["response"]
    assert done["status"] == "incomplete"
    assert done["output"][0]["status"] == "incomplete"
    assert done["usage"]["output_tokens"] <= 30
    assert done["output"][0]["content"][0]["transcript"].startswith("One, two,")


def test_another_voice_is_refused_in_the_conversation_once_one_was_heard() -> None:
    studio = Studio()
    studio.type_text("hello")
    respond(studio)
    studio.wait(20)
    cedar = {"output": {"voice": "cedar"}}
    error = find(respond(studio, audio=cedar), "error")["error"]
    assert error["code"] == "cannot_update_voice"
    assert error["param"] == "response.audio.output.voice"
    find(respond(studio, audio=cedar, conversation="none"), "response.created")


def test_speech_is_asked_for_at_the_session_s_speed() -> None:
    studio = Studio()
    studio.hold_voice = True
    studio.configure(audio={"output": {"speed": 1.25, "format": {"type": "audio/pcma"}}})
    studio.type_text("hello")
    studio.send("response.create")
    assert studio.speaking[0].speed == 1.25
    assert studio.speaking[0].audio_format == "audio/pcma"


def test_the_token_budget_is_told_right_after_each_response() -> None:
    studio = Studio()
    studio.ask("hello")
    first = studio.events[-1]["rate_limits"][0]
    assert first["name"] == "tokens"
    assert first["remaining"] < first["limit"]
    studio.wait(60)
    studio.ask("hello")
    second = studio.events[-1]["rate_limits"][0]
    assert studio.events[-2]["type"] == "response.done"
    total = studio.events[-2]["response"]["usage"]["total_tokens"]
    assert second["remaining"] == second["limit"] - total
