"""What a provider that is dialled anew is told of what was said."""

from __future__ import annotations

import pytest

from realtime.core import items, seeding
from realtime.core.records import Role
from realtime.core.session_config import SeedItem
from tests.fakes import events
from tests.fakes.sessions import LiveSession, to_upstream


def test_a_new_provider_session_is_given_what_was_finished() -> None:
    live = LiveSession(seed=(SeedItem("old1", Role.USER, "Hi again."),))
    live.say({"type": "session.update", "session": {"type": "realtime", "instructions": "Rhyme."}})
    live.feed(events.session_updated())
    live.feed(
        events.speech_started("u1"),
        events.committed("u1"),
        events.item_event("added", events.user_speech("u1")),
        events.transcription_completed("u1", "What is the weather?"),
        events.item_event("added", events.function_call("f1", "{}", "completed"), "u1"),
        events.item_event("added", events.function_output("o1", "Foggy"), "f1"),
        *events.answer_begins("r1", "a1", "o1"),
        events.transcript_delta("r1", "a1", " it is foggy today"),
        events.audio_delta("r1", "a1", 300),
        *events.answer_ends("r1", "a1", "Hello it is foggy today"),
        events.truncated("a1", 100),
    )
    live.drop()
    configured, *seeded = to_upstream(live.come_up())
    assert configured["session"]["instructions"] == "Server secret.\n\nRhyme."
    assert [event["item"] for event in seeded] == [
        {
            "id": "old1",
            "type": "message",
            "role": "user",
            "content": [{"type": "input_text", "text": "Hi again."}],
        },
        {
            "id": "u1",
            "type": "message",
            "role": "user",
            "content": [{"type": "input_text", "text": "What is the weather?"}],
        },
        {
            "id": "f1",
            "type": "function_call",
            "call_id": "call_1",
            "name": "get_weather",
            "arguments": "{}",
        },
        {"id": "o1", "type": "function_call_output", "call_id": "call_1", "output": "Foggy"},
        {
            "id": "a1",
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "Hello"}],
        },
    ]
    echo = events.item_event("added", events.user_text("u1", "What is the weather?"))
    assert live.feed(echo) == []


def test_what_was_unheard_unfinished_or_failed_is_not_seeded() -> None:
    live = LiveSession()
    live.feed(
        *events.answer_begins("r1", "a1"),
        *events.answer_ends("r1", "a1", "Hello"),
        events.truncated("a1", 0),
        events.item_event("added", events.function_call("f1"), "a1"),
        events.speech_started("u1"),
        events.text_delta("r2", "aside", "Out of band"),
        events.output_event("output_text.done", "r2", "aside", text="Out of band"),
    )
    live.drop()
    assert len(to_upstream(live.come_up())) == 1


def test_only_the_newest_history_that_fits_is_seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeding, "HISTORY_MAX_CHARACTERS", 10)
    live = LiveSession()
    live.feed(
        events.item_event("added", events.user_text("t1", "too long for it")),
        events.item_event("added", events.user_text("t2", "12345"), "t1"),
        events.item_event("added", events.function_output("o1", "123"), "t2"),
    )
    live.drop()
    assert [event["item"]["id"] for event in to_upstream(live.come_up())[1:]] == ["t2", "o1"]


def test_the_seed_is_left_out_once_what_followed_it_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(items, "_MAX_ITEMS", 1)
    live = LiveSession(seed=(SeedItem("s1", Role.USER, "Earlier"),))
    live.feed(events.item_event("added", events.user_text("t1", "Hi")))
    live.drop()
    assert [event["item"]["id"] for event in to_upstream(live.come_up())[1:]] == ["s1", "t1"]
    live.feed(events.item_event("added", events.user_text("t2", "Ho"), "t1"))
    live.drop()
    assert [event["item"]["id"] for event in to_upstream(live.come_up())[1:]] == ["t2"]
