from __future__ import annotations

import pytest

from realtime.core.effects import (
    EndReason,
    EndSession,
    OpenUpstream,
    SendClient,
    SendUpstream,
    SessionStarted,
    Store,
)
from realtime.core.errors import LimitReached, UpstreamFailed, UpstreamTimedOut
from realtime.core.limits import SessionLimits
from realtime.core.records import ItemCompleted, ItemStatus, ResponseRecorded, Role
from realtime.core.session import Session
from realtime.core.session_config import SeedItem
from tests.fakes import events
from tests.fakes.sessions import (
    LiveSession,
    make_setup,
    only_error,
    records,
    to_client,
    to_upstream,
    types,
)

SEED = (SeedItem("old1", Role.USER, "My name is Alice."), SeedItem("old2", Role.ASSISTANT, "Hi!"))


def test_a_session_dials_configures_and_then_greets_the_client_once() -> None:
    session = Session(make_setup(), 0.0)
    assert session.open() == [OpenUpstream(0.0)]
    assert session.upstream_opened(0.0) == []
    (update,) = to_upstream(
        session.receive_from_upstream(events.text(events.session_created()), 0.1)
    )
    assert update["type"] == "session.update"
    assert update["session"] == {
        "type": "realtime",
        "output_modalities": ["audio"],
        "instructions": "Server secret.\n\nBe brief.",
        "audio": {
            "output": {"voice": "marin"},
            "input": {"transcription": {"model": "whisper-1"}},
        },
    }
    created, started = session.receive_from_upstream(events.text(events.session_updated()), 0.2)
    assert isinstance(created, SendClient)
    assert started == SessionStarted()
    (event,) = to_client([created])
    assert event["type"] == "session.created"
    assert event["event_id"] == "event_created"
    assert event["session"]["id"] == "rtc_1_abc"
    assert event["session"]["instructions"] == "Be brief."


def test_a_provider_that_names_no_event_id_gets_one_of_ours() -> None:
    session = Session(make_setup(), 0.0)
    session.open()
    session.upstream_opened(0.0)
    session.receive_from_upstream('{"type":"session.created","session":{}}', 0.0)
    effects = session.receive_from_upstream(events.text(events.session_updated()), 0.0)
    assert to_client(effects)[0]["event_id"].startswith("event_")


def test_history_is_seeded_before_the_client_is_greeted_and_its_echoes_are_kept() -> None:
    live = LiveSession(seed=SEED)
    seeded = to_upstream(live.opening)[1:]
    assert [event["item"] for event in seeded] == [
        {
            "id": "old1",
            "type": "message",
            "role": "user",
            "content": [{"type": "input_text", "text": "My name is Alice."}],
        },
        {
            "id": "old2",
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "Hi!"}],
        },
    ]
    assert isinstance(live.opening[-1], SessionStarted)
    echo = events.user_text("old1", "My name is Alice.")
    refused = events.error("x", event_id=seeded[1]["event_id"])
    assert (
        live.feed(events.item_event("added", echo), events.item_event("done", echo), refused) == []
    )


def test_frames_from_before_the_session_are_handled_in_order_once_it_is_there() -> None:
    session = Session(make_setup(), 0.0)
    live = LiveSession(session)
    session.open()
    assert live.say({"type": "input_audio_buffer.append", "audio": "AAAA"}, b"binary") == []
    assert live.say({"type": "response.create", "event_id": "c1"}) == []
    assert session.held_bytes > 0
    effects = live.come_up()
    assert [type(effect) for effect in effects] == [
        SendUpstream,
        SendClient,
        SessionStarted,
        SendClient,
        SendClient,
        SendUpstream,
    ]
    assert types(to_client(effects)) == ["session.created", "error", "error"]
    assert to_upstream(effects)[-1] == {"type": "response.create", "event_id": "c1"}
    assert session.held_bytes == 0


def test_waiting_frames_are_bounded_by_their_number_too() -> None:
    session = Session(make_setup(), 0.0)
    live = LiveSession(session)
    session.open()
    live.say(*["{}"] * 100)
    assert session.held_bytes > 100 * 1024
    errors = to_client(live.come_up())[1:]
    assert types(errors) == ["error"] * 100
    assert session.held_bytes == 0


def test_a_flat_update_among_the_early_frames_decides_how_the_client_is_greeted() -> None:
    session = Session(make_setup(), 0.0)
    live = LiveSession(session)
    session.open()
    live.say("not json", {"type": "session.update", "session": {"voice": "cedar"}})
    created = to_client(live.come_up())[0]
    assert created["session"]["voice"] == "marin"
    assert "audio" not in created["session"]


