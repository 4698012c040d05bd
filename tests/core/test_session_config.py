from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from realtime.core.errors import InvalidEvent
from realtime.core.policy import Policy, check_overrides
from realtime.core.session_config import (
    clamp_session,
    initial_config,
    joined_instructions,
    merge_session,
)
from tests.fakes.sessions import POLICY, make_setup


def transcription(value: Any) -> dict[str, Any]:
    return {"audio": {"input": {"transcription": value}}}


@pytest.mark.parametrize(
    ("patch", "param", "code"),
    [
        ({"instructions": "ä" * 51}, "session.instructions", "string_above_max_length"),
        ({"instructions": 7}, "session.instructions", "invalid_type"),
        ({"tools": {}}, "session.tools", "invalid_type"),
        ({"tools": [{"type": "function"}] * 3}, "session.tools", "array_above_max_length"),
        ({"tools": [{"type": "mcp"}]}, "session.tools[0].type", "invalid_value"),
        (
            {"tools": [{"type": "function"}, {"type": "web_search"}]},
            "session.tools[1].type",
            "invalid_value",
        ),
        ({"tools": ["mcp"]}, "session.tools[0].type", "invalid_value"),
        ({"prompt": {"id": "pmpt_1"}}, "session.prompt", "invalid_value"),
        ({"audio": []}, "session.audio", "invalid_type"),
        ({"audio": {"input": 1}}, "session.audio.input", "invalid_type"),
        ({"audio": {"output": 1}}, "session.audio.output", "invalid_type"),
        (transcription("x"), "session.audio.input.transcription", "invalid_type"),
        ({"audio": {"output": {"voice": "bob"}}}, "session.audio.output.voice", "invalid_value"),
        (
            {"audio": {"output": {"voice": {"id": "v"}}}},
            "session.audio.output.voice",
            "invalid_value",
        ),
    ],
)
def test_what_policy_forbids_is_refused_with_its_field_path(
    patch: dict[str, Any], param: str, code: str
) -> None:
    with pytest.raises(InvalidEvent) as caught:
        clamp_session(patch, POLICY)
    assert (caught.value.param, caught.value.code) == (param, code)


def test_an_unknown_voice_is_refused_naming_the_allowed_ones() -> None:
    with pytest.raises(InvalidEvent, match="Supported values are: 'cedar', 'marin'"):
        clamp_session({"audio": {"output": {"voice": "bob"}}}, POLICY)


@pytest.mark.parametrize(
    "patch",
    [
        {"instructions": None, "tools": None, "prompt": None, "max_output_tokens": None},
        {"audio": {}, "output_modalities": None, "tool_choice": None},
        {"audio": {"input": {"transcription": None}, "output": {"speed": None}}},
        {"audio": {"output": {"voice": "cedar", "speed": 1.5}}},
        {"tools": [{"type": "function", "name": "f"}], "something_new": {"a": 1}},
        {"audio": {"input": {"turn_detection": None}}},
    ],
)
def test_what_policy_does_not_mention_is_left_to_the_provider(patch: dict[str, Any]) -> None:
    assert clamp_session(patch, POLICY) == patch


def test_a_null_where_there_is_nothing_to_clear_is_not_sent() -> None:
    assert clamp_session({"audio": None}, POLICY) == {}
    assert clamp_session({"audio": {"input": None, "output": None}}, POLICY) == {"audio": {}}
    voiceless = {"audio": {"output": {"voice": None, "speed": 1.0}}}
    assert clamp_session(voiceless, POLICY) == {"audio": {"output": {"speed": 1.0}}}


def test_a_null_of_what_policy_bounds_is_the_servers_own_choice() -> None:
    nulls = {"output_modalities": None, "max_output_tokens": None}
    written = dataclasses.replace(
        POLICY, output_modalities=frozenset({"text"}), max_output_tokens=200
    )
    assert clamp_session(nulls, written) == {
        "output_modalities": ["text"],
        "max_output_tokens": 200,
    }
    spoken = dataclasses.replace(POLICY, output_modalities=frozenset({"audio"}))
    assert clamp_session(nulls, spoken)["output_modalities"] == ["audio"]


