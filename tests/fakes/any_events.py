"""Generated client and provider events: valid, mutated, of wrong types, huge, deep, repeated."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fakes import events
from tests.fakes.events import Event

ITEMS = ("a1", "u1", "t1")
RESPONSES = ("r1", "r2")

junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**63, -(2**70), 10**400, 1e308])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["r1", "a1", "mcp", "inf", "system", "realtime", "session.update"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "type", "item_id", "session", "tools", "Tools", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def _message(role: str) -> Event:
    return {"type": "message", "role": role, "content": [{"type": "input_text", "text": "Hi"}]}


def _update(**session: Any) -> Event:
    return {"type": "session.update", "session": {"type": "realtime", **session}}


CLIENT: list[Event] = [
    {"type": "input_audio_buffer.append", "audio": events.silence(20)},
    {"type": "input_audio_buffer.commit"},
    {"type": "input_audio_buffer.clear"},
    {"type": "output_audio_buffer.clear"},
    {"type": "conversation.item.create", "item": {**_message("user"), "id": "t1"}},
    {"type": "conversation.item.create", "item": _message("system")},
    {"type": "conversation.item.create", "item": {"type": "mcp_approval_response"}},
    {"type": "conversation.item.retrieve", "item_id": "a1"},
    {
        "type": "conversation.item.truncate",
        "item_id": "a1",
        "content_index": 0,
        "audio_end_ms": 20,
    },
    {"type": "conversation.item.delete", "item_id": "a1"},
    {"type": "response.create"},
    {"type": "response.create", "event_id": "c1", "response": {"max_output_tokens": 99}},
    {
        "type": "response.create",
        "response": {"tools": [{"type": "mcp"}], "audio": {"output": {"voice": None}}},
    },
    {"type": "response.create", "response": {"conversation": "none", "input": [_message("user")]}},
    {"type": "response.cancel", "response_id": "r1"},
    _update(instructions="Rhyme.", event_id="odd"),
    _update(tools=[{"type": "function", "name": "f"}], tool_choice="auto"),
    _update(audio={"input": {"turn_detection": None, "transcription": None}}),
    _update(audio={"output": {"voice": "cedar", "speed": 1.1}}, max_output_tokens=50),
    {"type": "session.update", "event_id": "c2", "session": {"voice": "cedar"}},
]
PROVIDER: list[Event] = [
    events.session_created(),
    events.session_updated(),
    events.session_updated(audio={"input": {"format": {"type": "audio/pcmu"}}}),
    *(events.response_created(name) for name in RESPONSES),
    *(events.response_done(name, events.assistant("a1", "Hello")) for name in RESPONSES),
    events.output_item("added", "r1", events.assistant("a1", status="in_progress")),
    events.output_item("done", "r1", events.assistant("a1", "Hello")),
    events.output_item("added", "r2", events.function_call("f1")),
    events.item_event("added", events.assistant("a1", status="in_progress"), "u1"),
    events.item_event("added", events.user_speech("u1")),
    events.item_event("added", events.user_text("t1", "Hi"), "a1"),
    events.item_event("done", events.assistant("a1", "Hello")),
    events.transcript_delta("r1", "a1", "Hel"),
    events.audio_delta("r1", "a1", 40),
    events.text_delta("r2", "a2", "Aside"),
    events.transcript_done("r1", "a1", "Hello"),
    events.speech_started("u1"),
    events.speech_stopped("u1"),
    events.committed("u1"),
    events.cleared(),
    events.transcription_delta("u1", "Wh"),
    events.transcription_completed("u1", "What?"),
    events.transcription_failed("u1"),
    events.truncated("a1", 20),
    events.error("invalid_value", event_id="c1"),
    events.error("conversation_already_has_active_response"),
    {"type": "conversation.item.deleted", "event_id": "event_d", "item_id": "a1"},
    {"type": "rate_limits.updated", "event_id": "event_l", "rate_limits": []},
    {"type": "a.new.event", "z": [1]},
]


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every member and element in a JSON value."""
    members: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    found = [(*path, key) for key, _ in members]
    for key, inner in members:
        found += _places(inner, (*path, key))
    return found


@st.composite
def mutated(draw: st.DrawFn, templates: list[Event]) -> str:
    """One event of these as text, often changed in one place or another."""
    event = copy.deepcopy(draw(st.sampled_from(templates)))
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        path = draw(st.sampled_from(_places(event)))
        holder: Any = event
        for key in path[:-1]:
            holder = holder[key]
        if isinstance(holder, dict) and draw(st.booleans()):
            holder.pop(path[-1])
            if draw(st.booleans()):
                holder[draw(st.sampled_from(["Type", "tools ", "x", "id", "item_id"]))] = draw(junk)
        else:
            holder[path[-1]] = draw(junk)
        if not _places(event):
            break
    raw = json.dumps(event)
    return draw(st.sampled_from([raw, raw, raw, _repeated(raw), _nested(raw)]))


def _repeated(raw: str) -> str:
    """The first key once more, with another value."""
    return raw.replace("{", '{"type":"response.create",', 1) if raw != "{}" else raw


def _nested(raw: str) -> str:
    depth = 300
    return raw.replace("{", '{"deep":' + "[" * depth + "]" * depth + ",", 1)


client_frames = st.one_of(
    mutated(CLIENT), mutated(CLIENT), st.text(max_size=20), st.binary(max_size=8)
)
provider_frames = st.one_of(mutated(PROVIDER), mutated(PROVIDER), st.text(max_size=20))


def generated(frames: st.SearchStrategy[Any], count: int) -> list[Any]:
    """The same `count` values in every run."""
    found: list[Any] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(frames)
    def collect(frame: Any) -> None:
        found.append(frame)

    collect()
    return found[:count]