def test_the_assistant_may_speak_first() -> None:
    live = LiveSession(greeting=True)
    greeting = to_upstream(live.opening)[-1]
    assert greeting["type"] == "response.create"
    assert live.feed(events.error("server_error", event_id=greeting["event_id"])) == []


def test_a_transcript_nobody_may_keep_is_not_stored_but_its_cost_is() -> None:
    live = LiveSession(save_transcript=False, transcription_asked_null=True)
    configured = to_upstream(live.opening)[0]["session"]
    assert configured["audio"]["input"]["transcription"] is None
    live.feed(*events.answer_begins("r1", "a1"))
    effects = live.feed(*events.answer_ends("r1", "a1", "Hello"))
    (record,) = records(effects)
    assert isinstance(record, ResponseRecorded)
    assert "response.done" in types(to_client(effects))


@pytest.mark.parametrize(
    ("error", "close_code", "code"),
    [
        (UpstreamFailed("No.", code="upstream_auth", retryable=False), 4502, "upstream_auth"),
        (UpstreamFailed("Down."), 4502, "upstream_failed"),
        (UpstreamTimedOut("Slow."), 4504, "upstream_timed_out"),
    ],
)
def test_a_first_dial_that_fails_says_so_and_ends(
    error: UpstreamFailed | UpstreamTimedOut, close_code: int, code: str
) -> None:
    session = Session(make_setup(), 0.0)
    session.open()
    effects = session.upstream_failed(error, 1.0)
    assert to_client(effects)[0]["error"]["code"] == code
    assert effects[-1] == EndSession(EndReason.UPSTREAM_ERROR, close_code, code)
    assert session.ended


def test_a_provider_that_does_not_set_the_session_up_in_time_is_given_up() -> None:
    session = Session(make_setup(), 0.0)
    session.open()
    assert session.next_deadline() is None
    session.upstream_opened(2.0)
    assert session.next_deadline() == 17.0
    assert session.tick(16.9) == []
    assert session.tick(17.0)[-1] == EndSession(
        EndReason.UPSTREAM_ERROR, 4504, "upstream_timed_out"
    )


def test_the_session_ends_at_its_cap_with_1001() -> None:
    live = LiveSession(limits=SessionLimits(max_duration_s=120, idle_timeout_s=0))
    assert live.session.next_deadline() == 120.0
    assert live.session.tick(119.9) == []
    effects = live.session.tick(120.0)
    error = to_client(effects)[0]["error"]
    assert (error["code"], error["type"]) == ("session_expired", "invalid_request_error")
    assert "2 minutes" in error["message"]
    assert effects[-1] == EndSession(EndReason.MAX_DURATION, 1001, "session_expired")


def test_a_session_where_nothing_happens_ends_without_an_error() -> None:
    live = LiveSession()
    silence = {"type": "input_audio_buffer.append", "audio": events.silence(20)}
    live.say(silence, at=100.0)
    assert live.session.next_deadline() == 120.0
    assert live.session.tick(120.0) == [EndSession(EndReason.IDLE_TIMEOUT, 1000, "idle_timeout")]


def test_a_client_may_be_active_without_an_event() -> None:
    live = LiveSession()
    assert live.session.client_active(50.0) == []
    assert live.session.next_deadline() == 170.0


def test_typing_speaking_and_listening_are_no_idleness() -> None:
    live = LiveSession()
    live.say({"type": "input_audio_buffer.clear"}, at=50.0)
    assert live.session.next_deadline() == 170.0
    live.feed(events.speech_started("u1"), at=60.0)
    assert live.session.next_deadline() == 3600.0
    live.feed(events.speech_stopped("u1"), at=70.0)
    assert live.session.next_deadline() == 190.0
    live.feed(*events.answer_begins("r1", "a1"), at=71.0)
    assert live.session.next_deadline() == 3600.0
    live.feed(events.audio_delta("r1", "a1", 60_000), at=72.0)
    live.feed(*events.answer_ends("r1", "a1", "Hello"), at=73.0)
    assert live.session.next_deadline() == 72.0 + 60 + 120
    live.feed(events.truncated("a1", 2000), at=74.0)
    assert live.session.next_deadline() == 194.0


