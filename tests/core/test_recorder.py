from __future__ import annotations

from realtime.core.recorder import Recorder
from realtime.core.records import (
    ItemCompleted,
    ItemDeleted,
    ItemHeard,
    ItemKind,
    ItemOpened,
    ItemSource,
    ItemStatus,
    Role,
    TranscriptionRecorded,
)
from realtime.core.usage import TokenUsage
from tests.fakes import events
from tests.fakes.events import Event
from tests.fakes.recorders import feed, order


def test_a_user_item_opens_at_speech_start_and_is_filled_by_its_transcript() -> None:
    recorder = Recorder()
    assert feed(recorder, events.speech_started("u1")) == [
        ItemOpened("u1", Role.USER, ItemKind.MESSAGE, ItemSource.VOICE)
    ]
    assert (
        feed(
            recorder,
            events.transcription_delta("u1", "Hel"),
            events.speech_stopped("u1"),
            events.committed("u1"),
            events.item_event("added", events.user_speech("u1")),
            events.item_event("done", events.user_speech("u1")),
        )
        == []
    )
    assert feed(recorder, events.transcription_completed("u1", " Hello. ")) == [
        ItemCompleted("u1", " Hello. ", ItemStatus.COMPLETED),
        TranscriptionRecorded("u1", None, 3.0),
    ]


def test_an_item_moves_behind_the_predecessor_it_is_added_with() -> None:
    recorder = Recorder()
    feed(recorder, events.item_event("added", events.user_text("t1", "Hi")))
    feed(recorder, events.speech_started("u1"))
    feed(recorder, events.item_event("added", events.user_text("t2", "And"), "t1"))
    assert order(recorder) == ["t1", "t2", "u1"]
    moved = feed(recorder, events.committed("u1", "t1"))
    assert moved == [
        ItemOpened("u1", Role.USER, ItemKind.MESSAGE, ItemSource.VOICE, previous_item_id="t1")
    ]
    assert order(recorder) == ["t1", "u1", "t2"]
    assert feed(recorder, events.item_event("added", events.user_speech("u1"), "t1")) == []


def test_push_to_talk_opens_its_item_when_it_is_committed() -> None:
    recorder = Recorder()
    (opened,) = feed(recorder, events.committed("u1"))
    assert isinstance(opened, ItemOpened)


def test_speech_that_is_cleared_before_it_was_committed_is_deleted() -> None:
    recorder = Recorder()
    feed(recorder, events.speech_started("u1"))
    assert feed(recorder, events.cleared()) == [ItemDeleted("u1")]
    feed(recorder, events.speech_started("u2"), events.committed("u2"))
    assert feed(recorder, events.cleared()) == []


def test_a_failed_transcription_keeps_what_was_understood() -> None:
    recorder = Recorder()
    feed(recorder, events.speech_started("u1"), events.transcription_delta("u1", "Turn on"))
    assert feed(recorder, events.transcription_failed("u1")) == [
        ItemCompleted("u1", "Turn on", ItemStatus.FAILED)
    ]


def test_a_typed_message_is_complete_when_it_is_added() -> None:
    recorder = Recorder(text_source=ItemSource.API)
    assert feed(recorder, events.item_event("added", events.user_text("t1", "Hi"))) == [
        ItemOpened("t1", Role.USER, ItemKind.MESSAGE, ItemSource.API, text="Hi"),
        ItemCompleted("t1", "Hi", ItemStatus.COMPLETED),
    ]
    assert feed(recorder, events.item_event("done", events.user_text("t1", "Hi"))) == []


def test_a_message_added_unfinished_is_complete_when_it_is_done() -> None:
    recorder = Recorder()
    unfinished = {**events.user_text("t1", "Hi"), "status": "in_progress"}
    assert len(feed(recorder, events.item_event("added", unfinished))) == 1
    assert feed(recorder, events.item_event("done", events.user_text("t1", "Hi"))) == [
        ItemCompleted("t1", "Hi", ItemStatus.COMPLETED)
    ]


