from __future__ import annotations

import pytest

from realtime.core import link
from realtime.core.effects import EndReason, EndSession, OpenUpstream, SendUpstream
from realtime.core.errors import UpstreamFailed, UpstreamTimedOut
from realtime.core.limits import SessionLimits
from realtime.core.records import ItemCompleted, ItemStatus, ResponseRecorded, Role
from realtime.core.session import Session
from realtime.core.session_config import SeedItem
from tests.fakes import events
from tests.fakes.sessions import LiveSession, make_setup, records, to_client, to_upstream, types


def test_a_dropped_session_is_dialed_again_and_the_client_keeps_its_socket() -> None:
    live = LiveSession()
    (dial,) = live.drop()
    assert isinstance(dial, OpenUpstream)
    assert 0.2 <= dial.delay_s <= 0.3
    assert to_client(live.come_up()) == []


def test_a_cut_answer_is_incomplete_for_history_and_client_and_not_spoken_again() -> None:
    live = LiveSession()
    live.feed(*events.answer_begins("r1", "a1", "u0"))
    effects = live.drop()
    completed, response = records(effects)
    assert completed == ItemCompleted("a1", "Hello", ItemStatus.INCOMPLETE)
    assert isinstance(response, ResponseRecorded)
    assert (response.status, response.error_code) == ("incomplete", "upstream_closed")
    assert to_client(effects) == []  # how it ends depends on whether the talk goes on
    again = live.come_up()
    sound_ended, *sent = to_client(again)
    assert sound_ended["type"] == "response.output_audio.done"
    assert sound_ended["item_id"] == "a1"
    assert types(sent) == [
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]
    assert sent[0]["transcript"] == "Hello"
    assert sent[1]["part"] == {"type": "audio", "transcript": "Hello"}
    assert sent[2]["previous_item_id"] == "u0"
    assert sent[2]["item"]["status"] == "incomplete"
    assert sent[3]["item"]["content"] == [{"type": "output_audio", "transcript": "Hello"}]
    assert sent[4]["response"]["status"] == "incomplete"
    assert sent[4]["response"]["output"] == [sent[3]["item"]]
    assert all(event["event_id"] for event in sent)
    assert len(to_upstream(again)) == 2  # the set-up and the cut answer as history


def test_an_answer_whose_provider_died_has_failed_before_the_client_is_told_why() -> None:
    live = LiveSession(limits=SessionLimits(redial_delays_s=(0.1,)))
    live.feed(*events.answer_begins("r1", "a1", "u0"))
    assert to_client(live.drop()) == []
    end = live.session.upstream_failed(UpstreamFailed("Gone."), 1.0)
    sent = to_client(end)
    assert types(sent)[-2:] == ["response.done", "error"]
    response = sent[-2]["response"]
    assert response["status"] == "failed"
    assert response["status_details"] == {
        "type": "failed",
        "error": {"type": "server_error", "code": "upstream_closed"},
    }
    assert end[-1] == EndSession(EndReason.UPSTREAM_ERROR, 4502, "upstream_failed")


def test_a_provider_that_may_not_be_dialled_again_fails_the_answer_at_once() -> None:
    live = LiveSession(limits=SessionLimits(redial_delays_s=()))
    live.feed(events.response_created("r1"))
    done, error = to_client(live.drop())
    assert (done["type"], done["response"]["status"]) == ("response.done", "failed")
    assert error["error"]["code"] == "upstream_closed"


def test_sound_that_had_ended_before_the_cut_does_not_end_twice() -> None:
    live = LiveSession()
    live.feed(
        *events.answer_begins("r1", "a1"), events.output_event("output_audio.done", "r1", "a1")
    )
    assert "response.output_audio.done" not in types(to_client([*live.drop(), *live.come_up()]))


def test_a_cut_text_answer_a_tool_call_and_an_unknown_item_end_in_their_shapes() -> None:
    live = LiveSession()
    written = events.assistant("a1", status="in_progress")
    call = events.function_call("f1")
    finished = events.assistant("a0", "Done.")
    live.feed(
        events.response_created("r1", "text"),
        events.output_item("added", "r1", finished),
        events.output_item("done", "r1", finished),
        events.output_item("added", "r1", written, 1),
        events.item_event("added", written),
        events.text_delta("r1", "a1", "Let me"),
        events.text_done("r1", "a1", "Let me see."),
        events.output_item("added", "r1", call, 2),
        events.item_event("added", call, "a1"),
        events.output_event("function_call_arguments.delta", "r1", "f1", delta='{"ci'),
    )
    sent = to_client([*live.drop(), *live.come_up()])
    assert types(sent) == [
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]
    assert sent[0]["part"] == {"type": "text", "text": "Let me see."}
    assert sent[2]["item"]["content"] == [{"type": "output_text", "text": "Let me see."}]
    assert sent[4]["item"]["arguments"] == '{"ci'
    output = sent[5]["response"]["output"]
    assert [item["status"] for item in output] == ["completed", "incomplete", "incomplete"]


