from __future__ import annotations

from realtime.core.frames import parse_server_frame
from realtime.core.records import ResponseRecorded
from realtime.core.responses import Responses
from realtime.core.usage import TokenUsage
from tests.fakes import events
from tests.fakes.events import Event


def feed(responses: Responses, now: float, *provider_events: Event) -> list[ResponseRecorded]:
    recorded: list[ResponseRecorded] = []
    for event in provider_events:
        frame = parse_server_frame(events.text(event))
        assert frame is not None
        record = responses.receive(frame, now)
        if record is not None:
            recorded.append(record)
    return recorded


def test_a_response_is_recorded_with_usage_items_and_the_wait_for_its_first_sound() -> None:
    responses = Responses()
    feed(responses, 1.0, events.committed("u1"))
    begin = events.answer_begins("r1", "a1")
    feed(responses, 1.2, *begin[:-1])
    feed(responses, 1.5, begin[-1])
    feed(responses, 1.9, events.audio_delta("r1", "a1"))
    assert [active.response_id for active in responses.active] == ["r1"]
    assert feed(responses, 2.0, *events.answer_ends("r1", "a1", "Hello")) == [
        ResponseRecorded(
            response_id="r1",
            status="completed",
            usage=TokenUsage(input_text=1, input_audio=3, output_text=2, output_audio=3),
            item_ids=("a1",),
            first_audio_ms=500,
        )
    ]
    assert responses.active == ()


def test_a_written_answer_is_timed_from_the_request_to_its_first_text() -> None:
    responses = Responses()
    responses.asked(1.0)
    feed(responses, 1.1, events.response_created("r1"), events.text_delta("r1", "a1", "Hi"))
    (record,) = feed(responses, 2.0, events.response_done("r1"))
    assert record.first_audio_ms == 100


def test_a_response_that_produced_nothing_has_no_first_sound() -> None:
    responses = Responses()
    responses.asked(1.0)
    feed(responses, 1.1, events.response_created("r1"))
    (record,) = feed(responses, 2.0, events.response_done("r1", status="cancelled"))
    assert record.first_audio_ms is None
    assert record.interrupted


def test_a_response_nobody_asked_for_has_no_wait() -> None:
    responses = Responses()
    feed(responses, 1.0, *events.answer_begins("r1", "a1"))
    (record,) = feed(responses, 2.0, events.response_done("r1"))
    assert record.first_audio_ms is None


def test_a_failed_response_carries_its_error_code() -> None:
    failed = events.response_done(
        "r1",
        status="failed",
        status_details={"type": "failed", "error": {"type": "x", "code": "rate_limit_exceeded"}},
        usage=None,
    )
    (record,) = feed(Responses(), 0.0, failed)
    assert (record.status, record.error_code, record.usage) == (
        "failed",
        "rate_limit_exceeded",
        None,
    )


def test_who_asked_for_a_response_is_known() -> None:
    responses = Responses()
    responses.asked(0.0)
    responses.asked(0.0)
    responses.refused()
    feed(responses, 0.0, events.response_created("r1"), events.response_created("r2"))
    assert [active.asked for active in responses.active] == [True, False]
    responses.refused()
    assert len(responses.forget()) == 2
    assert responses.active == ()


def test_malformed_events_change_nothing() -> None:
    responses = Responses()
    feed(responses, 0.0, events.response_created("r1"))
    malformed: list[Event] = [
        {"type": "response.created", "response": {"id": 7}},
        {"type": "response.done", "response": None},
        {"type": "response.output_item.added", "response_id": "r1", "item": {}},
        {"type": "response.output_text.done", "response_id": "r1", "item_id": "unknown"},
        {"type": "response.content_part.added", "response_id": "unknown"},
    ]
    assert feed(responses, 0.0, *malformed) == []
    assert responses.active[0].outputs == {}