def test_messages_of_several_parts_and_roles_are_recorded() -> None:
    recorder = Recorder()
    system: Event = {
        "id": "s1",
        "type": "message",
        "role": "system",
        "content": [{"type": "input_text", "text": "Be kind."}, {"type": "input_image"}, 7],
    }
    opened, _ = feed(recorder, events.item_event("added", system))
    assert opened == ItemOpened(
        "s1", Role.SYSTEM, ItemKind.MESSAGE, ItemSource.TEXT, text="Be kind."
    )
    spoken = events.user_speech("u1", "Given transcript")
    assert feed(recorder, events.item_event("added", spoken))[1] == ItemCompleted(
        "u1", "Given transcript", ItemStatus.COMPLETED
    )


def test_an_answer_is_recorded_when_its_transcript_is_done() -> None:
    recorder = Recorder()
    assert feed(recorder, *events.answer_begins("r1", "a1")) == [
        ItemOpened("a1", Role.ASSISTANT, ItemKind.MESSAGE, ItemSource.VOICE)
    ]
    assert feed(recorder, events.transcript_done("r1", "a1", "Hello there.")) == [
        ItemCompleted("a1", "Hello there.", ItemStatus.COMPLETED)
    ]
    item = events.assistant("a1", "Hello there.")
    assert (
        feed(
            recorder,
            events.item_event("done", item),
            events.output_item("done", "r1", item),
            events.response_done("r1", item),
        )
        == []
    )


def test_a_written_answer_is_marked_as_text() -> None:
    recorder = Recorder(text_source=ItemSource.TEXT)
    item = events.assistant("a1", status="in_progress")
    (opened, completed) = feed(
        recorder,
        events.response_created("r1", "text"),
        events.output_item("added", "r1", item),
        events.item_event("added", item),
        events.text_delta("r1", "a1", "Hel"),
        events.text_done("r1", "a1", "Hello."),
        events.response_done("r1", events.assistant("a1", "Hello.")),
    )
    assert isinstance(opened, ItemOpened)
    assert opened.source is ItemSource.TEXT
    assert completed == ItemCompleted("a1", "Hello.", ItemStatus.COMPLETED)


def test_a_cancelled_answer_keeps_its_partial_text_as_incomplete() -> None:
    recorder = Recorder()
    feed(recorder, *events.answer_begins("r1", "a1"))
    assert feed(recorder, events.response_done("r1", status="cancelled")) == [
        ItemCompleted("a1", "Hello", ItemStatus.INCOMPLETE)
    ]


def test_a_final_of_an_answer_that_turns_out_cut_becomes_incomplete() -> None:
    recorder = Recorder()
    feed(recorder, *events.answer_begins("r1", "a1"))
    feed(recorder, events.transcript_done("r1", "a1", "Hello"))
    cut = events.assistant("a1", "Hello", status="incomplete")
    assert feed(recorder, events.item_event("done", cut)) == [
        ItemCompleted("a1", "Hello", ItemStatus.INCOMPLETE)
    ]


def test_a_failed_response_fails_its_open_items() -> None:
    recorder = Recorder()
    feed(recorder, *events.answer_begins("r1", "a1"))
    assert feed(recorder, events.response_done("r1", status="failed")) == [
        ItemCompleted("a1", "Hello", ItemStatus.FAILED)
    ]


def test_a_provider_that_sends_finals_only_in_the_items_is_recorded_too() -> None:
    recorder = Recorder()
    feed(recorder, *events.answer_begins("r1", "a1"))
    assert feed(recorder, events.response_done("r1", events.assistant("a1", "Hello you"))) == [
        ItemCompleted("a1", "Hello you", ItemStatus.COMPLETED)
    ]


