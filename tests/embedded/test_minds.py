"""What the mind answers: rules, functions, and a chat endpoint with the rules behind it."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from realtime.upstream.embedded.mind.chat import ChatMind
from realtime.upstream.embedded.mind.rules import RuleMind, answer
from realtime.upstream.embedded.mind.words import plain_words
from realtime.upstream.embedded.ports import (
    CallFunction,
    Context,
    FunctionCalled,
    FunctionReturned,
    FunctionTool,
    HistoryEntry,
    MindFailed,
    Origin,
    Say,
    Speaker,
    Thought,
    Utterance,
)
from tests.embedded.studio import NOON, Studio, find, said


def user(text: str, origin: Origin = Origin.TYPED) -> Utterance:
    return Utterance(Speaker.USER, text, origin)


def reply(*history: HistoryEntry, **context: Any) -> str:
    thoughts = answer(Context("", history, **context), NOON)
    return "".join(thought.text for thought in thoughts if isinstance(thought, Say))


WEATHER = FunctionTool(
    "get_weather",
    "Look up the weather for a city.",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)
LIGHT = FunctionTool(
    "set_light",
    "Switch a light on or off.",
    {
        "type": "object",
        "properties": {
            "room": {"type": "string", "enum": ["kitchen", "bedroom"]},
            "on": {"type": "boolean"},
        },
    },
)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("What time is it?", "It is 12:05 PM."),
        ("what day is it", "Today is Saturday, November 21."),
        ("2+2", "Two plus two is four."),
        ("What is 20 minus 11?", "Twenty minus eleven is nine."),
        ("what is three minus eight", "Three minus eight is minus five."),
        ("what is twenty times nineteen", "Twenty times nineteen is three hundred eighty."),
        ("MY NAME IS ALICE!", "Nice to meet you, Alice."),
        ("go forward ten meters", "Going forward ten meters."),
        ("Stop.", "Okay."),
        ("what did i say", "You have not said anything yet."),
    ],
)
def test_the_phrasebook_is_answered(asked: str, answered: str) -> None:
    assert reply(user(asked)) == answered


def test_it_says_what_it_is_told_to_say() -> None:
    assert reply(user("Repeat after me: the sky is blue")) == "The sky is blue."
    dictated = answer(Context("Reply only with 'pong'.", (user("what time is it"),)), NOON)
    assert dictated == [Say("pong")]


def test_counting_to_twenty_is_long_and_ends_at_twenty() -> None:
    counted = reply(user("count to twenty"))
    assert counted.startswith("One, two, three,")
    assert counted.endswith("nineteen, twenty.")


@pytest.mark.parametrize("asked", ["hello", "who are you", "Good morning"])
def test_it_says_what_it_is(asked: str) -> None:
    assert "English, rules, not AI" in reply(user(asked))


def test_an_assistant_that_speaks_first_introduces_itself() -> None:
    assert "English, rules, not AI" in reply()


def test_the_latest_name_counts() -> None:
    talk = (user("my name is alice"), user("My name is Bob."), user("what is my name"))
    assert reply(*talk) == "Your name is Bob."


def test_what_was_said_before_is_repeated() -> None:
    talk = (user("tell me a story"), Utterance(Speaker.ASSISTANT, "Once upon"))
    assert reply(*talk, user("repeat that")) == "I said: Once upon"
    assert reply(*talk, user("what did I say")) == "You said: tell me a story"


def test_words_it_is_unsure_of_are_called_so() -> None:
    unsure = reply(user("homeless to be rather cold", Origin.OPEN))
    assert unsure.startswith("I am not sure I heard you right. It sounded like: homeless")


def test_words_are_normalised() -> None:
    assert plain_words("  What\u2019s 2 + 2?? ") == "what is two plus two"
    assert plain_words("10-3") == "ten minus three"


def test_a_matching_function_is_called_with_what_was_said() -> None:
    thoughts = answer(Context("", (user("what is the weather in paris"),), (LIGHT, WEATHER)), NOON)
    assert thoughts == [CallFunction("get_weather", '{"city":"Paris"}')]
    thoughts = answer(
        Context("", (user("turn off the light in the kitchen"),), (WEATHER, LIGHT)), NOON
    )
    assert thoughts == [CallFunction("set_light", '{"room":"kitchen","on":false}')]


def test_an_unrelated_function_is_left_alone() -> None:
    assert reply(user("what time is it"), tools=(WEATHER, LIGHT)) == "It is 12:05 PM."


def test_a_required_function_is_called_whatever_was_said() -> None:
    context = Context("", (user("hello"),), (WEATHER, LIGHT), required=True)
    assert isinstance(answer(context, NOON)[0], CallFunction)
    context = Context("", (user("hello"),), (WEATHER, LIGHT), required_name="set_light")
    called = answer(context, NOON)[0]
    assert isinstance(called, CallFunction)
    assert called.name == "set_light"


@pytest.mark.parametrize(
    ("output", "answered"),
    [
        ("It is foggy and 12 degrees in London.", "It is foggy and 12 degrees in London."),
        (
            '{"temperature": 12, "sky": "foggy"}',
            "The weather: temperature is 12, sky is foggy.",
        ),
        ("42", "The answer of get weather is 42."),
    ],
)
def test_a_function_s_output_becomes_the_answer(output: str, answered: str) -> None:
    called = FunctionCalled("call_1", "get_weather", "{}")
    assert reply(user("weather"), called, FunctionReturned("call_1", output)) == answered


def test_tool_choice_none_keeps_functions_out_of_reach() -> None:
    studio = Studio()
    tool = {"type": "function", "name": "get_weather", "description": WEATHER.description}
    studio.configure(output_modalities=["text"], tools=[tool], tool_choice="none")
    assert "no weather function" in studio.ask("what is the weather in paris")


def test_a_tool_round_runs_through_the_session() -> None:
    studio = Studio()
    tool = {
        "type": "function",
        "name": "get_weather",
        "description": WEATHER.description,
        "parameters": WEATHER.parameters,
    }
    studio.configure(output_modalities=["text"], tools=[tool])
    studio.type_text("What is the weather in London?")
    call = find(studio.send("response.create"), "response.function_call_arguments.done")
    output = {
        "type": "function_call_output",
        "call_id": call["call_id"],
        "output": "It is foggy in London.",
    }
    studio.send("conversation.item.create", item=output)
    assert said(studio.send("response.create")) == "It is foggy in London."


def chunk(**delta: Any) -> str:
    return "data: " + json.dumps({"choices": [{"delta": delta}]}) + "\n\n"


async def think(mind: ChatMind, context: Context) -> list[Thought]:
    return [thought async for thought in mind.think(context)]


async def test_a_chat_endpoint_answers_sentence_by_sentence() -> None:
    asked: list[dict[str, Any]] = []

    def endpoint(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content))
        assert request.headers["Authorization"] == "Bearer key"
        pieces = [chunk(content="Good"), chunk(content=" day. How"), chunk(content=" are you?")]
        return httpx.Response(200, text="".join([*pieces, "data: [DONE]\n\n"]))

    mind = ChatMind(
        "http://chat.test/v1", api_key="key", model="m", transport=httpx.MockTransport(endpoint)
    )
    thoughts = await think(mind, Context("Be kind.", (user("hi"),), (WEATHER,)))
    assert thoughts == [Say("Good day."), Say(" How are you?")]
    assert asked[0]["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "hi"},
    ]
    assert asked[0]["tools"][0]["function"]["name"] == "get_weather"


async def test_a_chat_endpoint_may_call_a_function() -> None:
    call = {"index": 0, "function": {"name": "get_weather", "arguments": '{"city":'}}
    more = {"index": 0, "function": {"arguments": '"Rome"}'}}
    text = chunk(tool_calls=[call]) + chunk(tool_calls=[more]) + "data: [DONE]\n\n"
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text=text))
    mind = ChatMind("http://chat.test/v1", transport=transport)
    thoughts = await think(mind, Context("", (user("weather in rome"),), (WEATHER,)))
    assert thoughts == [CallFunction("get_weather", '{"city":"Rome"}')]


@pytest.mark.parametrize("status", [200, 401, 500])
async def test_the_rules_answer_when_the_endpoint_fails(status: int) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(status, text="nonsense"))
    fallback = RuleMind(lambda: NOON)
    mind = ChatMind("http://chat.test/v1", fallback=fallback, transport=transport)
    assert await think(mind, Context("", (user("what time is it"),))) == [Say("It is 12:05 PM.")]


async def test_an_endpoint_that_breaks_in_mid_answer_fails_the_response() -> None:
    class Breaking(httpx.AsyncByteStream):
        async def __aiter__(self) -> Any:
            yield chunk(content="Good day. And").encode()
            raise httpx.ReadError("gone")

    transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=Breaking()))
    mind = ChatMind("http://chat.test/v1", transport=transport)
    with pytest.raises(MindFailed):
        await think(mind, Context("", (user("hi"),)))
