"""Items: creating, ordering, retrieving, deleting, and what the mind gets to know of them."""

from __future__ import annotations

import base64
import json

import pytest

from realtime.upstream.embedded.ports import Heard, Origin, Utterance
from tests.embedded.studio import Studio, error_code, find, said, speech_like


@pytest.fixture
def studio() -> Studio:
    return Studio()


def test_the_first_event_shows_the_whole_session(studio: Studio) -> None:
    created = studio.events[0]
    assert created["type"] == "session.created"
    session = created["session"]
    assert session["type"] == "realtime"
    assert session["model"] == "gpt-realtime-2.1"
    assert session["audio"]["output"]["voice"] == "marin"
    assert session["audio"]["input"]["turn_detection"]["silence_duration_ms"] == 500
    assert session["expires_at"] == 1_800_003_600


def test_an_update_merges_deeply_and_echoes_everything(studio: Studio) -> None:
    vad = {"type": "server_vad", "silence_duration_ms": 300}
    events = studio.configure(tracing="auto", audio={"input": {"turn_detection": vad}})
    session = find(events, "session.updated")["session"]
    assert session["tracing"] == "auto"
    assert session["audio"]["input"]["turn_detection"]["silence_duration_ms"] == 300
    assert session["audio"]["input"]["turn_detection"]["prefix_padding_ms"] == 300
    assert session["audio"]["output"]["voice"] == "marin"


def test_semantic_detection_is_accepted_and_null_switches_detection_off(studio: Studio) -> None:
    semantic = {"type": "semantic_vad", "interrupt_response": True}
    session = find(
        studio.configure(audio={"input": {"turn_detection": semantic}}), "session.updated"
    )["session"]
    assert session["audio"]["input"]["turn_detection"]["eagerness"] == "auto"
    session = find(studio.configure(audio={"input": {"turn_detection": None}}), "session.updated")[
        "session"
    ]
    assert session["audio"]["input"]["turn_detection"] is None


@pytest.mark.parametrize(
    ("session", "code", "param"),
    [
        ({"voice": "marin"}, "unknown_parameter", "session.voice"),
        ({"output_modalities": ["text", "audio"]}, "invalid_value", "session.output_modalities"),
        (
            {"audio": {"output": {"voice": "hal"}}},
            "invalid_value",
            "session.audio.output.voice",
        ),
        (
            {"audio": {"input": {"format": {"type": "audio/pcm", "rate": 16000}}}},
            "integer_below_min_value",
            "session.audio.input.format.rate",
        ),
        ({"tools": [{"type": "mcp", "server_label": "x"}]}, "invalid_value", None),
        ({"max_output_tokens": 0}, "integer_below_min_value", "session.max_output_tokens"),
    ],
)
def test_a_wrong_update_changes_nothing(
    studio: Studio, session: dict[str, object], code: str, param: str | None
) -> None:
    events = studio.configure(instructions="changed", **session)
    error = find(events, "error")["error"]
    assert error["code"] == code
    assert param is None or error["param"] == param
    after = find(studio.configure(), "session.updated")["session"]
    assert after["instructions"] != "changed"


def test_an_update_needs_a_type_and_the_error_echoes_the_event_id(studio: Studio) -> None:
    error = find(studio.send("session.update", event_id="c7", session={}), "error")["error"]
    assert error["code"] == "missing_required_parameter"
    assert error["param"] == "session.type"
    assert error["event_id"] == "c7"


@pytest.mark.parametrize("raw", ["", "{", "[]", "null", '{"type": 5}', b"\xff\xfe", '"x"'])
def test_a_frame_that_is_no_event_costs_an_error(studio: Studio, raw: str | bytes) -> None:
    assert error_code(studio.send_raw(raw)) == "invalid_event"
    assert studio.ask("2+2") == "Two plus two is four."


def test_an_unknown_event_is_named_in_the_error(studio: Studio) -> None:
    error = find(studio.send("response.dance", event_id="e"), "error")["error"]
    assert "response.dance" in error["message"]
    assert error["event_id"] == "e"


def test_items_chain_and_go_where_the_client_asks(studio: Studio) -> None:
    def create(item_id: str, previous: str | None) -> str | None:
        content = [{"type": "input_text", "text": item_id}]
        item = {"id": item_id, "type": "message", "role": "user", "content": content}
        fields = {} if previous is None else {"previous_item_id": previous}
        added = find(
            studio.send("conversation.item.create", item=item, **fields),
            "conversation.item.added",
        )
        return added["previous_item_id"]  # type: ignore[no-any-return]

    assert create("one", None) is None
    assert create("two", None) == "one"
    assert create("zero", "root") is None
    assert create("half", "one") == "one"
    studio.send("response.create", response={"output_modalities": ["text"]})
    history = studio.contexts[-1].history
    order = [entry.text for entry in history if isinstance(entry, Utterance)]
    assert order == ["zero", "one", "half", "two"]


def test_an_unknown_predecessor_and_a_taken_id_are_refused(studio: Studio) -> None:
    studio.type_text("hello", id="mine")
    assert error_code(studio.type_text("again", id="mine")) == "item_already_exists"
    item = {"type": "message", "role": "user", "content": []}
    events = studio.send("conversation.item.create", item=item, previous_item_id="nobody")
    assert error_code(events) == "item_create_invalid_previous_item_id"