def test_a_truncated_item_tells_what_was_heard_and_keeps_what_was_generated() -> None:
    recorder = Recorder()
    feed(recorder, *events.answer_begins("r1", "a1"))
    feed(
        recorder,
        events.transcript_delta("r1", "a1", " my friend"),
        events.audio_delta("r1", "a1", 200),
        *events.answer_ends("r1", "a1", "Hello my friend"),
    )
    assert feed(recorder, events.truncated("a1", 100)) == [ItemHeard("a1", "Hello", 100)]
    forgotten = events.assistant("a1", "Hello", status="incomplete")
    assert feed(recorder, events.item_event("done", forgotten)) == [
        ItemCompleted("a1", "Hello my friend", ItemStatus.INCOMPLETE)
    ]
    assert feed(recorder, events.truncated("a1", 90)) == [ItemHeard("a1", "", 90)]
    assert feed(recorder, events.truncated("a1", 100)) == [ItemHeard("a1", "Hello", 100)]
    assert recorder.items["a1"].text == "Hello my friend"
    assert recorder.items["a1"].lasting_text == "Hello"


def test_heard_time_never_exceeds_the_audio_there_was() -> None:
    recorder = Recorder()
    feed(recorder, *events.answer_begins("r1", "a1"))
    assert feed(recorder, events.truncated("a1", 5000)) == [ItemHeard("a1", "Hello", 100)]


def test_an_item_truncated_before_its_final_is_heard_anew_when_that_comes() -> None:
    recorder = Recorder()
    feed(recorder, *events.answer_begins("r1", "a1"))
    assert feed(recorder, events.truncated("a1", 60)) == [ItemHeard("a1", "", 60)]
    assert feed(recorder, events.transcript_done("r1", "a1", "Oh hello there you")) == [
        ItemCompleted("a1", "Oh hello there you", ItemStatus.COMPLETED),
        ItemHeard("a1", "Oh hello", 60),
    ]


def test_without_audio_of_its_own_the_named_time_is_kept() -> None:
    recorder = Recorder()
    item = events.assistant("a1", status="in_progress")
    feed(recorder, events.item_event("added", item), events.transcript_delta("r1", "a1", "Hello"))
    assert feed(recorder, events.truncated("a1", 700)) == [ItemHeard("a1", "Hello", 700)]


def test_function_calls_and_their_outputs_are_items() -> None:
    recorder = Recorder()
    call = events.function_call("f1")
    assert feed(
        recorder,
        events.response_created("r1"),
        events.output_item("added", "r1", call),
        events.item_event("added", call),
        events.output_event("function_call_arguments.delta", "r1", "f1", delta='{"ci'),
        events.output_event(
            "function_call_arguments.done", "r1", "f1", call_id="call_1", arguments='{"city":1}'
        ),
        events.item_event("added", events.function_output("o1", "Foggy"), "f1"),
    ) == [
        ItemOpened(
            "f1",
            Role.TOOL,
            ItemKind.FUNCTION_CALL,
            ItemSource.VOICE,
            call_id="call_1",
            name="get_weather",
        ),
        ItemCompleted("f1", '{"city":1}', ItemStatus.COMPLETED),
        ItemOpened(
            "o1",
            Role.TOOL,
            ItemKind.FUNCTION_CALL_OUTPUT,
            ItemSource.TEXT,
            previous_item_id="f1",
            text="Foggy",
            call_id="call_1",
        ),
        ItemCompleted("o1", "Foggy", ItemStatus.COMPLETED),
    ]


def test_answers_out_of_the_conversation_are_recorded_but_not_part_of_it() -> None:
    recorder = Recorder()
    assert feed(recorder, events.response_created("r1"), events.text_delta("r1", "a1", "Hi")) == [
        ItemOpened("a1", Role.ASSISTANT, ItemKind.MESSAGE, ItemSource.TEXT)
    ]
    assert not recorder.items["a1"].in_conversation
    (opened, done) = feed(
        recorder,
        events.output_event(
            "function_call_arguments.done", "r1", "f1", call_id="c", name="f", arguments="{}"
        ),
    )
    assert opened == ItemOpened(
        "f1", Role.TOOL, ItemKind.FUNCTION_CALL, ItemSource.TEXT, call_id="c", name="f"
    )
    assert done == ItemCompleted("f1", "{}", ItemStatus.COMPLETED)


