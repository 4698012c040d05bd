"""A client that can resume: what its lost line does to the session, and what its return does."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from realtime.core.effects import DetachClient, EndReason, EndSession, SendClient
from realtime.core.limits import SessionLimits
from realtime.core.records import ItemCompleted, ItemStatus
from realtime.core.session import Session
from tests.fakes import events
from tests.fakes.sessions import LiveSession, make_setup, records, to_client, types


def test_a_line_that_broke_detaches_the_session_and_hanging_up_ends_it() -> None:
    for code in (1001, 1005, 1006, 1011):
        live = LiveSession(private_events=True)
        assert live.session.client_closed(1.0, code) == [DetachClient()]
        assert live.session.detached
        assert live.session.client_closed(2.0, 1000) == []
    live = LiveSession(private_events=True)
    assert live.session.client_closed(1.0, 1000) == [
        EndSession(EndReason.USER_HANGUP, 1000, "user_hangup")
    ]
    assert not live.session.detached


@pytest.mark.parametrize("code", [1002, 1007, 1009])
def test_a_client_that_broke_the_rules_does_not_come_back(code: int) -> None:
    live = LiveSession(private_events=True)
    (end,) = live.session.client_closed(1.0, code)
    assert isinstance(end, EndSession)
    assert end.reason is EndReason.CLIENT_LOST


@pytest.mark.parametrize(
    "setup",
    [
        {"private_events": False},
        {"private_events": True, "limits": SessionLimits(resume_s=0)},
    ],
)
def test_only_our_own_client_can_resume_and_only_where_it_is_offered(
    setup: dict[str, Any],
) -> None:
    live = LiveSession(**setup)
    (end,) = live.session.client_closed(1.0, 1006)
    assert isinstance(end, EndSession)


def test_a_client_that_never_saw_the_session_has_nothing_to_resume() -> None:
    session = Session(make_setup(private_events=True), 0.0)
    session.open()
    assert not session.can_resume
    (end,) = session.client_closed(1.0, 1006)
    assert end == EndSession(EndReason.CLIENT_LOST, 1000, "client_lost")


def test_an_answer_goes_on_while_nobody_is_there() -> None:
    live = LiveSession(private_events=True)
    live.feed(*events.answer_begins("r1", "a1"))
    live.session.client_closed(1.0, 1006)
    effects = live.feed(*events.answer_ends("r1", "a1", "Hello there."), at=2.0)
    assert ItemCompleted("a1", "Hello there.", ItemStatus.COMPLETED) in records(effects)
    assert types(to_client(effects))[-1] == "response.done"


def test_a_client_that_does_not_come_back_in_time_was_lost() -> None:
    live = LiveSession(private_events=True, limits=SessionLimits(resume_s=60, idle_timeout_s=0))
    live.session.client_closed(10.0, 1006)
    assert live.session.next_deadline() == 70.0
    assert live.session.tick(69.9) == []
    assert live.session.tick(70.0) == [EndSession(EndReason.CLIENT_LOST, 1000, "client_lost")]
    assert not live.session.detached


def test_the_cap_and_idleness_hold_while_nobody_is_there() -> None:
    live = LiveSession(private_events=True, limits=SessionLimits(max_duration_s=30))
    live.session.client_closed(10.0, 1006)
    (*_, end) = live.session.tick(30.0)
    assert end == EndSession(EndReason.MAX_DURATION, 1001, "session_expired")
    live = LiveSession(private_events=True, limits=SessionLimits(idle_timeout_s=20))
    live.session.client_closed(10.0, 1006)
    (end,) = live.session.tick(20.0)
    assert end == EndSession(EndReason.IDLE_TIMEOUT, 1000, "idle_timeout")


@pytest.mark.parametrize("recovered", [True, False])
def test_a_client_that_returns_is_told_first_whether_it_gets_everything(recovered: bool) -> None:
    live = LiveSession(private_events=True)
    live.session.client_closed(10.0, 1006)
    (greeting,) = to_client(live.session.client_resumed(20.0, recovered=recovered))
    assert greeting["type"] == "voiceassist.session.resumed"
    assert greeting["recovered"] is recovered
    assert greeting["session_id"] == "rtc_1_abc"
    assert greeting["event_id"]
    assert not live.session.detached
    assert live.session.tick(71.0) == []


def test_a_line_that_was_taken_over_is_told_why() -> None:
    live = LiveSession(private_events=True)
    (error,) = to_client(live.session.client_superseded())
    assert error["error"]["code"] == "superseded"


def test_a_session_that_ended_cannot_be_resumed() -> None:
    live = LiveSession(private_events=True)
    live.session.end(EndReason.ADMIN_ENDED, 1.0)
    assert live.session.client_resumed(2.0, recovered=True) == []


def test_a_run_that_replaces_a_lost_one_says_so_before_anything_else() -> None:
    live = LiveSession(private_events=True, replaces_lost=True)
    resumed, created = to_client(live.opening)
    assert (resumed["type"], resumed["recovered"]) == ("voiceassist.session.resumed", False)
    assert created["type"] == "session.created"


def test_every_event_of_a_session_that_can_be_resumed_has_an_id_of_its_own() -> None:
    live = LiveSession(private_events=True)
    effects = [*live.opening]
    effects += live.feed(
        {"type": "a.new.event"}, {"type": "a.new.event", "event_id": 7}, events.cleared()
    )
    effects += live.say("not json")
    effects += live.session.audio_dropped(1.0)
    effects += live.drop()
    sent = [effect for effect in effects if isinstance(effect, SendClient)]
    assert len(sent) == 7
    assert len({effect.event_id for effect in sent}) == len(sent)
    for effect in sent:
        assert orjson.loads(effect.raw)["event_id"] == effect.event_id != ""


def test_two_runs_of_one_session_use_no_event_id_twice() -> None:
    def own_ids(run_id: str) -> set[str]:
        live = LiveSession(private_events=True, run_id=run_id)
        return {event["event_id"] for event in to_client(live.say("x", "y", "z"))}

    assert own_ids("one").isdisjoint(own_ids("two"))
