"""Which function the rules call, with which arguments, and what they make of its output."""

from __future__ import annotations

import json
from typing import Any

import pytest

from realtime.upstream.embedded.mind.rules import answer
from realtime.upstream.embedded.ports import (
    CallFunction,
    Context,
    FunctionCalled,
    FunctionReturned,
    FunctionTool,
    HistoryEntry,
    Say,
    Speaker,
    Utterance,
)
from tests.embedded.studio import NOON


def tool(name: str, description: str, required: tuple[str, ...], **arguments: Any) -> FunctionTool:
    schema = {"type": "object", "properties": arguments, "required": list(required)}
    return FunctionTool(name, description, schema)


TEXT = {"type": "string"}
NUMBER = {"type": "number"}
WEATHER = tool(
    "get_weather",
    "Look up the weather for a city.",
    ("city",),
    city=TEXT,
    unit={"type": "string", "enum": ["celsius", "fahrenheit"]},
)
LIGHT = tool(
    "control_light",
    "Control a light.",
    ("room", "state"),
    room={"type": "string", "enum": ["kitchen", "bedroom"]},
    state={"type": "string", "enum": ["on", "off"]},
)
VOLUME = tool("set_volume", "Set the volume.", ("level",), level={"type": "integer"})
ADD = tool("add", "Add two numbers.", ("a", "b"), a=NUMBER, b=NUMBER)
MULTIPLY = tool(
    "multiply", "Multiply numbers.", ("factors",), factors={"type": "array", "items": NUMBER}
)
MOVE = tool(
    "move",
    "Move the robot.",
    ("direction", "meters"),
    direction={"type": "string", "enum": ["forward", "backward"]},
    meters=NUMBER,
)
ORDER = tool("lookup_order", "The status of an order.", ("order_id",), order_id=TEXT)
MESSAGE = tool(
    "send_message", "Send a message to a person.", ("recipient",), recipient=TEXT, message=TEXT
)
TIME = tool("get_time", "The current time.", (), timezone={"type": ["string", "null"]})
SEARCH = tool("search_notes", "Search the user's notes.", ("query",), query=TEXT)
TOOLS = (WEATHER, LIGHT, VOLUME, ADD, MULTIPLY, MOVE, ORDER, MESSAGE, TIME, SEARCH)


def user(text: str) -> Utterance:
    return Utterance(Speaker.USER, text)


def calls(*history: HistoryEntry, **context: Any) -> list[tuple[str, dict[str, Any]]]:
    context.setdefault("instructions", "")
    context.setdefault("tools", TOOLS)
    thoughts = answer(Context(history=history, **context), NOON)
    assert all(isinstance(thought, CallFunction) for thought in thoughts), thoughts
    return [
        (thought.name, json.loads(thought.arguments))
        for thought in thoughts
        if isinstance(thought, CallFunction)
    ]


def reply(*history: HistoryEntry, **context: Any) -> str:
    context.setdefault("tools", TOOLS)
    thoughts = answer(Context("", history, **context), NOON)
    return "".join(thought.text for thought in thoughts if isinstance(thought, Say))


@pytest.mark.parametrize(
    ("said", "name", "arguments"),
    [
        ("what is the weather in paris", "get_weather", {"city": "Paris"}),
        ("What's the weather like in New York today?", "get_weather", {"city": "New York"}),
        (
            "what is the weather in tokyo in fahrenheit",
            "get_weather",
            {"city": "Tokyo", "unit": "fahrenheit"},
        ),
        (
            "turn off the light in the bedroom",
            "control_light",
            {"room": "bedroom", "state": "off"},
        ),
        ("set the volume to seventy", "set_volume", {"level": 70}),
        ("set volume to 35", "set_volume", {"level": 35}),
        ("what is two plus three", "add", {"a": 2, "b": 3}),
        ("add 2.5 and 4", "add", {"a": 2.5, "b": 4}),
        ("what is six times seven", "multiply", {"factors": [6, 7]}),
        ("go forward ten meters", "move", {"direction": "forward", "meters": 10}),
        ("where is my order AB-12345?", "lookup_order", {"order_id": "AB-12345"}),
        (
            'send a message to bob saying "I am late"',
            "send_message",
            {"recipient": "Bob", "message": "I am late"},
        ),
        ("what time is it", "get_time", {}),
        ("search my notes for lunch", "search_notes", {"query": "search my notes for lunch"}),
    ],
)
def test_arguments_have_the_types_that_the_schema_wants(
    said: str, name: str, arguments: dict[str, Any]
) -> None:
    assert calls(user(said)) == [(name, arguments)]


@pytest.mark.parametrize("said", ["hello", "my name is alice", "what did i say", "tell me a story"])
def test_small_talk_calls_nothing(said: str) -> None:
    assert reply(user(said))