def test_a_deleted_item_is_deleted_once() -> None:
    recorder = Recorder()
    feed(recorder, events.item_event("added", events.user_text("t1", "Hi")))
    assert feed(recorder, events.deleted("t1")) == [ItemDeleted("t1")]
    assert feed(recorder, events.deleted("t1")) == []


def test_items_of_earlier_sessions_are_nobodys_predecessor() -> None:
    recorder = Recorder(foreign_ids=frozenset({"old"}))
    (opened, _) = feed(recorder, events.item_event("added", events.user_text("t1", "Hi"), "old"))
    assert isinstance(opened, ItemOpened)
    assert opened.previous_item_id is None


def test_what_stays_open_when_the_provider_goes_is_settled_as_far_as_it_got() -> None:
    recorder = Recorder()
    feed(
        recorder,
        events.item_event("added", events.user_text("t1", "Hi")),
        events.speech_started("u1"),
        *events.answer_begins("r1", "a1"),
    )
    assert recorder.settle() == [
        ItemCompleted("u1", "", ItemStatus.FAILED),
        ItemCompleted("a1", "Hello", ItemStatus.INCOMPLETE),
    ]
    assert recorder.settle() == []


def test_transcription_tokens_are_recorded() -> None:
    recorder = Recorder()
    usage = {"type": "tokens", "input_tokens": 9, "input_token_details": {"audio_tokens": 9}}
    transcribed = {**events.transcription_completed("u1", "Hi"), "usage": usage}
    assert feed(recorder, transcribed)[-1] == TranscriptionRecorded(
        "u1", TokenUsage(input_audio=9), None
    )


def test_an_item_behind_itself_is_put_at_the_end() -> None:
    recorder = Recorder()
    feed(
        recorder,
        events.item_event("added", events.user_text("t1", "Hi")),
        events.item_event("added", events.user_text("t2", "Ho"), "t1"),
        events.item_event("added", events.user_text("t1", "Hi"), "t1"),
    )
    assert order(recorder) == ["t2", "t1"]


def test_malformed_events_record_nothing_and_raise_nothing() -> None:
    recorder = Recorder()
    feed(recorder, *events.answer_begins("r1", "a1"))
    malformed: list[Event] = [
        {"type": "input_audio_buffer.speech_started"},
        {"type": "input_audio_buffer.committed", "item_id": 7},
        {"type": "conversation.item.added"},
        {"type": "conversation.item.added", "item": {"id": "m1", "type": "mcp_call"}},
        {"type": "conversation.item.done", "item": {"id": "unknown", "type": "message"}},
        {"type": "conversation.item.truncated", "item_id": "unknown"},
        {"type": "conversation.item.deleted"},
        {"type": "conversation.item.input_audio_transcription.delta", "item_id": "unknown"},
        {"type": "conversation.item.input_audio_transcription.delta", "item_id": "a1"},
        {"type": "conversation.item.input_audio_transcription.completed", "item_id": "u9"},
        {"type": "conversation.item.input_audio_transcription.completed", "transcript": "x"},
        {"type": "conversation.item.input_audio_transcription.failed", "item_id": "unknown"},
        {"type": "response.created", "response": {"output_modalities": ["text"]}},
        {"type": "response.output_item.added", "item": {"id": 7}},
        {"type": "response.output_text.delta", "delta": "x"},
        {"type": "response.output_text.delta", "item_id": "a1"},
        {"type": "response.output_audio.delta", "delta": "x"},
        {"type": "response.output_audio.delta", "item_id": "a1", "delta": 7},
        {"type": "response.output_text.done", "item_id": "a1"},
        {"type": "response.done"},
        {"type": "some.new.event"},
    ]
    assert feed(recorder, *malformed) == []
    assert order(recorder) == ["a1"]
