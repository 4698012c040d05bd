from __future__ import annotations

import pytest

from realtime.core.dialect import BetaFacts, client_event_to_ga, server_event_to_beta
from realtime.core.errors import InvalidEvent
from realtime.core.session_kind import SessionKind
from tests.fakes import events
from tests.fakes.events import Event

FACTS = BetaFacts(conversation_id="conv_1")


def beta_of(event: Event) -> Event:
    beta = server_event_to_beta(event, FACTS)
    assert beta is not None
    return beta


def test_a_beta_session_update_becomes_ga() -> None:
    event = {"type": "session.update", "event_id": "c1", "session": {"voice": "marin"}}
    assert client_event_to_ga(event)["session"] == {
        "type": "realtime",
        "audio": {"output": {"voice": "marin"}},
    }
    plain = {"type": "session.update", "session": {"instructions": "x"}}
    assert client_event_to_ga(plain)["session"] == {"type": "realtime", "instructions": "x"}


def test_a_beta_response_create_becomes_ga() -> None:
    event = {
        "type": "response.create",
        "response": {
            "modalities": ["text"],
            "temperature": 1,
            "input": [{"type": "message", "role": "assistant", "content": [{"type": "text"}]}, 7],
        },
    }
    assert client_event_to_ga(event)["response"] == {
        "output_modalities": ["text"],
        "input": [
            {"type": "message", "role": "assistant", "content": [{"type": "output_text"}]},
            7,
        ],
    }
    ga = {"type": "response.create", "response": {"instructions": "x"}}
    assert client_event_to_ga(ga) == ga


def test_only_the_assistants_content_types_differ() -> None:
    said = {"type": "message", "role": "assistant", "content": [{"type": "text"}, "odd"]}
    event = {"type": "conversation.item.create", "item": said}
    assert client_event_to_ga(event)["item"]["content"] == [{"type": "output_text"}, "odd"]
    asked = {"type": "message", "role": "user", "content": [{"type": "input_text"}]}
    assert client_event_to_ga({"item": asked})["item"] == asked
    assert client_event_to_ga({"item": "odd"})["item"] == "odd"


@pytest.mark.parametrize(
    ("ga", "beta"),
    [
        ("conversation.item.added", "conversation.item.created"),
        ("response.output_text.delta", "response.text.delta"),
        ("response.output_audio.done", "response.audio.done"),
        ("response.output_audio_transcript.done", "response.audio_transcript.done"),
        ("input_audio_buffer.speech_started", "input_audio_buffer.speech_started"),
        ("response.content_part.added", "response.content_part.added"),
        ("conversation.created", "conversation.created"),
        ("rate_limits.updated", "rate_limits.updated"),
    ],
)
def test_server_events_get_their_beta_names(ga: str, beta: str) -> None:
    assert beta_of({"type": ga, "delta": "x"}) == {"type": beta, "delta": "x"}


@pytest.mark.parametrize(
    "ga",
    [
        "conversation.item.done",
        "conversation.item.input_audio_transcription.segment",
        "input_audio_buffer.timeout_triggered",
        "input_audio_buffer.dtmf_event_received",
        "mcp_list_tools.completed",
        "response.mcp_call.in_progress",
        "response.mcp_call_arguments.delta",
        "some.new.event",
    ],
)
def test_events_the_beta_never_had_are_not_sent(ga: str) -> None:
    assert server_event_to_beta({"type": ga}, FACTS) is None


def test_a_session_is_flat_for_a_beta_client_and_shows_the_temperature_it_set() -> None:
    session = beta_of(events.session_updated())["session"]
    assert session["voice"] == "marin"
    assert session["modalities"] == ["text", "audio"]
    assert session["temperature"] == 0.8
    assert session["client_secret"] is None
    warmer = server_event_to_beta(events.session_updated(), BetaFacts("conv_1", temperature=1.1))
    assert warmer is not None
    assert warmer["session"]["temperature"] == 1.1


def test_a_session_that_only_listens_has_its_own_names_in_the_beta() -> None:
    listening = {
        "type": "transcription",
        "object": "realtime.transcription_session",
        "audio": {"input": {"format": {"type": "audio/pcmu"}, "turn_detection": None}},
    }
    created = beta_of({"type": "session.created", "session": listening})
    assert created == {
        "type": "transcription_session.created",
        "session": {
            "object": "realtime.transcription_session",
            "input_audio_format": "g711_ulaw",
            "turn_detection": None,
            "client_secret": None,
        },
    }
    updated = beta_of({"type": "session.updated", "session": listening})
    assert updated["type"] == "transcription_session.updated"


def test_a_transcription_session_update_becomes_a_session_update() -> None:
    event = {
        "type": "transcription_session.update",
        "session": {"input_audio_format": "pcm16", "modalities": ["text"]},
    }
    assert client_event_to_ga(event) == {
        "type": "session.update",
        "session": {
            "type": "transcription",
            "audio": {"input": {"format": {"type": "audio/pcm", "rate": 24000}}},
        },
    }


def test_a_beta_update_is_one_of_the_session_it_belongs_to() -> None:
    event = {"type": "session.update", "session": {"turn_detection": None}}
    assert client_event_to_ga(event, SessionKind.TRANSCRIPTION)["session"]["type"] == (
        "transcription"
    )


def test_a_beta_response_create_is_refused_by_its_own_field() -> None:
    event = {"type": "response.create", "response": {"output_audio_format": "mp3"}}
    with pytest.raises(InvalidEvent) as refused:
        client_event_to_ga(event)
    assert refused.value.param == "response.output_audio_format"


def test_items_are_announced_with_the_betas_content_types() -> None:
    item = beta_of(events.item_event("added", events.assistant("item_1", "Hi")))["item"]
    assert item["object"] == "realtime.item"
    assert item["content"] == [{"type": "audio", "transcript": "Hi"}]


def test_responses_have_the_betas_fields() -> None:
    done = beta_of(events.response_done("resp_1", events.assistant("item_1", "Hi")))
    assert done["response"]["output"][0]["content"][0]["type"] == "audio"
    created = events.response_created("resp_1")
    created["response"] |= {
        "max_output_tokens": 100,
        "audio": {"output": {"voice": "marin", "format": {"type": "audio/pcm", "rate": 24000}}},
    }
    response = beta_of(created)["response"]
    assert response["modalities"] == ["text", "audio"]
    assert response["max_output_tokens"] == 100
    assert response["voice"] == "marin"
    assert response["output_audio_format"] == "pcm16"
    assert response["temperature"] == 0.8
    assert response["conversation_id"] == "conv_1"
    created["response"]["conversation_id"] = None
    assert beta_of(created)["response"]["conversation_id"] is None


def test_what_has_an_odd_shape_keeps_it() -> None:
    bare = beta_of({"type": "response.done", "response": {"id": "r", "output": None}})
    assert bare["response"] == {"id": "r", "output": None, "temperature": 0.8}
    odd = beta_of({"type": "response.done", "response": {"output": ["odd"]}})
    assert odd["response"]["output"] == ["odd"]
    assert beta_of({"type": "error", "error": {"message": "No."}})["error"] == {"message": "No."}


def test_an_error_of_the_provider_names_the_field_as_the_client_wrote_it() -> None:
    error = events.error("invalid_value")
    error["error"] |= {
        "message": "Invalid value for 'session.audio.output.speed': too fast.",
        "param": "session.audio.output.speed",
    }
    told = beta_of(error)["error"]
    assert told["param"] == "session.speed"
    assert told["message"] == "Invalid value for 'session.speed': too fast."
