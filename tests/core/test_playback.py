"""What of a call's answers was heard, when none of their sound passes us."""

from __future__ import annotations

from realtime.core import names
from realtime.core.limits import SessionLimits
from realtime.core.records import (
    ItemHeard,
    ResponseRecorded,
)
from tests.fakes import events
from tests.fakes.calls import Call, answer, buffer, done
from tests.fakes.sessions import (
    records,
)


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
