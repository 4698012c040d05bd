from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.errors import InvalidEvent
from realtime.core.flat_session import (
    check_flat,
    flat_param,
    flat_session_to_ga,
    ga_session_to_flat,
    is_flat_session,
)
from realtime.core.session_kind import SessionKind

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


@pytest.mark.parametrize(
    ("ga", "flat"),
    [
        ("session.audio.output.voice", "session.voice"),
        ("session.audio.input.transcription.model", "session.input_audio_transcription.model"),
        ("session.audio.input.format", "session.input_audio_format"),
        ("session.audio.input.format.rate", "session.input_audio_format"),
        ("response.output_modalities", "response.modalities"),
        ("session.max_output_tokens", "session.max_response_output_tokens"),
        ("session.tools[0].type", "session.tools[0].type"),
    ],
)
def test_an_errors_param_names_the_field_as_the_client_wrote_it(ga: str, flat: str) -> None:
    assert flat_param(ga) == flat


def test_a_session_that_only_listens_has_no_modalities() -> None:
    flat = {"modalities": ["text"], "input_audio_format": "pcm16", "turn_detection": None}
    assert flat_session_to_ga(flat, SessionKind.TRANSCRIPTION) == {
        "type": "transcription",
        "audio": {
            "input": {"format": {"type": "audio/pcm", "rate": 24000}, "turn_detection": None}
        },
    }


def test_a_tool_is_chosen_by_name_in_either_spelling() -> None:
    nested = {"type": "function", "function": {"name": "get_weather"}}
    flat = {"type": "function", "name": "get_weather"}
    assert flat_session_to_ga({"tool_choice": nested})["tool_choice"] == flat
    assert flat_session_to_ga({"tool_choice": flat})["tool_choice"] == flat
    assert flat_session_to_ga({"tool_choice": "auto"})["tool_choice"] == "auto"


@pytest.mark.parametrize(
    ("flat", "param"),
    [
        ({"input_audio_format": "mp3"}, "session.input_audio_format"),
        ({"output_audio_format": {"type": "audio/pcm"}}, "session.output_audio_format"),
        ({"modalities": "audio"}, "session.modalities"),
        ({"modalities": []}, "session.modalities"),
        ({"modalities": ["text", "text"]}, "session.modalities"),
        ({"modalities": ["text", "video"]}, "session.modalities"),
        ({"modalities": [1]}, "session.modalities"),
    ],
)
def test_a_flat_value_without_a_ga_word_is_refused_by_its_flat_name(
    flat: dict[str, Any], param: str
) -> None:
    with pytest.raises(InvalidEvent) as refused:
        check_flat(flat, "session")
    assert (refused.value.param, refused.value.code) == (param, "invalid_value")


@given(flat_sessions)
def test_what_the_beta_allowed_is_not_refused(flat: dict[str, Any]) -> None:
    check_flat(flat, "session")
    check_flat({"modalities": ["audio"], "input_audio_format": None}, "session")
