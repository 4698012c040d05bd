from __future__ import annotations

from typing import Any

import pytest

from realtime.core.effects import SendUpstream
from realtime.core.records import ItemHeard
from tests.fakes import events
from tests.fakes.events import Event
from tests.fakes.sessions import LiveSession, records, to_client, to_upstream


def truncate(item_id: object, audio_end_ms: object, **fields: Any) -> Event:
    return {
        "type": "conversation.item.truncate",
        "item_id": item_id,
        "audio_end_ms": audio_end_ms,
        **fields,
    }


def still_playing() -> LiveSession:
    """The provider dropped us after the answer was made, while it plays at the client."""
    live = LiveSession()
    live.feed(
        events.item_event("added", events.user_text("t1", "Hi")),
        *events.answer_begins("r1", "a1", "t1"),
        events.transcript_delta("r1", "a1", " my friend"),
        events.audio_delta("r1", "a1", 200),
        *events.answer_ends("r1", "a1", "Hello my friend"),
    )
    live.drop()
    return live


def test_an_answer_of_the_earlier_session_is_replaced_by_its_heard_part() -> None:
    live = still_playing()
    live.come_up()
    effects = live.say(truncate("a1", 100, content_index=0))
    assert records(effects) == [ItemHeard("a1", "Hello", 100)]
    (answer,) = to_client(effects)
    assert (answer["type"], answer["audio_end_ms"]) == ("conversation.item.truncated", 100)
    delete, create = to_upstream(effects)
    assert (delete["type"], delete["item_id"]) == ("conversation.item.delete", "a1")
    assert create["previous_item_id"] == "t1"
    assert create["item"]["content"] == [{"type": "output_text", "text": "Hello"}]
    replaced = events.item_event("added", events.assistant("a1", "Hello"), "t1")
    assert live.feed(events.deleted("a1"), replaced) == []
    assert live.feed(events.deleted("a1")) != []


def test_an_answer_of_which_nothing_was_heard_is_taken_back_whole() -> None:
    live = still_playing()
    live.come_up()
    assert [event["type"] for event in to_upstream(live.say(truncate("a1", 0)))] == [
        "conversation.item.delete"
    ]


def test_the_first_item_is_replaced_at_the_front() -> None:
    live = LiveSession()
    live.feed(*events.answer_begins("r1", "a1"), *events.answer_ends("r1", "a1", "Hello"))
    live.drop()
    live.come_up()
    _, create = to_upstream(live.say(truncate("a1", 100)))
    assert create["previous_item_id"] == "root"


def test_an_interruption_during_the_redial_is_known_to_the_next_session() -> None:
    live = still_playing()
    effects = live.say(truncate("a1", 100))
    assert records(effects) == [ItemHeard("a1", "Hello", 100)]
    assert to_upstream(effects) == []
    seeded = to_upstream(live.come_up())[-1]
    assert seeded["item"]["content"] == [{"type": "output_text", "text": "Hello"}]


@pytest.mark.parametrize(
    "asked",
    [
        truncate("a1", 9999),
        truncate("a1", -1),
        truncate("a1", "100"),
        truncate("t1", 0),
        truncate("unknown", 0),
        truncate(7, 0),
    ],
)
def test_what_makes_no_sense_is_left_to_the_provider(asked: Event) -> None:
    live = still_playing()
    live.come_up()
    assert live.say(asked) == [SendUpstream(events.text(asked))]


def test_an_answer_of_the_present_session_is_truncated_by_its_provider() -> None:
    live = LiveSession()
    live.feed(*events.answer_begins("r1", "a1"))
    asked = truncate("a1", 50)
    assert live.say(asked) == [SendUpstream(events.text(asked))]
