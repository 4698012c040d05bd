"""When a user's quota is used up the answer in the air finishes, and nothing begins after it."""

from __future__ import annotations

from realtime.core.allowance import ANSWER_MAX_S, Allowance, Quota, QuotaLow
from realtime.core.effects import EndReason, EndSession, SendClient
from realtime.core.records import ItemCompleted, ResponseRecorded
from realtime.core.session import Session
from tests.fakes import events
from tests.fakes.calls import end_of
from tests.fakes.sessions import LiveSession, make_setup, only_error, records, to_client, types

MINUTES_LOW = QuotaLow(Quota.MINUTES, 83, 240.0)
MONEY_LOW = QuotaLow(Quota.MONEY, 90, "1.20")


def test_while_more_can_be_had_there_is_no_deadline() -> None:
    live = LiveSession()
    before = live.session.next_deadline()
    assert live.session.allow(Allowance(), 1.0) == []
    assert live.session.next_deadline() == before


def test_voice_time_that_is_over_ends_a_silent_session_with_its_reason() -> None:
    live = LiveSession()
    live.session.allow(Allowance(voice_until=9.0), 1.0)
    assert live.session.next_deadline() == 9.0
    assert live.session.tick(8.9) == []
    effects = live.session.tick(9.0)
    (error,) = to_client(effects)
    assert error["error"]["code"] == "quota_exhausted"
    assert effects[-1] == EndSession(EndReason.BUDGET_EXHAUSTED, 4402, "quota_exhausted")


def test_whichever_quota_is_used_up_first_ends_the_session() -> None:
    live = LiveSession()
    live.session.allow(Allowance(voice_until=9.0, is_money_spent=True), 1.0)
    assert live.session.next_deadline() == 1.0
    live.session.allow(Allowance(voice_until=0.5, is_money_spent=True), 1.0)
    assert live.session.next_deadline() == 0.5


def test_voice_time_that_others_gave_back_moves_the_deadline() -> None:
    live = LiveSession()
    live.session.allow(Allowance(voice_until=9.0), 1.0)
    live.session.allow(Allowance(voice_until=30.0), 8.0)
    assert live.session.tick(10.0) == []
    assert live.session.next_deadline() == 30.0


def test_the_answer_in_the_air_finishes_is_stored_whole_and_played() -> None:
    live = LiveSession()
    live.feed(*events.answer_begins("resp_1", "item_a"), at=8.0)
    live.session.allow(Allowance(voice_until=9.0), 8.0)
    live.feed(events.audio_delta("resp_1", "item_a", audio_ms=4000), at=8.5)
    assert live.session.tick(9.5) == []
    effects = live.feed(*events.answer_ends("resp_1", "item_a", "A whole sentence."), at=10.0)
    stored = [record for record in records(effects) if isinstance(record, ItemCompleted)]
    assert [record.text for record in stored] == ["A whole sentence."]
    assert [r.status for r in records(effects) if isinstance(r, ResponseRecorded)] == ["completed"]
    assert live.session.next_deadline() == 12.5
    assert end_of(live.session.tick(12.5)) is EndReason.BUDGET_EXHAUSTED


def test_an_answer_that_was_asked_for_in_time_is_in_the_air() -> None:
    live = LiveSession()
    live.session.allow(Allowance(voice_until=9.0), 1.0)
    live.say({"type": "response.create"}, at=8.9)
    assert live.session.tick(9.0) == []
    effects = live.feed(*events.answer_begins("resp_1", "item_a"), at=9.1)
    assert "response.created" in types(to_client(effects))
    live.feed(*events.answer_ends("resp_1", "item_a", "Yes."), at=9.5)
    assert end_of(live.session.tick(9.5)) is EndReason.BUDGET_EXHAUSTED


def test_an_answer_without_an_end_is_cut_in_the_end() -> None:
    live = LiveSession()
    live.feed(*events.answer_begins("resp_1", "item_a"), at=8.0)
    live.session.allow(Allowance(voice_until=9.0), 8.0)
    assert live.session.next_deadline() == 9.0 + ANSWER_MAX_S
    assert end_of(live.session.tick(9.0 + ANSWER_MAX_S)) is EndReason.BUDGET_EXHAUSTED


def test_no_answer_begins_once_the_money_is_spent() -> None:
    live = LiveSession()
    live.feed(*events.answer_begins("resp_1", "item_a"), at=1.0)
    live.session.allow(Allowance(is_money_spent=True), 2.0)
    live.session.allow(Allowance(is_money_spent=True), 3.0)  # told again, spent at the same time
    refused = only_error(live.say({"type": "response.create", "event_id": "mine"}, at=3.0))
    assert (refused["code"], refused["event_id"]) == ("quota_exhausted", "mine")
    effects = live.feed(events.response_created("resp_2"))
    assert end_of(effects) is EndReason.BUDGET_EXHAUSTED
    assert not any(isinstance(effect, SendClient) and "resp_2" in effect.raw for effect in effects)


def test_money_that_came_back_lets_answers_begin_again() -> None:
    live = LiveSession()
    live.session.allow(Allowance(is_money_spent=True), 2.0)
    live.session.allow(Allowance(), 2.5)
    assert types(to_client(live.feed(events.response_created("resp_1"), at=3.0))) == [
        "response.created"
    ]


def test_a_client_of_ours_is_told_of_each_quota_once() -> None:
    live = LiveSession(private_events=True)
    both = Allowance(low=(MINUTES_LOW, MONEY_LOW))
    minutes, money = to_client(live.session.allow(both, 1.0))
    assert minutes.pop("event_id") != money.pop("event_id")
    assert minutes == {
        "type": "voiceassist.quota.notice",
        "quota": "minutes",
        "used_percent": 83,
        "left_s": 240.0,
    }
    assert (money["used_percent"], money["left_usd"]) == (90, "1.20")
    assert live.session.allow(both, 2.0) == []


def test_an_official_sdk_is_told_nothing() -> None:
    assert LiveSession().session.allow(Allowance(low=(MINUTES_LOW,)), 1.0) == []


def test_an_ended_session_takes_no_allowance() -> None:
    live = LiveSession(private_events=True)
    live.session.end(EndReason.ADMIN_ENDED, 1.0)
    assert live.session.allow(Allowance(low=(MINUTES_LOW,)), 2.0) == []


def test_a_session_that_has_not_begun_waits_for_its_greeting_first() -> None:
    live = LiveSession(Session(make_setup(), 0.0))
    live.session.open()
    live.session.allow(Allowance(voice_until=0.0), 0.0)
    assert end_of(live.session.tick(1.0)) is None
    live.come_up()
    assert end_of(live.session.tick(1.0)) is EndReason.BUDGET_EXHAUSTED