def test_an_answer_cut_before_its_first_word_has_an_empty_item() -> None:
    live = LiveSession()
    item = events.assistant("a1", status="in_progress")
    live.feed(
        events.response_created("r1"),
        events.output_item("added", "r1", item),
        events.item_event("added", item),
    )
    sent = to_client([*live.drop(), *live.come_up()])
    assert types(sent) == ["conversation.item.done", "response.output_item.done", "response.done"]
    assert sent[0]["item"]["content"] == []


def test_an_answer_cut_out_of_band_joins_no_conversation() -> None:
    live = LiveSession()
    item = events.assistant("a1", status="in_progress")
    live.feed(
        events.response_created("r1", "text"),
        events.output_item("added", "r1", item),
        events.text_delta("r1", "a1", "Aside"),
    )
    assert types(to_client([*live.drop(), *live.come_up()])) == [
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.done",
    ]


def test_speech_whose_transcript_will_never_come_is_ended_for_the_client() -> None:
    live = LiveSession()
    live.feed(events.speech_started("u1"), events.committed("u1"), events.speech_started("u2"))
    effects = live.drop()
    assert [record.item_id for record in records(effects) if isinstance(record, ItemCompleted)] == [
        "u1",
        "u2",
    ]
    cleared, failed = to_client(effects)
    assert cleared["type"] == "input_audio_buffer.cleared"
    assert failed["type"] == "conversation.item.input_audio_transcription.failed"
    assert failed["item_id"] == "u1"
    assert None not in failed["error"].values()


def test_an_unheard_answer_that_voice_detection_asked_for_is_asked_for_again() -> None:
    live = LiveSession()
    live.feed(events.committed("u1"), events.response_created("r1"))
    live.drop()
    assert to_upstream(live.come_up())[-1] == {"type": "response.create"}
    live.drop()
    assert types(to_upstream(live.come_up())) == ["session.update"]


def test_an_unheard_answer_that_the_client_asked_for_is_left_to_it() -> None:
    live = LiveSession()
    live.say({"type": "response.create"})
    live.feed(events.response_created("r1"))
    live.drop()
    assert types(to_upstream(live.come_up())) == ["session.update"]


def test_client_events_wait_out_a_redial_in_order() -> None:
    live = LiveSession()
    live.say({"type": "response.create", "event_id": "c1"})
    unsent = '{"type":"input_audio_buffer.append","audio":""}'
    live.say(unsent)
    live.drop(unsent=(unsent,))
    assert live.say({"type": "input_audio_buffer.commit"}) == []
    assert live.session.held_bytes > 0
    sent = live.come_up()[1:]
    assert [effect.raw for effect in sent if isinstance(effect, SendUpstream)] == [
        '{"type":"response.create","event_id":"c1"}',
        unsent,
        '{"type":"input_audio_buffer.commit"}',
    ]
    assert live.session.held_bytes == 0


def test_our_own_seeding_that_never_left_is_not_sent_as_the_clients() -> None:
    live = LiveSession(seed=(SeedItem("old1", Role.USER, "Hi."),))
    seed = next(
        effect.raw
        for effect in live.opening
        if isinstance(effect, SendUpstream) and "old1" in effect.raw
    )
    live.drop(unsent=(seed,))
    assert types(to_upstream(live.come_up())) == ["session.update", "conversation.item.create"]


def test_of_our_own_events_the_latest_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "_MOST_OWN_EVENTS", 2)
    live = LiveSession(seed=tuple(SeedItem(f"old{at}", Role.USER, "Hi.") for at in range(3)))
    seeds = [event for event in to_upstream(live.opening) if event["type"].endswith(".create")]
    shown = [live.feed(events.error("x", event_id=seed["event_id"])) for seed in seeds]
    assert [len(effects) for effects in shown] == [1, 0, 0]


