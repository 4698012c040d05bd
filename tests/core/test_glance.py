"""What somebody who looks into a session sees."""

from __future__ import annotations

from realtime.core.effects import EndReason, EndSession
from realtime.core.errors import SessionEnded
from realtime.core.glance import LINE_MAX_CHARS, LINES, Activity
from realtime.core.session import Session
from tests.fakes import events
from tests.fakes.calls import Call, buffer
from tests.fakes.sessions import LiveSession, make_setup, to_client


def test_a_word_for_each_part_of_a_turn() -> None:
    live = LiveSession()
    seen = [live.session.activity(0.0)]

    def after(*heard: events.Event, at: float) -> None:
        live.feed(*heard, at=at)
        seen.append(live.session.activity(at))

    after(events.speech_started("item_u"), at=1)
    after(events.speech_stopped("item_u"), events.committed("item_u"), at=2)
    after(events.response_created("resp_1"), at=3)
    item = events.assistant("item_a", status="in_progress")
    after(events.output_item("added", "resp_1", item), at=4)
    after(events.audio_delta("resp_1", "item_a", audio_ms=2000), at=5)
    after(*events.answer_ends("resp_1", "item_a", "Hello"), at=6)
    assert seen == [
        Activity.LISTENING,
        Activity.USER_SPEAKING,
        Activity.LISTENING,
        Activity.THINKING,
        Activity.THINKING,
        Activity.SPEAKING,
        Activity.SPEAKING,  # made, and still to be heard
    ]
    assert live.session.activity(8.0) is Activity.LISTENING
    live.say({"type": "response.create"}, at=9.0)
    assert live.session.activity(9.0) is Activity.THINKING


def test_a_session_that_is_dialling_or_waits_for_its_client_says_so() -> None:
    assert Session(make_setup(), 0.0).activity(0.0) is Activity.CONNECTING
    live = LiveSession(private_events=True)
    live.session.client_closed(1.0, code=1006)
    assert live.session.activity(1.0) is Activity.RECONNECTING


def test_a_call_whose_answer_sounds_at_the_client_is_speaking() -> None:
    call = Call()
    call.feed(buffer("started", "resp_1"))
    assert call.session.activity(call.now) is Activity.SPEAKING


def test_the_last_lines_are_as_far_as_they_have_come() -> None:
    live = LiveSession()
    live.feed(events.item_event("added", events.user_text("item_0", "x" * 5000)))
    for number in range(1, LINES):
        item = events.user_text(f"item_{number}", f"line {number}")
        live.feed(events.item_event("added", item, f"item_{number - 1}"))
    live.feed(*events.answer_begins("resp_1", "item_a", f"item_{LINES - 1}"))
    lines = live.session.latest_lines()
    assert len(lines) == LINES
    assert (lines[0].item_id, lines[-1].item_id) == ("item_1", "item_a")
    assert (lines[-1].text, lines[-1].status, lines[-1].role) == (
        "Hello",
        "in_progress",
        "assistant",
    )
    assert (lines[0].text, lines[0].status, lines[0].is_cut) == ("line 1", "completed", False)
    live.feed(*events.answer_ends("resp_1", "item_a", "Hello, how are you?"))
    live.feed(events.truncated("item_a", 60))
    last = live.session.latest_lines()[-1]
    assert last.text == "Hello, how are you?"
    assert last.heard_text is not None
    assert last.text.startswith(last.heard_text)


def test_a_long_line_is_shown_by_its_beginning() -> None:
    live = LiveSession()
    live.feed(events.item_event("added", events.user_text("item_0", "x" * (LINE_MAX_CHARS + 1))))
    (line,) = live.session.latest_lines()
    assert (len(line.text), line.is_cut) == (LINE_MAX_CHARS, True)


def test_of_a_session_whose_words_are_not_kept_none_is_seen() -> None:
    live = LiveSession(save_transcript=False)
    live.feed(events.item_event("added", events.user_text("item_0", "a secret")))
    assert live.session.latest_lines() == ()


def test_an_administrators_own_words_reach_the_client_before_the_close() -> None:
    live = LiveSession()
    why = SessionEnded("The session was ended by an administrator: shift is over")
    effects = live.session.end(EndReason.ADMIN_ENDED, 1.0, why)
    (told,) = to_client(effects)
    assert told["error"]["message"].endswith("by an administrator: shift is over")
    assert effects[-1] == EndSession(EndReason.ADMIN_ENDED, 4410, "session_ended")
