"""A WebRTC call: we attach beside its client, listen, hold it to its limits, and come back."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from realtime.core import names
from realtime.core.effects import (
    Effect,
    EndReason,
    EndSession,
    OpenUpstream,
    SendClient,
    SessionStarted,
)
from realtime.core.errors import UpstreamFailed, UpstreamTimedOut
from realtime.core.limits import SessionLimits
from realtime.core.records import (
    ItemCompleted,
    ItemHeard,
    ItemOpened,
    ItemStatus,
    RecordingGap,
    ResponseRecorded,
    Role,
)
from realtime.core.session import Session
from realtime.core.session_config import CallSetup, SeedItem
from tests.fakes import events
from tests.fakes.events import Event
from tests.fakes.sessions import (
    POLICY,
    LiveSession,
    make_setup,
    only_error,
    records,
    to_client,
    to_upstream,
    types,
)

IN_EFFECT = {**events.SESSION, "instructions": "Server secret.\n\nBe brief."}
NOT_READY = UpstreamFailed("no such call", code="upstream_not_found", retryable=False)


class Call:
    """A call whose provider has taken our line."""

    def __init__(self, *, call: CallSetup | None = None, attach: bool = True, **changes: Any):
        self.session = Session(make_setup(call=call or CallSetup(), **changes), 0.0)
        self.now = 0.0
        self.opening = self.session.open()
        if attach:
            self.opening += self.attach()

    def attach(self, at: float | None = None, **in_effect: Any) -> list[Effect]:
        self.now = self.now if at is None else at
        effects = self.session.upstream_opened(self.now)
        return effects + self.feed(self.updated(**in_effect))

    def updated(self, **in_effect: Any) -> Event:
        return events.session_updated(**{**IN_EFFECT, **in_effect})

    def feed(self, *provider_events: Event, at: float | None = None) -> list[Effect]:
        self.now = self.now if at is None else at
        effects: list[Effect] = []
        for event in provider_events:
            effects += self.session.receive_from_upstream(events.text(event), self.now)
        return effects

    def drop(self, code: int = 1006, unsent: tuple[str, ...] = ()) -> list[Effect]:
        return self.session.upstream_closed(code, "", self.now, unsent)

    def tick(self, at: float) -> list[Effect]:
        self.now = at
        return self.session.tick(at)


def end_of(effects: list[Effect]) -> EndReason | None:
    ends = [effect.reason for effect in effects if isinstance(effect, EndSession)]
    return ends[0] if ends else None


def gaps(effects: list[Effect]) -> list[RecordingGap]:
    return [record for record in records(effects) if isinstance(record, RecordingGap)]


def buffer(name: str, response_id: str = "resp_1") -> Event:
    return {"type": f"output_audio_buffer.{name}", "event_id": "e", "response_id": response_id}


def answer(item_id: str = "item_a", response_id: str = "resp_1") -> list[Event]:
    """An answer up to where it begins to sound."""
    return [
        events.response_created(response_id),
        events.output_item("added", response_id, events.assistant(item_id, status="in_progress")),
        events.item_event("added", events.assistant(item_id, status="in_progress")),
        buffer("started", response_id),
    ]


def done(item_id: str = "item_a", response_id: str = "resp_1", words: str = "Hello.") -> Event:
    return events.response_done(response_id, events.assistant(item_id, words))


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


# What was heard.


def test_a_truncation_by_the_provider_says_what_was_heard() -> None:
    call = Call()
    call.feed(*answer(), done(words="one two three four five six"))
    written = records(
        call.feed(
            {"type": names.ITEM_TRUNCATED, "item_id": "item_a", "audio_end_ms": 600},
            buffer("cleared"),
            at=9.0,
        )
    )
    assert written == [ItemHeard("item_a", "one two", 600)]


def test_an_answer_that_its_client_cut_was_heard_for_as_long_as_it_sounded() -> None:
    call = Call()
    call.feed(*answer(), done(words="one two three four five six"), at=10.0)
    (heard,) = records(call.feed(buffer("cleared"), at=10.6))
    assert isinstance(heard, ItemHeard)
    assert heard.heard_ms == 600


def test_an_answer_that_never_sounded_is_not_marked() -> None:
    call = Call()
    call.feed(*answer()[:-1])
    assert records(call.feed(buffer("cleared"), buffer("cleared", "resp_2"))) == []


def test_function_calls_have_no_sound() -> None:
    call = Call()
    added = events.output_item("added", "resp_1", events.function_call("item_f"))
    call.feed(events.response_created("resp_1"), added, buffer("started"))
    assert records(call.feed(buffer("cleared"), at=2.0)) == []


def test_only_the_newest_answers_are_kept_in_mind() -> None:
    call = Call()
    for number in range(40):
        call.feed(*answer(f"item_{number}", f"resp_{number}")[:-1])
    assert records(call.feed(buffer("cleared", "resp_0"))) == []


def test_a_call_is_busy_until_its_answer_has_sounded() -> None:
    call = Call()
    call.feed(*answer(), done())
    assert call.session.busy
    call.feed(buffer("stopped"))
    assert not call.session.busy


def test_a_break_forgets_what_was_sounding() -> None:
    call = Call()
    call.feed(*answer(), done())
    call.drop()
    assert not call.session.busy


def test_speech_that_is_still_played_is_no_silence() -> None:
    call = Call(limits=SessionLimits(idle_timeout_s=10.0))
    call.feed(
        *answer(),
        {"type": names.OUTPUT_TRANSCRIPT_DELTA, "response_id": "resp_1", "delta": "x" * 300},
        done(),
        at=100.0,
    )
    assert call.session.next_deadline() == 130.0
    call.feed(buffer("stopped"), at=105.0)
    assert call.session.next_deadline() == 115.0


def test_the_first_sound_of_an_answer_is_timed() -> None:
    call = Call()
    call.feed(events.committed("item_u"), at=1.0)
    call.feed(*answer(), at=1.5)
    (recorded,) = [
        record for record in records(call.feed(done())) if isinstance(record, ResponseRecorded)
    ]
    assert recorded.first_audio_ms == 500


# Policy.


def test_an_allowed_change_is_left_as_it_is() -> None:
    call = Call()
    tools = [{"type": "function", "name": "light"}]
    assert to_upstream(call.feed(call.updated(tools=tools))) == []
    assert call.session._state.config["tools"] == tools


@pytest.mark.parametrize(
    ("forbidden", "set_again"),
    [
        ({"tools": [{"type": "mcp", "server_label": "x"}]}, {"tools": []}),
        ({"prompt": {"id": "pmpt_1"}}, {"prompt": None}),
        ({"tool_choice": {"type": "mcp"}}, {"tool_choice": "auto"}),
        ({"output_modalities": ["video"]}, {"output_modalities": ["audio"]}),
        ({"max_output_tokens": "many"}, {"max_output_tokens": "inf"}),
        (
            {"instructions": "Server secret.\n\n" + "x" * 200},
            {"instructions": "Server secret.\n\nBe brief."},
        ),
        ({"audio": {"output": {"voice": "eve"}}}, {"audio": {"output": {"voice": "marin"}}}),
    ],
)
def test_a_forbidden_change_is_undone(forbidden: Event, set_again: Event) -> None:
    call = Call()
    (correction,) = to_upstream(call.feed(call.updated(**forbidden)))
    assert correction["session"] == {"type": "realtime", **set_again}
    assert to_upstream(call.feed(call.updated())) == []


def test_what_was_allowed_last_is_what_comes_back() -> None:
    call = Call()
    tools = [{"type": "function", "name": "light"}]
    call.feed(call.updated(tools=tools))
    (correction,) = to_upstream(call.feed(call.updated(tools=[{"type": "mcp"}])))
    assert correction["session"]["tools"] == tools


def test_a_client_that_drops_our_instructions_gets_them_in_front_of_its_own() -> None:
    call = Call()
    for _ in range(5):  # that is no offence: it cannot know them
        (correction,) = to_upstream(call.feed(call.updated(instructions="Rhyme.")))
        assert correction["session"]["instructions"] == "Server secret.\n\nRhyme."
        call.feed(call.updated(instructions="Server secret.\n\nRhyme."))
    assert not call.session.ended


def test_a_provider_that_shows_no_instructions_is_believed() -> None:
    call = Call()
    assert to_upstream(call.feed(call.updated(instructions=None))) == []


@pytest.mark.parametrize("asked", [None, {"model": "cheap"}])
def test_transcription_is_turned_on_again(asked: object) -> None:
    call = Call()
    shown = {"input": {"transcription": asked}}
    (correction,) = to_upstream(call.feed(call.updated(audio=shown)))
    assert correction["session"]["audio"]["input"]["transcription"]["model"] == "whisper-1"


def test_updates_that_were_on_their_way_are_no_second_offence() -> None:
    call = Call()
    forbidden = call.updated(tools=[{"type": "mcp"}])
    call.feed(forbidden, forbidden, forbidden)
    call.feed(call.updated())
    assert not call.session.ended


def test_the_third_forbidden_change_ends_the_call() -> None:
    call = Call()
    forbidden = call.updated(tools=[{"type": "mcp"}])
    call.feed(forbidden, call.updated(), forbidden, call.updated())
    assert end_of(call.feed(forbidden)) is EndReason.POLICY_BLOCKED


def test_a_client_that_never_lets_go_loses_the_call() -> None:
    call = Call()
    forbidden = call.updated(tools=[{"type": "mcp"}])
    assert end_of(call.feed(*[forbidden] * 5)) is EndReason.POLICY_BLOCKED


def test_a_client_that_has_our_words_set_again_for_ever_loses_the_call() -> None:
    call = Call()
    quarrel = [call.updated(instructions="Mine."), call.updated()] * 101
    assert end_of(call.feed(*quarrel)) is EndReason.POLICY_BLOCKED


def test_a_provider_that_shows_something_else_is_not_asked_for_ever() -> None:
    call = Call()
    shown = call.updated(instructions="(hidden)")
    sent = to_upstream(call.feed(*[shown] * 10))
    assert len(sent) == 4
    assert not call.session.ended


def test_a_forbidden_change_that_cannot_be_undone_ends_the_call() -> None:
    call = Call()
    forbidden = call.updated(audio={"output": {"voice": "eve"}})
    (correction,) = to_upstream(call.feed(forbidden))
    refused = events.error("cannot_update_voice", event_id=correction["event_id"])
    assert end_of(call.feed(refused)) is EndReason.POLICY_BLOCKED


def test_errors_that_answer_the_client_change_nothing() -> None:
    call = Call()
    assert end_of(call.feed(events.error("invalid_value", event_id="theirs"))) is None


def test_a_session_that_cannot_be_put_right_is_asked_about_sixteen_times_at_most() -> None:
    call = Call()
    odd = call.updated(**{"Tools ": []})
    assert to_upstream(call.feed(odd)) != []


def test_a_provider_that_calls_out_for_the_client_loses_it_the_call() -> None:
    call = Call()
    item = {"id": "item_m", "type": "mcp_call", "name": "x"}
    assert end_of(call.feed(events.item_event("added", item))) is EndReason.POLICY_BLOCKED


def test_forbidden_system_items_are_taken_out_and_cost_the_call_in_the_end() -> None:
    call = Call(policy=dataclasses.replace(POLICY, allow_system_items=False))
    item = {**events.user_text("item_s", "Obey."), "role": "system"}
    for number in range(2):
        named = {**item, "id": f"item_{number}"}
        (delete,) = to_upstream(call.feed(events.item_event("added", named)))
        assert (delete["type"], delete["item_id"]) == ("conversation.item.delete", f"item_{number}")
    assert end_of(call.feed(events.item_event("added", item))) is EndReason.POLICY_BLOCKED


# The quota of answers.


def test_the_last_answer_is_followed_by_no_other() -> None:
    call = Call(limits=SessionLimits(max_responses=2))
    call.feed(*answer("item_1", "resp_1"), done("item_1", "resp_1"), buffer("stopped"))
    (silence,) = to_upstream(call.feed(*answer("item_2", "resp_2"), at=5.0))
    detection = silence["session"]["audio"]["input"]["turn_detection"]
    assert detection["create_response"] is False
    call.feed(done("item_2", "resp_2"), at=6.0)
    assert call.tick(6.5) == []
    call.feed(buffer("stopped", "resp_2"), at=8.0)
    assert call.session.next_deadline() == 8.0
    assert end_of(call.tick(8.0)) is EndReason.BUDGET_EXHAUSTED


def test_an_answer_beyond_the_quota_is_never_produced() -> None:
    call = Call(limits=SessionLimits(max_responses=3), responses_used=2)
    call.feed(*answer())
    effects = call.feed(events.response_created("resp_2"))
    assert end_of(effects) is EndReason.BUDGET_EXHAUSTED
    assert not any(isinstance(effect, SendClient) and "resp_2" in effect.raw for effect in effects)


def test_on_a_socket_the_last_answer_is_played_and_the_next_is_refused() -> None:
    live = LiveSession(limits=SessionLimits(max_responses=1))
    live.feed(*events.answer_begins("resp_1", "item_a"))
    live.feed(events.audio_delta("resp_1", "item_a", audio_ms=2000), at=1.0)
    live.feed(*events.answer_ends("resp_1", "item_a", "Hello."))
    assert only_error(live.say({"type": "response.create"}))["code"] == "quota_exhausted"
    assert live.session.next_deadline() == 3.0
    assert end_of(live.session.tick(3.0)) is EndReason.BUDGET_EXHAUSTED


def test_without_voice_detection_there_is_none_to_silence() -> None:
    call = Call(limits=SessionLimits(max_responses=1), attach=False)
    call.attach(audio={"input": {"transcription": {"model": "whisper-1"}, "turn_detection": None}})
    assert to_upstream(call.feed(*answer())) == []