def test_an_assistant_item_takes_text_and_refuses_audio(studio: Studio) -> None:
    item = {"type": "message", "role": "assistant"}
    spoken = {**item, "content": [{"type": "output_audio", "transcript": "hi"}]}
    assert error_code(studio.send("conversation.item.create", item=spoken)) == "invalid_value"
    written = {**item, "content": [{"type": "output_text", "text": "The sky is green."}]}
    studio.send("conversation.item.create", item=written)
    assert studio.ask("repeat that") == "I said: The sky is green."


def test_a_seeded_history_is_known(studio: Studio) -> None:
    studio.type_text("my name is alice")
    written = [{"type": "output_text", "text": "Nice to meet you, Alice."}]
    item = {"type": "message", "role": "assistant", "content": written}
    studio.send("conversation.item.create", item=item)
    assert studio.ask("What's my name?") == "Your name is Alice."


def test_a_deleted_item_is_forgotten(studio: Studio) -> None:
    studio.type_text("my name is alice", id="secret")
    deleted = studio.send("conversation.item.delete", item_id="secret")
    assert find(deleted, "conversation.item.deleted")["item_id"] == "secret"
    assert studio.ask("what is my name") == "You have not told me your name yet."
    again = studio.send("conversation.item.delete", item_id="secret")
    assert error_code(again) == "item_delete_invalid_item_id"


def test_a_retrieved_voice_item_has_its_audio_and_its_transcript(studio: Studio) -> None:
    studio.configure(audio={"input": {"turn_detection": None}})
    audio = speech_like(300)
    studio.will_hear = [Heard("hello", Origin.PHRASEBOOK, 300)]
    studio.append(audio)
    committed = find(studio.send("input_audio_buffer.commit"), "input_audio_buffer.committed")
    events = studio.send("conversation.item.retrieve", item_id=committed["item_id"])
    content = find(events, "conversation.item.retrieved")["item"]["content"]
    assert content[0]["transcript"] == "hello"
    assert base64.b64decode(content[0]["audio"]) == audio.tobytes()


def test_audio_given_as_an_item_is_heard_before_it_is_answered(studio: Studio) -> None:
    studio.hold_ears = True
    audio = base64.b64encode(speech_like(300).tobytes()).decode()
    item = {"type": "message", "role": "user", "content": [{"type": "input_audio", "audio": audio}]}
    studio.send("conversation.item.create", item=item)
    studio.send("response.create", response={"output_modalities": ["text"]})
    assert said(studio.hear_now("what is two plus three")) == "Two plus three is five."


def test_a_response_beside_the_conversation_leaves_no_trace(studio: Studio) -> None:
    studio.type_text("my name is alice")
    question = {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_text", "text": "what is my name"}],
    }
    options = {
        "conversation": "none",
        "input": [question],
        "metadata": {"topic": "test"},
        "output_modalities": ["text"],
    }
    events = studio.send("response.create", response=options)
    assert said(events) == "You have not told me your name yet."
    done = find(events, "response.done")["response"]
    assert done["conversation_id"] is None
    assert done["metadata"] == {"topic": "test"}
    assert not [e for e in events if e["type"].startswith("conversation.item")]
    assert studio.ask("what is my name") == "Your name is Alice."


def test_only_one_response_at_a_time_in_the_conversation(studio: Studio) -> None:
    studio.type_text("count to twenty")
    active = find(studio.send("response.create"), "response.created")["response"]["id"]
    error = find(studio.send("response.create", event_id="c1"), "error")["error"]
    assert error["code"] == "conversation_already_has_active_response"
    assert active in error["message"]
    assert error["event_id"] == "c1"


def test_usage_counts_and_caches_what_was_seen_before(studio: Studio) -> None:
    studio.configure(instructions="Answer briefly. " * 40)
    studio.type_text("hello")
    text = {"output_modalities": ["text"]}
    first = find(studio.send("response.create", response=text), "response.done")["response"]
    studio.type_text("what time is it")
    second = find(studio.send("response.create", response=text), "response.done")["response"]
    assert first["usage"]["input_token_details"]["cached_tokens"] == 0
    assert second["usage"]["input_token_details"]["cached_tokens"] == 128
    for usage in (first["usage"], second["usage"]):
        assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


def test_an_answer_past_its_token_budget_ends_incomplete(studio: Studio) -> None:
    studio.type_text("tell me a story")
    options = {"output_modalities": ["text"], "max_output_tokens": 10}
    done = find(studio.send("response.create", response=options), "response.done")["response"]
    assert done["status"] == "incomplete"
    assert done["status_details"]["reason"] == "max_output_tokens"
    assert done["usage"]["output_tokens"] <= 10


def test_the_voice_is_fixed_once_it_was_heard(studio: Studio) -> None:
    studio.type_text("hello")
    studio.send("response.create")
    studio.wait(20)
    changed = studio.configure(audio={"output": {"voice": "cedar"}})
    assert error_code(changed) == "cannot_update_voice"
    find(studio.configure(audio={"output": {"voice": "marin"}}), "session.updated")


def test_an_hour_ends_the_session_with_its_reason(studio: Studio) -> None:
    assert error_code(studio.wait(3601)) == "session_expired"
    assert studio.closed is not None
    assert studio.closed.code == 1001


def test_ids_are_unique_and_prefixed(studio: Studio) -> None:
    studio.ask("hello")
    ids = [event["event_id"] for event in studio.events]
    assert len(set(ids)) == len(ids)
    assert all(event_id.startswith("event_") for event_id in ids)
    assert json.dumps(studio.events).count('"resp_') > 0
