"""A piece of sound or words followed in one step leaves everything as the long way leaves it."""

from __future__ import annotations

from enum import Enum
from random import Random
from typing import Any

import pytest

from realtime.core.dialect import Dialect
from realtime.core.effects import Effect, SendClient
from realtime.core.session import Session
from realtime.core.session_config import CallSetup
from tests.fakes import events
from tests.fakes.events import Event
from tests.fakes.sessions import LiveSession, make_setup

SEEDS = range(12)


def state_of(thing: Any, seen: frozenset[int] = frozenset()) -> Any:
    """All that a machine knows, down to plain values."""
    if isinstance(thing, (str, int, float, bytes, Enum)) or thing is None or id(thing) in seen:
        return thing if isinstance(thing, (str, int, float, bytes, Enum)) else None
    seen |= {id(thing)}
    if isinstance(thing, dict):
        return {key: state_of(value, seen) for key, value in thing.items()}
    if isinstance(thing, (list, tuple)):
        return [state_of(value, seen) for value in thing]
    if isinstance(thing, (set, frozenset)):
        return sorted(map(str, thing))
    if callable(thing):
        return None
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    named = {name: getattr(thing, name, None) for name in slots} | getattr(thing, "__dict__", {})
    return {name: state_of(value, seen) for name, value in named.items()}


def in_one_step(live: LiveSession, text: bytes, at: float) -> list[Effect] | None:
    """What `Session.follow` makes of it, as the effects that it stands for."""
    body = live.session.follow(text, at)
    if body is None:
        return None
    name = body.get("event_id")
    is_sound = body["type"] == "response.output_audio.delta"
    event_id = name if isinstance(name, str) else ""
    return [SendClient(text.decode(), droppable=is_sound, event_id=event_id)]


def the_long_way(live: LiveSession, text: bytes, at: float) -> list[Effect]:
    try:
        return live.session.receive_from_upstream(text.decode(), at)
    except UnicodeDecodeError:
        return []


def odd(draw: Random, piece: Event) -> bytes:
    """A piece as a provider should not write it, or hardly ever does."""
    changed: Event = draw.choice(
        [
            {"item_id": "unknown"},
            {"item_id": None},
            {"item_id": 7},
            {"response_id": "unknown"},
            {"response_id": None},
            {"event_id": None},
            {"event_id": 7},
            {"delta": None},
            {"delta": ["x"]},
            {"delta": "{["},
            {"delta": 'ä\u2028\\" '},
            {"delta": ""},
            {"content_index": 1},
            {"content_index": -1},
            {"content_index": "0"},
            {"content_index": True},
            {"logprobs": [{"token": "x"}]},
            {"session": {"instructions": "Server secret."}},
            {"session": None},
            {"error": None},
            {"response": "x"},
            {"item": {"id": "a1"}},
            {"call_id": "call_1", "item_id": "f1"},
            {"type": "response.unknown.delta"},
            {"type": ["response.output_audio.delta"]},
            {"obfuscation": "x" * 300},
        ]
    )
    text = events.text({**piece, **changed}).encode()
    head = text[:-1]
    again = b',"delta":"other","item_id":"a1"}'
    padded = text.replace(b":", b" : ", 1)
    return draw.choice([text, text, text, head, head + again, padded, text + b"\xff", b" " + text])


def stream(seed: int) -> list[bytes]:
    """A turn with words on both sides, a function call, and much that is odd."""
    draw = Random(seed)
    told: list[Event] = [
        events.speech_started("u1"),
        events.committed("u1"),
        events.item_event("added", events.user_speech("u1")),
        *events.answer_begins("r1", "a1", "u1"),
        events.output_item("added", "r1", events.function_call("f1"), 1),
    ]
    arguments = "function_call_arguments.delta"
    pieces = [
        events.transcription_delta("u1", " word"),
        events.audio_delta("r1", "a1", draw.randint(1, 40)),
        events.transcript_delta("r1", "a1", " reply"),
        events.text_delta("r1", "a1", "Wort"),
        events.output_event(arguments, "r1", "f1", delta='"city"'),
    ]
    begun = [events.text(event).encode() for event in told]
    for _ in range(30):
        piece = draw.choice(pieces)
        plain = events.text(piece).encode()
        begun.insert(
            draw.randint(len(begun) // 2, len(begun)),
            plain if draw.random() < 0.6 else odd(draw, piece),
        )
    ends = [*events.answer_ends("r1", "a1", "reply"), events.truncated("a1", 20)]
    return begun + [events.text(event).encode() for event in ends]


@pytest.mark.parametrize("private_events", [False, True])
def test_a_piece_in_one_step_is_a_piece_the_long_way(private_events: bool) -> None:
    followed = 0
    for seed in SEEDS:
        short, long = (LiveSession(private_events=private_events) for _ in range(2))
        for number, text in enumerate(stream(seed)):
            at = 1.0 + number / 10
            effects = in_one_step(short, text, at)
            followed += effects is not None
            if effects is None:
                effects = the_long_way(short, text, at)
            assert effects == the_long_way(long, text, at), text
            assert state_of(short.session) == state_of(long.session), text
        assert short.session.next_deadline() == long.session.next_deadline()
    assert followed > 15 * len(SEEDS)


def test_only_a_live_session_of_todays_protocol_follows_pieces_in_one_step() -> None:
    def begun(**setup: Any) -> LiveSession:
        live = LiveSession(**setup)
        live.feed(*events.answer_begins("r1", "a1"))
        return live

    piece = events.text(events.audio_delta("r1", "a1")).encode()
    assert begun().session.follow(piece, 1.0) is not None
    assert begun(dialect=Dialect.BETA).session.follow(piece, 1.0) is None
    dropped = begun()
    dropped.drop()
    assert dropped.session.follow(piece, 1.0) is None
    call = CallSetup()
    assert Session(make_setup(call=call), 0.0).follow(piece, 1.0) is None