def test_a_session_that_asks_for_no_length_is_given_the_longest_allowed() -> None:
    policy = dataclasses.replace(POLICY, max_output_tokens=200)
    assert initial_config(make_setup(config={}, policy=policy))["max_output_tokens"] == 200
    short = make_setup(config={"max_output_tokens": 50}, policy=policy)
    assert initial_config(short)["max_output_tokens"] == 50
    assert "max_output_tokens" not in initial_config(make_setup(config={}))
    listening = make_setup(config={"type": "transcription"}, policy=policy)
    assert "max_output_tokens" not in initial_config(listening)


def test_an_operator_may_allow_mcp_prompts_and_any_voice() -> None:
    generous = Policy("whisper-1", allow_mcp=True, allow_stored_prompts=True)
    patch = {
        "tools": [{"type": "mcp", "server_label": "x"}],
        "prompt": {"id": "pmpt_1"},
        "audio": {"output": {"voice": {"id": "voice_1"}}},
    }
    assert clamp_session(patch, generous) == patch


def test_values_that_the_server_chooses_are_clamped() -> None:
    asked = {"model": "gpt-9", **transcription({"model": "ears-9", "language": "en"})}
    assert clamp_session(asked, POLICY) == transcription({"model": "whisper-1", "language": "en"})
    allowed = transcription({"model": "gpt-transcribe"})
    assert clamp_session(allowed, POLICY) == allowed
    assert clamp_session(transcription({"model": 7}), POLICY) == transcription(
        {"model": "whisper-1"}
    )


def test_a_single_response_is_held_to_the_same_policy() -> None:
    with pytest.raises(InvalidEvent) as caught:
        check_overrides({"tools": [{"type": "mcp"}]}, POLICY, path="response")
    assert caught.value.param == "response.tools[0].type"


def test_an_update_merges_deeply_and_null_clears() -> None:
    base = {"audio": {"input": {"noise_reduction": {"type": "near_field"}, "x": 1}}, "tools": [1]}
    patch = {"audio": {"input": {"noise_reduction": None}}, "tools": []}
    assert merge_session(base, patch) == {
        "audio": {"input": {"noise_reduction": None, "x": 1}},
        "tools": [],
    }
    assert base["tools"] == [1]


def test_an_object_of_another_kind_replaces_the_old_one() -> None:
    base = {"turn_detection": {"type": "server_vad", "silence_duration_ms": 200}}
    semantic = {"turn_detection": {"type": "semantic_vad"}}
    assert merge_session(base, semantic) == semantic
    threshold = {"turn_detection": {"threshold": 0.7}}
    assert merge_session(base, threshold)["turn_detection"] == {
        "type": "server_vad",
        "silence_duration_ms": 200,
        "threshold": 0.7,
    }
    assert merge_session({"turn_detection": None}, semantic) == semantic


def test_a_new_upstream_session_always_transcribes() -> None:
    for config in ({}, transcription(None), {"audio": {"output": {"voice": "marin"}}}):
        started = initial_config(make_setup(config=config, transcription_asked_null=True))
        assert started["audio"]["input"]["transcription"] == {"model": "whisper-1"}
        assert started["type"] == "realtime"


def test_a_transcription_asked_for_is_kept() -> None:
    asked = transcription({"model": "gpt-transcribe", "language": "de"})
    started = initial_config(make_setup(config={"model": "m", **asked}))
    assert started == {"type": "realtime", **asked}


def test_a_clients_null_is_obeyed_where_no_transcript_is_kept() -> None:
    setup = make_setup(config={}, transcription_asked_null=True, save_transcript=False)
    assert initial_config(setup)["audio"]["input"]["transcription"] is None


def test_our_instructions_stand_in_front_of_the_clients() -> None:
    assert joined_instructions("Ours.", "Theirs.") == "Ours.\n\nTheirs."
    assert joined_instructions("Ours.", "") == "Ours."
    assert joined_instructions("Ours.", None) == "Ours."
    assert joined_instructions("", "Theirs.") == "Theirs."
    assert joined_instructions("", None) is None
