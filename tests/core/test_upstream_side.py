from __future__ import annotations

from realtime.core.effects import SendClient, Store
from realtime.core.records import Role
from realtime.core.session_config import SeedItem
from tests.fakes import events
from tests.fakes.sessions import LiveSession, to_client, to_upstream, types


def test_frames_with_the_final_text_of_items_name_them() -> None:
    live = LiveSession()
    effects = live.feed(*events.answer_begins("r1", "a1"), *events.answer_ends("r1", "a1", "Hi"))
    carrying = [
        event["type"]
        for effect, event in zip(
            [effect for effect in effects if isinstance(effect, SendClient)],
            to_client(effects),
            strict=True,
        )
        if effect.item_ids == ("a1",)
    ]
    assert carrying == [
        "response.output_audio_transcript.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]


def test_only_assistant_audio_may_be_dropped() -> None:
    live = LiveSession()
    effects = live.feed(*events.answer_begins("r1", "a1"))
    droppable = [
        effect for effect in effects if isinstance(effect, SendClient) and effect.droppable
    ]
    assert types(to_client(list(droppable))) == ["response.output_audio.delta"]


def test_a_session_created_again_is_not_shown_twice() -> None:
    assert LiveSession().feed(events.session_created()) == []


def test_the_providers_own_cap_is_no_error_of_ours() -> None:
    assert LiveSession().feed(events.error("session_expired")) == []


def test_other_errors_of_the_provider_pass_as_they_came() -> None:
    live = LiveSession()
    raw = events.text(events.error("input_audio_buffer_commit_empty"))
    assert live.session.receive_from_upstream(raw, 1.0) == [SendClient(raw)]


def test_a_refused_response_create_is_not_waited_for() -> None:
    live = LiveSession()
    live.say({"type": "response.create", "event_id": "c1"})
    live.feed(events.error("invalid_value", event_id="c1"))
    live.feed(events.response_created("r1"))
    live.drop()
    assert to_upstream(live.come_up())[-1] == {"type": "response.create"}


def test_malformed_audio_of_the_provider_still_passes() -> None:
    live = LiveSession()
    raw = '{"type":"response.output_audio.delta","item_id":"a1","delta":7}'
    assert live.session.receive_from_upstream(raw, 1.0)[-1] == SendClient(raw, droppable=True)


def test_a_deleted_item_of_the_history_is_not_seeded_again() -> None:
    live = LiveSession(seed=(SeedItem("old1", Role.USER, "x"), SeedItem("old2", Role.USER, "y")))
    live.feed(events.deleted("old1"))
    live.drop()
    created = [
        event["item"]["id"]
        for event in to_upstream(live.come_up())
        if event["type"] == "conversation.item.create"
    ]
    assert created == ["old2"]


def test_a_session_updated_that_nobody_asked_for_passes_redacted() -> None:
    (shown,) = to_client(LiveSession().feed(events.session_updated()))
    assert shown["session"]["id"] == "rtc_1_abc"


def test_a_record_stands_before_the_frame_it_was_read_from() -> None:
    live = LiveSession()
    live.feed(events.speech_started("u1"))
    stored, usage, sent = live.feed(events.transcription_completed("u1", "Hello."))
    assert isinstance(stored, Store)
    assert isinstance(usage, Store)
    assert isinstance(sent, SendClient)
