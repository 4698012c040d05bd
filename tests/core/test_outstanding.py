from __future__ import annotations

from realtime.core import outstanding as outstanding_module
from realtime.core.frames import Frame, parse_client_frame, parse_server_frame
from realtime.core.outstanding import Outstanding
from tests.fakes import events
from tests.fakes.events import Event


def client(event: Event) -> Frame:
    return parse_client_frame(events.text(event))


def provider(event: Event) -> Frame:
    frame = parse_server_frame(events.text(event))
    assert frame is not None
    return frame


RESPOND = client({"type": "response.create"})
RESPOND_NAMED = client({"type": "response.create", "event_id": "c1"})
CREATE = client({"type": "conversation.item.create", "item": {"type": "message"}})
CREATE_NAMED = client({"type": "conversation.item.create", "item": {"id": "t1"}})
APPEND = client({"type": "input_audio_buffer.append", "audio": ""})


def remembering(*frames: Frame) -> Outstanding:
    outstanding = Outstanding()
    for frame in frames:
        outstanding.sent(frame)
    return outstanding


def test_what_was_never_answered_is_sent_again_before_what_never_left() -> None:
    outstanding = remembering(CREATE, APPEND, RESPOND)
    assert outstanding.take([RESPOND.raw, APPEND.raw]) == [CREATE.raw, RESPOND.raw, APPEND.raw]
    assert outstanding.take([]) == []


def test_an_answer_settles_the_oldest_of_its_kind() -> None:
    outstanding = remembering(RESPOND, RESPOND_NAMED)
    assert outstanding.answered(provider(events.response_created("r1"))) == "response.create"
    assert outstanding.answered(provider(events.session_updated())) is None
    assert outstanding.take([]) == [RESPOND_NAMED.raw]


def test_an_added_item_settles_the_event_that_named_it() -> None:
    outstanding = remembering(CREATE, CREATE_NAMED)
    added = events.item_event("added", events.user_text("t1", "Hi"))
    assert outstanding.answered(provider(added)) == "conversation.item.create"
    assert outstanding.take([]) == [CREATE.raw]


def test_an_item_given_its_id_by_the_provider_settles_the_oldest_without_one() -> None:
    outstanding = remembering(CREATE_NAMED, CREATE)
    outstanding.answered(provider(events.item_event("added", events.user_text("new", "Hi"))))
    assert outstanding.take([]) == [CREATE_NAMED.raw]


def test_items_that_the_provider_makes_itself_settle_nothing() -> None:
    outstanding = remembering(CREATE)
    for item in (
        events.user_speech("u1"),
        events.function_call("f1"),
        events.assistant("a1", status="in_progress"),
    ):
        assert outstanding.answered(provider(events.item_event("added", item))) is None
    assert outstanding.take([]) == [CREATE.raw]


def test_an_error_settles_the_event_it_names() -> None:
    outstanding = remembering(RESPOND, RESPOND_NAMED)
    assert outstanding.answered(provider(events.error("x", event_id="c1"))) == "response.create"
    assert outstanding.answered(provider(events.error("x"))) is None
    active = events.error("conversation_already_has_active_response")
    assert outstanding.answered(provider(active)) == "response.create"
    assert outstanding.take([]) == []


def test_memory_is_bounded() -> None:
    outstanding = remembering(*[RESPOND_NAMED] * (outstanding_module._MAX_EVENTS + 5))
    assert len(outstanding.take([])) == outstanding_module._MAX_EVENTS
