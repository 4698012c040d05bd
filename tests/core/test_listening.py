"""Sessions that only listen: what is said becomes text, and nothing answers (protocol §1.6)."""

from __future__ import annotations

from typing import Any

import pytest

from realtime.core.dialect import Dialect
from realtime.core.errors import InvalidEvent
from realtime.core.records import (
    ItemCompleted,
    ItemOpened,
    ItemSource,
    ItemStatus,
    Role,
    TranscriptionRecorded,
)
from realtime.core.session_config import SeedItem
from realtime.core.session_kind import SessionKind, check_kind, kind_of, listening_patch
from tests.fakes import events
from tests.fakes.events import Event
from tests.fakes.sessions import LiveSession, only_error, records, to_client, to_upstream, types

LISTENING: Event = {
    "type": "transcription",
    "object": "realtime.transcription_session",
    "id": "sess_provider",
    "audio": {"input": {"transcription": {"model": "whisper-1"}, "turn_detection": None}},
    "include": None,
}
CONFIG: Event = {"type": "transcription", "audio": {"input": {"turn_detection": None}}}


def listening(**setup: Any) -> LiveSession:
    return LiveSession(session_object=LISTENING, **{"config": CONFIG, "greeting": True, **setup})


def test_it_is_set_up_as_what_it_is_and_seeded_with_nothing() -> None:
    live = listening(seed=(SeedItem("old1", Role.USER, "My name is Alice."),))
    (update,) = to_upstream(live.opening)
    assert update["session"] == {
        "type": "transcription",
        "audio": {"input": {"turn_detection": None, "transcription": {"model": "whisper-1"}}},
    }
    (created,) = to_client(live.opening)
    assert created["session"]["object"] == "realtime.transcription_session"
    assert created["session"]["id"] == "rtc_1_abc"


def test_what_is_said_is_recorded_as_the_users_words() -> None:
    live = listening()
    heard = live.feed(
        events.committed("u1"),
        events.item_event("added", events.user_speech("u1")),
        events.transcription_completed("u1", "Good morning."),
    )
    opened = [record for record in records(heard) if isinstance(record, ItemOpened)]
    assert [(record.role, record.source) for record in opened] == [(Role.USER, ItemSource.VOICE)]
    assert ItemCompleted("u1", "Good morning.", ItemStatus.COMPLETED) in records(heard)
    (usage,) = [record for record in records(heard) if isinstance(record, TranscriptionRecorded)]
    assert usage.duration_s == 3


def test_it_is_asked_for_no_response() -> None:
    error = only_error(listening().say({"type": "response.create", "event_id": "c1"}))
    assert (error["type"], error["event_id"]) == ("invalid_request_error", "c1")


def test_a_new_provider_session_is_told_nothing_that_was_said() -> None:
    live = listening()
    live.feed(events.committed("u1"), events.transcription_completed("u1", "Good morning."))
    live.drop()
    assert types(to_upstream(live.come_up(LISTENING))) == ["session.update"]


def test_its_settings_can_be_changed_and_transcription_stays_on() -> None:
    live = listening()
    audio = {"input": {"transcription": None, "noise_reduction": {"type": "near_field"}}}
    session = {"type": "transcription", "audio": audio, "include": None}
    (update,) = to_upstream(live.say({"type": "session.update", "session": session}))
    assert update["session"] == {
        "type": "transcription",
        "audio": {"input": {"noise_reduction": {"type": "near_field"}}},
        "include": None,
    }
    changed = {**LISTENING, "audio": {"input": {"transcription": {"model": "whisper-1"}}}}
    (updated,) = to_client(live.feed({"type": "session.updated", "session": changed}))
    assert updated["session"]["audio"]["input"]["transcription"] == {"model": "whisper-1"}


@pytest.mark.parametrize(
    ("session", "code", "param"),
    [
        ({"type": "realtime"}, "invalid_value", "session.type"),
        ({"type": "opera"}, "invalid_value", "session.type"),
        ({}, "missing_required_parameter", "session.type"),
        (
            {"type": "transcription", "instructions": "x"},
            "unknown_parameter",
            "session.instructions",
        ),
        (
            {"type": "transcription", "audio": {"output": {"voice": "marin"}}},
            "unknown_parameter",
            "session.audio.output",
        ),
    ],
)
def test_an_update_of_a_conversation_is_refused(session: Event, code: str, param: str) -> None:
    error = only_error(listening().say({"type": "session.update", "session": session}))
    assert (error["code"], error["param"]) == (code, param)


def test_a_conversation_takes_no_update_of_a_transcription() -> None:
    update = {"type": "session.update", "session": {"type": "transcription"}}
    assert only_error(LiveSession().say(update))["param"] == "session.type"
    beta = {"type": "transcription_session.update", "session": {"turn_detection": None}}
    assert only_error(LiveSession().say(beta))["param"] == "session.type"


def test_a_beta_client_reads_its_own_names() -> None:
    live = listening(dialect=Dialect.BETA)
    assert types(to_client(live.opening)) == ["transcription_session.created"]
    update = {
        "type": "transcription_session.update",
        "session": {"input_audio_format": "pcm16", "turn_detection": None},
    }
    (sent,) = to_upstream(live.say(update))
    assert sent["type"] == "session.update"
    assert sent["session"]["audio"]["input"]["turn_detection"] is None
    updated = live.feed({"type": "session.updated", "session": LISTENING})
    assert types(to_client(updated)) == ["transcription_session.updated"]


def test_words_that_come_in_are_a_sign_of_life() -> None:
    live = listening()
    live.feed(events.transcription_delta("u1", "Good"), at=100.0)
    assert live.session.next_deadline() == 220.0


def test_the_kind_stands_in_the_session_object() -> None:
    assert kind_of({}) is SessionKind.REALTIME
    assert kind_of(LISTENING) is SessionKind.TRANSCRIPTION
    check_kind({}, SessionKind.TRANSCRIPTION)
    with pytest.raises(InvalidEvent):
        check_kind({"type": 7}, SessionKind.REALTIME)


def test_what_a_client_was_shown_it_may_send_back() -> None:
    assert listening_patch({**LISTENING, "model": "x", "audio": 7}) == {
        "type": "transcription",
        "audio": 7,
        "include": None,
    }