def test_redials_are_spaced_wider_and_then_given_up() -> None:
    live = LiveSession()
    delays_s: list[float] = []
    effects = live.drop()
    while isinstance(effects[-1], OpenUpstream):
        delays_s.append(effects[-1].delay_s)
        effects = live.session.upstream_failed(UpstreamFailed("Down."), live.now)
    assert [round(delay_s, 1) for delay_s in delays_s] == pytest.approx(
        [0.25, 0.5, 1.0, 2.0, 4.0], rel=0.25
    )
    assert effects[-1] == EndSession(EndReason.UPSTREAM_ERROR, 4502, "upstream_failed")


def test_a_redial_that_a_retry_cannot_help_ends_at_once() -> None:
    live = LiveSession()
    live.drop()
    refused = UpstreamFailed("No.", code="upstream_auth", retryable=False)
    effects = live.session.upstream_failed(refused, 1.0)
    assert effects[-1] == EndSession(EndReason.UPSTREAM_ERROR, 4502, "upstream_auth")


def test_a_redial_that_times_out_is_tried_again() -> None:
    live = LiveSession()
    live.drop()
    assert isinstance(live.session.upstream_failed(UpstreamTimedOut("x"), 1.0)[-1], OpenUpstream)


def test_a_provider_that_drops_every_session_at_once_is_given_up() -> None:
    live = LiveSession()
    for _ in range(5):
        assert isinstance(live.drop()[-1], OpenUpstream)
        live.come_up()
    assert live.drop()[-1] == EndSession(EndReason.UPSTREAM_CLOSED, 4502, "upstream_closed")


def test_a_session_that_lived_well_has_all_its_retries_again() -> None:
    live = LiveSession()
    for drop in range(12):
        live.now = drop * 10.0
        dial = live.drop()[-1]
        assert isinstance(dial, OpenUpstream)
        assert dial.delay_s < 0.6
        live.come_up()


@pytest.mark.parametrize(
    ("provider_code", "code"),
    [
        ("invalid_api_key", "upstream_auth"),
        ("insufficient_quota", "upstream_quota"),
        ("model_not_found", "upstream_model"),
        ("beta_api_shape_disabled", "upstream_refused"),
    ],
)
def test_a_refusal_in_the_set_up_is_told_in_our_words(provider_code: str, code: str) -> None:
    session = Session(make_setup(), 0.0)
    session.open()
    session.upstream_opened(0.0)
    effects = session.receive_from_upstream(events.text(events.error(provider_code)), 0.0)
    (error,) = to_client(effects)
    assert error["error"]["code"] == code
    assert "As the provider says it" not in error["error"]["message"]
    assert isinstance(effects[-1], EndSession)


def test_a_close_in_the_set_up_is_told_in_our_words() -> None:
    for reason, code in (("x.invalid_api_key", "upstream_auth"), ("bye", "upstream_closed")):
        session = Session(make_setup(), 0.0)
        session.open()
        session.upstream_opened(0.0)
        effects = session.upstream_closed(4000, reason, 0.0)
        assert effects[-1] == EndSession(EndReason.UPSTREAM_ERROR, 4502, code)


def test_a_refused_set_up_of_a_redial_is_tried_again_when_that_may_help() -> None:
    live = LiveSession()
    live.drop()
    live.session.upstream_opened(0.0)
    busy = events.error("rate_limit_exceeded", error_type="rate_limit_error")
    assert isinstance(live.feed(busy)[-1], OpenUpstream)


def test_an_error_about_something_else_does_not_stop_the_set_up() -> None:
    live = LiveSession()
    live.drop()
    live.session.upstream_opened(0.0)
    live.feed(events.session_created())
    assert live.feed(events.error("x", event_id="another")) == []
    assert live.feed(events.cleared()) == []
    assert live.feed(events.session_created()) == []


def test_our_own_ui_is_told_about_a_redial() -> None:
    live = LiveSession(private_events=True)
    assert to_client(live.drop())[-1]["code"] == "provider_reconnecting"
    assert to_client(live.come_up())[-1]["code"] == "provider_reconnected"


def test_redials_of_many_sessions_are_spread_but_the_same_in_a_replay() -> None:
    def first_delay_s(session_id: str) -> float:
        effects = LiveSession(session_id=session_id).drop()
        assert isinstance(effects[-1], OpenUpstream)
        return effects[-1].delay_s

    assert len({first_delay_s(f"rtc_1_{number}") for number in range(10)}) == 10
    assert first_delay_s("rtc_1_a") == first_delay_s("rtc_1_a")
