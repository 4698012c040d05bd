"""A WebRTC call: we attach beside its client, listen, lose the line and come back."""

from __future__ import annotations

import pytest

from realtime.core.effects import (
    Effect,
    EndReason,
    OpenUpstream,
    SessionStarted,
)
from realtime.core.errors import UpstreamFailed, UpstreamTimedOut
from realtime.core.records import (
    ItemCompleted,
    ItemOpened,
    ItemStatus,
    RecordingGap,
    ResponseRecorded,
    Role,
)
from realtime.core.session_config import CallSetup, SeedItem
from tests.fakes import events
from tests.fakes.calls import Call, answer, done, end_of, gaps
from tests.fakes.sessions import (
    records,
    to_client,
    to_upstream,
    types,
)

NOT_READY = UpstreamFailed("no such call", code="upstream_not_found", retryable=False)


# Attaching.


def test_attaching_asks_what_is_in_effect_and_sets_nothing_but_the_transcription() -> None:
    call = Call()
    (update,) = to_upstream(call.opening)
    transcription = {"model": "whisper-1"}
    assert update["type"] == "session.update"
    assert update["session"] == {
        "type": "realtime",
        "audio": {"input": {"transcription": transcription}},
    }


def test_a_call_is_live_once_the_provider_answers_and_its_client_is_told_nothing() -> None:
    call = Call()
    assert SessionStarted() in call.opening
    assert to_client(call.opening) == []


def test_attaching_to_a_call_that_keeps_no_transcript_leaves_its_transcription_alone() -> None:
    call = Call(save_transcript=False, transcription_asked_null=True)
    (update,) = to_upstream(call.opening)
    assert update["session"]["audio"]["input"]["transcription"] is None
    assert to_upstream(call.feed(call.updated(audio={"input": {"transcription": None}}))) == []


def test_a_session_without_input_audio_settings_is_only_asked_for() -> None:
    call = Call(config={"output_modalities": ["audio"]}, attach=False)
    call.session._state.config = {}
    (update,) = to_upstream(call.session.upstream_opened(0.0))
    assert update["session"] == {"type": "realtime"}


def test_history_goes_in_front_of_what_may_have_been_said_already() -> None:
    seed = (SeedItem("item_1", Role.USER, "Hi."), SeedItem("item_2", Role.ASSISTANT, "Hello."))
    created = to_upstream(Call(seed=seed).opening)[1:]
    assert [event["previous_item_id"] for event in created] == ["root", "item_1"]


def test_a_greeting_is_asked_for_once_the_call_is_heard() -> None:
    assert types(to_upstream(Call(greeting=True).opening))[-1] == "response.create"


def test_a_call_that_is_not_ready_is_tried_again_for_a_few_seconds() -> None:
    call = Call(attach=False)
    waited_s = 0.0
    while True:
        effects = call.session.upstream_failed(NOT_READY, waited_s)
        again = [effect for effect in effects if isinstance(effect, OpenUpstream)]
        if not again:
            break
        waited_s += again[0].delay_s
    assert 3.0 < waited_s < 7.0
    assert end_of(effects) is EndReason.UPSTREAM_ERROR
    assert gaps(effects)[0].began_ms_ago == round(waited_s * 1000)


@pytest.mark.parametrize("dropped_at", [None, 100.0])
def test_attempts_that_hang_end_the_call_before_a_quarter_of_a_minute(
    dropped_at: float | None,
) -> None:
    call = Call(attach=dropped_at is not None)
    call.now = began_at = dropped_at or 0.0
    effects = [] if dropped_at is None else call.drop()
    while end_of(effects) is None:
        call.now += 4.0
        effects = call.session.upstream_failed(UpstreamTimedOut("silent"), call.now)
    assert call.now - began_at <= 12.0


def test_a_call_that_the_provider_refuses_is_ended_at_once() -> None:
    refused = UpstreamFailed("no", code="upstream_auth", retryable=False)
    call = Call(attach=False)
    assert end_of(call.session.upstream_failed(refused, 0.1)) is EndReason.UPSTREAM_ERROR


def test_a_dial_that_times_out_is_tried_again() -> None:
    call = Call(attach=False)
    effects = call.session.upstream_failed(UpstreamTimedOut("slow"), 1.0)
    assert isinstance(effects[0], OpenUpstream)


def test_a_provider_that_does_not_answer_the_attaching_is_dialled_again() -> None:
    call = Call(attach=False)
    call.session.upstream_opened(0.0)
    assert isinstance(call.tick(5.0)[0], OpenUpstream)


def test_a_refused_attaching_ends_the_call_and_errors_of_others_do_not() -> None:
    call = Call(attach=False)
    (update,) = to_upstream(call.session.upstream_opened(0.0))
    assert call.feed(events.error("invalid_value")) == []
    refusal = events.error(
        "invalid_value", event_id=update["event_id"], error_type="invalid_request_error"
    )
    refused = call.feed(refusal)
    assert end_of(refused) is EndReason.UPSTREAM_ERROR


