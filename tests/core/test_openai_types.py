"""What the gateway itself says, held against the types of the official SDK (contract §7)."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from openai.types.realtime import RealtimeServerEvent
from pydantic import BaseModel

from realtime.core.effects import Effect, EndReason
from realtime.core.errors import UpstreamFailed
from realtime.core.session import Session
from tests.fakes import events
from tests.fakes.events import Event
from tests.fakes.sessions import LiveSession, make_setup, to_client


def event_types() -> dict[str, type[BaseModel]]:
    union = get_args(RealtimeServerEvent)[0]
    found: dict[str, type[BaseModel]] = {}
    for model in get_args(union):
        (name,) = get_args(model.model_fields["type"].annotation)
        found[name] = model
    return found


TYPES = event_types()


def cut_answer() -> list[Effect]:
    live = LiveSession()
    live.feed(
        events.speech_started("u1"),
        events.committed("u1"),
        events.speech_started("u2"),
        *events.answer_begins("r1", "a1", "u1"),
        events.output_item("added", "r1", events.function_call("f1"), 1),
        events.item_event("added", events.function_call("f1"), "a1"),
    )
    return [*live.drop(), *live.come_up()]


def cut_text() -> list[Effect]:
    live = LiveSession()
    item = events.assistant("a1", status="in_progress")
    live.feed(
        events.response_created("r1", "text"),
        events.output_item("added", "r1", item),
        events.item_event("added", item),
        events.text_delta("r1", "a1", "Well"),
    )
    return [*live.drop(), *live.come_up()]


def late_truncation() -> list[Effect]:
    live = LiveSession()
    live.feed(*events.answer_begins("r1", "a1"), *events.answer_ends("r1", "a1", "Hello"))
    live.drop()
    return live.say({"type": "conversation.item.truncate", "item_id": "a1", "audio_end_ms": 50})


def refused_dial() -> list[Effect]:
    session = Session(make_setup(), 0.0)
    session.open()
    return session.upstream_failed(UpstreamFailed("No."), 0.0)


SAID: dict[str, list[Effect]] = {
    "start": LiveSession().opening,
    "update": LiveSession().feed(events.session_updated()),
    "bad event": LiveSession().say("{", {"type": "session.update", "session": {}}),
    "dropped audio": LiveSession().session.audio_dropped(1.0),
    "no database": LiveSession().session.persistence_failed(1.0),
    "cut answer": cut_answer(),
    "cut text": cut_text(),
    "late truncation": late_truncation(),
    "refused dial": refused_dial(),
    **{reason.value: LiveSession().session.end(reason, 1.0) for reason in EndReason},
}


@pytest.mark.parametrize("occasion", sorted(SAID))
def test_everything_we_say_ourselves_has_the_shape_of_the_official_types(occasion: str) -> None:
    said: list[Event] = to_client(SAID[occasion])
    assert said or occasion == EndReason.IDLE_TIMEOUT
    for event in said:
        model: Any = TYPES[event["type"]]
        assert event["event_id"]
        model.model_validate(event, strict=True)
