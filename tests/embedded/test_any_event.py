"""Whatever a client sends, the provider answers in valid events and goes on (protocol §4.5)."""

from __future__ import annotations

import base64
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realtime.upstream.embedded.ports import Heard, Origin
from tests.embedded.studio import Studio, silence, speech_like

AUDIO = base64.b64encode(bytes(4800)).decode()
WORDS = st.sampled_from(
    ["", "x", "root", "auto", "none", "text", "audio", "audio/pcmu", "mine", "é\u2028", AUDIO, "A="]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**62), 2**62), st.floats(-5, 5), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(WORDS, inner, max_size=2)),
    max_leaves=4,
)


def some_of(known: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """An object with any of these fields, each right, nearly right or wrong."""
    mixed = {name: st.one_of(good, VALUES) for name, good in known.items()}
    return st.fixed_dictionaries({}, optional=mixed)


def one(*names: str) -> st.SearchStrategy[Any]:
    return st.sampled_from(names)


FORMAT = some_of({"type": one("audio/pcm", "audio/pcmu", "audio/pcma"), "rate": st.just(24_000)})
DETECTION = some_of(
    {
        "type": one("server_vad", "semantic_vad"),
        "threshold": st.floats(0, 1),
        "silence_duration_ms": st.integers(50, 900),
        "eagerness": one("low", "high"),
        "idle_timeout_ms": st.integers(5000, 6000),
        "interrupt_response": st.booleans(),
    }
)
LISTENING = some_of(
    {
        "format": FORMAT,
        "turn_detection": DETECTION,
        "transcription": some_of({"model": one("whisper-1", "gpt-4o-transcribe")}),
        "noise_reduction": some_of({"type": one("near_field"), "strength": st.floats(0, 1)}),
    }
)
SPEAKING = some_of({"format": FORMAT, "voice": one("ash", "verse"), "speed": st.floats(0.3, 1.5)})
TOOLS = st.lists(
    st.just({"type": "function", "name": "count_up", "parameters": {"type": "object"}}), max_size=2
)
SESSION = st.fixed_dictionaries(
    {"type": st.just("realtime")},
    optional={
        "output_modalities": st.one_of(one("text", "audio").map(lambda name: [name]), VALUES),
        "tools": st.one_of(TOOLS, VALUES),
        "tool_choice": st.one_of(one("auto", "none", "required"), VALUES),
        "max_output_tokens": st.one_of(st.integers(1, 50), VALUES),
        "audio": some_of({"input": LISTENING, "output": SPEAKING}),
        "tracing": VALUES,
    },
)
PART = some_of(
    {
        "type": one("input_text", "input_audio", "output_text", "input_image"),
        "text": one("count to twenty", "hello"),
        "audio": st.just(AUDIO),
    }
)
ITEM = some_of(
    {
        "id": one("mine", "yours"),
        "type": one("message", "function_call", "function_call_output"),
        "role": one("user", "assistant", "system"),
        "content": st.lists(PART, max_size=2),
        "call_id": one("c1"),
        "name": one("count_up"),
        "arguments": one("{}"),
        "output": one("42"),
    }
)
RESPONSE = some_of(
    {
        "conversation": one("auto", "none"),
        "input": st.lists(ITEM, max_size=2),
        "output_modalities": st.just(["text"]),
        "max_output_tokens": st.integers(1, 50),
        "tool_choice": one("none", "required"),
        "tools": TOOLS,
    }
)
EVENT = st.one_of(
    st.tuples(st.just("session.update"), st.fixed_dictionaries({"session": SESSION})),
    st.tuples(
        st.just("conversation.item.create"),
        st.fixed_dictionaries({"item": ITEM}, optional={"previous_item_id": WORDS}),
    ),
    st.tuples(
        one("conversation.item.delete", "conversation.item.retrieve"),
        st.fixed_dictionaries({"item_id": one("mine", "yours")}),
    ),
    st.tuples(
        st.just("conversation.item.truncate"),
        some_of({"item_id": one("mine"), "content_index": st.just(0), "audio_end_ms": st.just(0)}),
    ),
    st.tuples(st.just("response.create"), some_of({"response": RESPONSE})),
    st.tuples(st.just("input_audio_buffer.append"), some_of({"audio": st.just(AUDIO)})),
    st.tuples(
        one("response.cancel", "input_audio_buffer.commit", "input_audio_buffer.clear", "nope"),
        st.dictionaries(one("event_id", "response_id"), VALUES, max_size=1),
    ),
    st.tuples(st.just("speech"), st.just({})),
    st.tuples(st.just("a while"), st.just({})),
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(EVENT, max_size=12))
def test_no_sequence_of_events_breaks_a_session(events: list[tuple[str, dict[str, Any]]]) -> None:
    studio = Studio()
    studio.will_hear = [Heard("count to twenty", Origin.PHRASEBOOK, 500)] * 100
    for name, fields in events:
        if name == "speech":
            studio.append(speech_like(500), frame_ms=500)
            studio.append(silence(1000), frame_ms=1000)
        elif name == "a while":
            studio.wait(3)
        else:
            studio.send(name, **fields)
    studio.send("response.cancel")
    studio.configure(audio={"input": {"turn_detection": None}}, tools=[], max_output_tokens="inf")
    studio.wait(30)
    began = [e["response"]["id"] for e in studio.events if e["type"] == "response.created"]
    ended = [e["response"]["id"] for e in studio.events if e["type"] == "response.done"]
    assert sorted(began) == sorted(ended)
    assert studio.ask("2+2", tool_choice="auto") == "Two plus two is four."