def test_what_is_said_while_we_attach_is_recorded() -> None:
    call = Call(attach=False)
    call.session.upstream_opened(0.0)
    heard = call.feed(events.item_event("added", events.user_text("item_u", "Hello.")))
    assert ItemCompleted("item_u", "Hello.", ItemStatus.COMPLETED) in records(heard)


def test_a_call_that_was_attached_late_says_what_may_be_missing() -> None:
    call = Call(attach=False)
    opened, closed = gaps(call.attach(at=3.0))
    assert (opened.began_ms_ago, opened.is_over) == (3000, False)
    assert (closed.item_id, closed.is_over) == (opened.item_id, True)


def test_a_call_that_was_attached_in_time_has_no_gap() -> None:
    assert gaps(Call().opening) == []


# Losing the line, and coming back.


def test_a_line_that_breaks_is_a_gap_until_we_are_back() -> None:
    call = Call()
    broke = call.drop()
    (gap,) = gaps(broke)
    assert any(isinstance(effect, OpenUpstream) for effect in broke)
    back = call.attach()
    assert gaps(back) == [RecordingGap(gap.item_id, is_over=True)]
    assert types(to_upstream(back)) == ["session.update"]
    assert SessionStarted() not in back


def test_what_never_left_is_sent_when_the_line_is_back() -> None:
    call = Call()
    unsent = events.text({"type": "response.create", "event_id": "e1"})
    call.drop(unsent=(unsent,))
    assert types(to_upstream(call.attach())) == ["session.update", "response.create"]


def test_an_answer_that_ends_after_a_break_is_still_counted_and_recorded() -> None:
    call = Call()
    call.feed(*answer())
    call.drop()
    call.attach()
    written = records(call.feed(done(words="Hello there.")))
    assert any(isinstance(record, ResponseRecorded) for record in written)
    assert ItemCompleted("item_a", "Hello there.", ItemStatus.COMPLETED) in written


def test_a_line_that_breaks_again_and_again_ends_the_call() -> None:
    call = Call()
    for _ in call.session.setup.limits.attach_delays_s:
        call.drop()
        call.attach()
    assert end_of(call.drop()) is EndReason.UPSTREAM_CLOSED


def test_a_line_that_held_for_a_while_may_break_as_often_again() -> None:
    call = Call()
    for second in range(20, 400, 20):
        call.now = float(second)
        call.drop()
        call.attach()
    assert not call.session.ended


def test_a_call_that_is_gone_when_we_come_back_has_ended_there() -> None:
    call = Call()
    call.drop()
    effects: list[Effect] = []
    while end_of(effects) is None:
        effects = call.session.upstream_failed(NOT_READY, call.now)
    assert end_of(effects) is EndReason.UPSTREAM_CLOSED
    assert gaps(effects) == []  # it stands there already, and is never closed


@pytest.mark.parametrize("code", [1000, 1005])
def test_a_clean_close_is_the_client_hanging_up(code: int) -> None:
    assert end_of(Call().drop(code)) is EndReason.USER_HANGUP


def test_a_caller_whose_line_broke_has_not_hung_up() -> None:
    assert end_of(Call().drop(1000, reason="caller_lost")) is EndReason.CLIENT_LOST


def test_a_line_that_breaks_while_it_is_opened_is_dialled_again() -> None:
    call = Call(attach=False)
    call.session.upstream_opened(0.0)
    assert isinstance(call.drop(1011)[0], OpenUpstream)


def test_another_process_goes_on_with_a_call_and_says_what_is_missing() -> None:
    seed = (SeedItem("item_1", Role.USER, "Hi."),)
    call = Call(call=CallSetup(resumes=True, unheard_ms=1200), seed=seed, greeting=True)
    opened, closed = gaps(call.opening)
    assert (opened.began_ms_ago, closed.is_over) == (1200, True)
    assert types(to_upstream(call.opening)) == ["session.update"]


def test_items_that_began_while_nobody_listened_are_recorded_when_they_end() -> None:
    call = Call(call=CallSetup(resumes=True))
    written = records(
        call.feed(
            events.item_event("done", events.user_speech("item_u")),
            events.transcription_completed("item_u", "What time is it?"),
            done("item_b", "resp_9", "Noon."),
        )
    )
    opened = [record for record in written if isinstance(record, ItemOpened)]
    assert [record.role for record in opened] == [Role.USER, Role.ASSISTANT]
    texts = [record.text for record in written if isinstance(record, ItemCompleted)]
    assert texts == ["What time is it?", "Noon."]


def test_a_provider_that_reaches_its_own_longest_call_ends_it() -> None:
    assert end_of(Call().feed(events.error("session_expired"))) is EndReason.UPSTREAM_EXPIRED