@pytest.mark.parametrize(
    ("reason", "close_code", "word"),
    [
        (EndReason.USER_HANGUP, 4410, "session_ended"),
        (EndReason.BUDGET_EXHAUSTED, 4402, "quota_exhausted"),
        (EndReason.ADMIN_ENDED, 4410, "session_ended"),
        (EndReason.CLIENT_LOST, 4408, "client_too_slow"),
        (EndReason.UPSTREAM_EXPIRED, 4502, "upstream_expired"),
        (EndReason.AUTH_EXPIRED, 4401, "not_authenticated"),
        (EndReason.POLICY_BLOCKED, 4403, "forbidden"),
        (EndReason.SERVER_SHUTDOWN, 1012, "server_draining"),
        (EndReason.SERVER_LOST, 1012, "server_lost"),
        (EndReason.MOVED_DEVICE, 4409, "superseded"),
    ],
)
def test_every_end_has_its_code_and_says_why_first(
    reason: EndReason, close_code: int, word: str
) -> None:
    effects = LiveSession().session.end(reason, 1.0)
    assert to_client(effects)[0]["error"]["code"] == word
    assert effects[-1] == EndSession(reason, close_code, word)


def test_an_error_may_say_more_closely_why_a_session_ends() -> None:
    error = LimitReached("Too fast.", code="uplink_full")
    effects = LiveSession().session.end(EndReason.POLICY_BLOCKED, 1.0, error)
    assert to_client(effects)[0]["error"]["message"] == "Too fast."
    assert effects[-1] == EndSession(EndReason.POLICY_BLOCKED, 4429, "uplink_full")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1000, EndReason.USER_HANGUP),
        (1001, EndReason.USER_HANGUP),
        (1005, EndReason.USER_HANGUP),
        (1006, EndReason.CLIENT_LOST),
    ],
)
def test_a_client_that_goes_hung_up_or_was_lost(code: int, reason: EndReason) -> None:
    assert LiveSession().session.client_closed(1.0, code) == [
        EndSession(reason, 1000, reason.value)
    ]


def test_an_answer_in_the_air_is_kept_as_far_as_it_got_when_the_client_goes() -> None:
    live = LiveSession()
    live.feed(*events.answer_begins("r1", "a1"))
    assert live.session.busy
    completed, response, end = live.session.client_closed(1.0)
    assert completed == Store(ItemCompleted("a1", "Hello", ItemStatus.INCOMPLETE))
    assert isinstance(response, Store)
    assert isinstance(response.record, ResponseRecorded)
    assert response.record.status == "incomplete"
    assert isinstance(end, EndSession)
    assert not live.session.busy


def test_a_response_in_the_air_is_done_for_the_client_before_the_session_ends() -> None:
    live = LiveSession()
    live.feed(*events.answer_begins("r1", "a1"))
    effects = live.session.end(EndReason.ADMIN_ENDED, 1.0)
    assert types(to_client(effects))[-2:] == ["response.done", "error"]


def test_dropped_audio_is_told_by_an_error_or_by_a_private_notice() -> None:
    public = LiveSession().session
    assert only_error(public.audio_dropped(1.0))["code"] == "output_audio_dropped"
    private = LiveSession(private_events=True).session
    (notice,) = to_client(private.audio_dropped(1.0))
    assert (notice["type"], notice["code"]) == ("voiceassist.notice", "audio_dropped")


def test_a_database_that_is_away_is_told_to_the_client() -> None:
    error = only_error(LiveSession().session.persistence_failed(1.0))
    assert (error["code"], error["type"]) == ("persistence_unavailable", "server_error")


def test_what_is_no_event_of_the_provider_is_dropped() -> None:
    assert LiveSession().session.receive_from_upstream("nonsense", 1.0) == []


def test_after_its_end_a_session_does_nothing() -> None:
    live = LiveSession()
    session = live.session
    session.end(EndReason.ADMIN_ENDED, 1.0)
    assert session.ended
    assert session.upstream_opened(2.0) == []
    assert session.upstream_failed(UpstreamTimedOut("x"), 2.0) == []
    assert session.upstream_closed(1006, "", 2.0) == []
    assert session.receive_from_client("{}", 2.0) == []
    assert session.receive_from_upstream(events.text(events.cleared()), 2.0) == []
    assert session.client_closed(2.0) == []
    assert session.end(EndReason.ADMIN_ENDED, 2.0) == []
    assert session.audio_dropped(2.0) == []
    assert session.persistence_failed(2.0) == []
    assert session.tick(9999.0) == []
    assert session.next_deadline() is None
    assert session.client_wait_s(2.0) == 0.0
    assert session.held_bytes == 0


@pytest.mark.parametrize(
    ("cap_s", "words"),
    [(3600, "60 minutes"), (60, "1 minute"), (90, "90 seconds"), (2, "2 seconds"), (1, "1 second")],
)
def test_the_cap_is_told_in_words_that_are_true(cap_s: float, words: str) -> None:
    live = LiveSession(limits=SessionLimits(max_duration_s=cap_s, idle_timeout_s=0))
    (error,) = to_client(live.session.tick(cap_s))
    assert error["error"]["message"] == f"Your session hit the maximum duration of {words}."
