from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.dialect import (
    client_event_to_ga,
    flat_param,
    flat_session_to_ga,
    ga_session_to_flat,
    is_flat_session,
    server_event_to_beta,
)
from tests.fakes import events

# What `POST /api/voice/realtime-session` hands out (contract §4).
VOICE_CONFIG = {
    "voice": "marin",
    "modalities": ["text", "audio"],
    "input_audio_format": "pcm16",
    "output_audio_format": "pcm16",
    "input_audio_transcription": {"model": "whisper-1"},
    "turn_detection": {
        "type": "server_vad",
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 200,
    },
}

flat_sessions = st.fixed_dictionaries(
    {},
    optional={
        "modalities": st.sampled_from([["text", "audio"], ["text"]]),
        "voice": st.text(max_size=8),
        "speed": st.floats(0.25, 1.5),
        "input_audio_format": st.sampled_from(["pcm16", "g711_ulaw", "g711_alaw"]),
        "output_audio_format": st.sampled_from(["pcm16", "g711_ulaw", "g711_alaw"]),
        "input_audio_transcription": st.none() | st.just({"model": "whisper-1"}),
        "input_audio_noise_reduction": st.none() | st.just({"type": "near_field"}),
        "turn_detection": st.none() | st.just({"type": "server_vad", "threshold": 0.5}),
        "max_response_output_tokens": st.integers(1, 4096) | st.just("inf"),
        "instructions": st.text(max_size=8),
        "tools": st.just([]),
    },
)


@given(flat_sessions)
def test_a_flat_session_comes_back_from_ga_unchanged(flat: dict[str, Any]) -> None:
    assert ga_session_to_flat(flat_session_to_ga(flat)) == flat


@given(flat_sessions)
def test_a_ga_session_comes_back_from_flat_unchanged(flat: dict[str, Any]) -> None:
    ga = flat_session_to_ga(flat)
    assert flat_session_to_ga(ga_session_to_flat(ga)) == ga


def test_the_voice_config_of_a_mint_is_a_flat_session() -> None:
    assert is_flat_session(VOICE_CONFIG)
    assert flat_session_to_ga(VOICE_CONFIG) == {
        "type": "realtime",
        "output_modalities": ["audio"],
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "transcription": {"model": "whisper-1"},
                "turn_detection": VOICE_CONFIG["turn_detection"],
            },
            "output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "marin"},
        },
    }


@pytest.mark.parametrize(
    ("session", "flat"),
    [
        ({"voice": "marin"}, True),
        ({"type": "realtime", "turn_detection": None}, True),
        ({"instructions": "x"}, False),
        ({"type": "realtime", "audio": {}}, False),
        ({"voice": "marin", "audio": {}}, False),
        ({"modalities": ["text"], "max_output_tokens": 100}, True),
        ({}, False),
    ],
)
def test_flat_is_what_has_flat_fields_and_no_ga_ones(session: dict[str, Any], flat: bool) -> None:
    assert is_flat_session(session) is flat


def test_fields_that_ga_does_not_have_are_left_out() -> None:
    assert flat_session_to_ga({"temperature": 0.8, "client_secret": {"value": "x"}}) == {
        "type": "realtime"
    }


def test_values_without_a_name_in_the_other_dialect_are_kept_to_be_refused() -> None:
    ga = flat_session_to_ga({"input_audio_format": "mp3", "modalities": "audio"})
    assert ga["audio"]["input"]["format"] == "mp3"
    assert ga["output_modalities"] == "audio"
    flat = ga_session_to_flat({"audio": {"input": {"format": {"type": "audio/mp3"}}, "output": 1}})
    assert flat == {"input_audio_format": {"type": "audio/mp3"}}
    odd = ga_session_to_flat({"audio": {"input": {"format": "mp3"}}, "output_modalities": ["text"]})
    assert odd == {"input_audio_format": "mp3", "modalities": ["text"]}
    assert ga_session_to_flat({"audio": None}) == {"audio": None}


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
        ("some.new.event", "some.new.event"),
    ],
)
def test_server_events_get_their_beta_names(ga: str, beta: str) -> None:
    assert server_event_to_beta({"type": ga, "delta": "x"}) == {"type": beta, "delta": "x"}


def test_the_beta_had_no_item_done() -> None:
    done = events.item_event("done", events.user_text("item_1", "Hi"))
    assert server_event_to_beta(done) is None


def test_sessions_items_and_responses_are_flat_for_a_beta_client() -> None:
    session = server_event_to_beta(events.session_updated())
    assert session is not None
    assert session["session"]["voice"] == "marin"
    assert session["session"]["modalities"] == ["text", "audio"]
    added = server_event_to_beta(events.item_event("added", events.assistant("item_1", "Hi")))
    assert added is not None
    assert added["item"]["object"] == "realtime.item"
    assert added["item"]["content"] == [{"type": "audio", "transcript": "Hi"}]
    done = server_event_to_beta(events.response_done("resp_1", events.assistant("item_1", "Hi")))
    assert done is not None
    assert done["response"]["output"][0]["content"][0]["type"] == "audio"
    created = server_event_to_beta(events.response_created("resp_1"))
    assert created is not None
    assert created["response"]["modalities"] == ["text", "audio"]
    bare = server_event_to_beta({"type": "response.done", "response": {"id": "r", "output": None}})
    assert bare == {"type": "response.done", "response": {"id": "r", "output": None}}
    odd = server_event_to_beta({"type": "response.done", "response": {"output": ["odd"]}})
    assert odd == {"type": "response.done", "response": {"output": ["odd"]}}


@pytest.mark.parametrize(
    ("ga", "flat"),
    [
        ("session.audio.output.voice", "session.voice"),
        ("session.audio.input.transcription.model", "session.input_audio_transcription.model"),
        ("session.audio.input.format", "session.input_audio_format"),
        ("response.output_modalities", "response.modalities"),
        ("session.max_output_tokens", "session.max_response_output_tokens"),
        ("session.tools[0].type", "session.tools[0].type"),
    ],
)
def test_an_errors_param_names_the_field_as_the_client_wrote_it(ga: str, flat: str) -> None:
    assert flat_param(ga) == flat