def test_two_requests_in_one_sentence_are_two_calls() -> None:
    both = "what is the weather in paris and turn on the light in the kitchen"
    assert calls(user(both)) == [
        ("get_weather", {"city": "Paris"}),
        ("control_light", {"room": "kitchen", "state": "on"}),
    ]
    cities = "what is the weather in paris and london"
    assert calls(user(cities)) == [
        ("get_weather", {"city": "Paris"}),
        ("get_weather", {"city": "London"}),
    ]
    assert len(calls(user(cities), parallel=False)) == 1


def test_a_missing_argument_is_asked_for_and_its_answer_completes_the_call() -> None:
    question = reply(user("what is the weather"))
    assert question == "Which city should I use?"
    talk = (user("what is the weather"), Utterance(Speaker.ASSISTANT, question))
    assert calls(*talk, user("In London.")) == [("get_weather", {"city": "London"})]


def test_a_question_back_may_be_left_unanswered() -> None:
    question = Utterance(Speaker.ASSISTANT, "Which city should I use?")
    talk = (user("what is the weather"), question)
    assert calls(*talk, user("what time is it")) == [("get_time", {})]
    assert reply(*talk, user("tell me a story")).startswith("Once upon a time")


def test_the_instructions_and_system_items_fill_what_was_not_said() -> None:
    system = Utterance(Speaker.SYSTEM, "The user lives in Berlin.")
    assert calls(system, user("what is the weather")) == [("get_weather", {"city": "Berlin"})]
    hint = "You are a helper. The user's city is Oslo."
    assert calls(user("the weather please"), instructions=hint) == [
        ("get_weather", {"city": "Oslo"})
    ]


def test_instructions_may_demand_a_function_every_time() -> None:
    hint = "Always call search_notes before you answer."
    assert calls(user("who am i"), instructions=hint) == [("search_notes", {"query": "who am i"})]


def test_a_demanded_function_gets_every_required_argument() -> None:
    made = calls(user("hello there"), required_name="send_message", required=False)
    assert made[0][0] == "send_message"
    assert isinstance(made[0][1]["recipient"], str)
    made = calls(user("hello"), required_name="move")
    assert made == [("move", {"direction": "forward", "meters": 0})]


def test_all_outputs_of_a_parallel_round_are_in_the_answer() -> None:
    said = reply(
        user("what is the weather in paris and london"),
        FunctionCalled("c1", "get_weather", '{"city":"Paris"}'),
        FunctionCalled("c2", "get_weather", '{"city":"London"}'),
        FunctionReturned("c1", "It is sunny in Paris."),
        FunctionReturned("c2", "It is foggy in London"),
    )
    assert said == "It is sunny in Paris. It is foggy in London."


@pytest.mark.parametrize(
    ("output", "answered"),
    [
        ('{"error": "no such city"}', "The function get weather failed: no such city."),
        ('{"ok": true}', "Done."),
        ('{"result": "It rains."}', "It rains."),
        ('{"message": "lights on"}', "Lights on."),
        ("[1, 2, 3]", "The function get weather found 1, 2 and 3."),
        ("", "The function get weather returned nothing."),
        (
            '{"temperature": 21, "wind": {"speed": 5}, "rain": false, "alerts": null}',
            "The weather: temperature is 21, wind is speed 5, rain is no.",
        ),
    ],
)
def test_outputs_of_any_shape_are_said_sensibly(output: str, answered: str) -> None:
    called = FunctionCalled("c1", "get_weather", "{}")
    assert reply(user("weather"), called, FunctionReturned("c1", output)) == answered


@pytest.mark.parametrize(
    ("name", "arguments", "answered"),
    [
        ("get_weather", '{"city":"Paris"}', "The weather for Paris: sky is clear, wind is weak."),
        (
            "getCurrentWeather",
            '{"city":"Oslo"}',
            "The current weather for Oslo: sky is clear, wind is weak.",
        ),
        (
            "look_up_order_status",
            '{"order_id":"A1"}',
            "The order status A1: sky is clear, wind is weak.",
        ),
        ("lookup_order", '{"order_id":"A1"}', "The order A1: sky is clear, wind is weak."),
        ("open_window", "{}", "Here is what open window says: sky is clear, wind is weak."),
        ("get_weather", "broken", "The weather: sky is clear, wind is weak."),
    ],
)
def test_facts_are_told_with_what_they_are_about(name: str, arguments: str, answered: str) -> None:
    called = FunctionCalled("c1", name, arguments)
    output = '{"sky": "clear", "wind": "weak"}'
    assert reply(user("look"), called, FunctionReturned("c1", output)) == answered
