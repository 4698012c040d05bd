"""Every setting and field: what is taken and echoed, what is refused with which code and param."""

from __future__ import annotations

from typing import Any

import pytest

from tests.embedded.studio import Studio, find


def within(path: str, value: object) -> dict[str, Any]:
    """`a.b` and 1 as {"a": {"b": 1}}."""
    head, _, rest = path.partition(".")
    return {head: within(rest, value) if rest else value}


def at(session: dict[str, Any], path: str) -> Any:
    for name in path.split("."):
        session = session[name]
    return session


VAD = "audio.input.turn_detection"
FUNCTION = {"type": "function", "name": "look"}
TAKEN = [
    ("instructions", ""),
    ("output_modalities", ["text"]),
    ("max_output_tokens", 4096),
    ("max_output_tokens", "inf"),
    ("tool_choice", "required"),
    ("tool_choice", {"type": "function", "name": "look"}),
    ("tools", [{**FUNCTION, "description": "Looks.", "parameters": {"type": "object"}}]),
    ("tracing", "auto"),
    ("tracing", {"workflow_name": "w", "group_id": "g", "metadata": {"a": "b"}}),
    ("truncation", "disabled"),
    ("truncation", {"type": "retention_ratio", "retention_ratio": 0.8}),
    ("prompt", {"id": "pmpt_1", "version": "2"}),
    ("include", ["item.input_audio_transcription.logprobs"]),
    ("reasoning", {"effort": "low"}),
    ("parallel_tool_calls", False),
    ("audio.input.format", {"type": "audio/pcmu"}),
    ("audio.input.noise_reduction", {"type": "near_field"}),
    ("audio.input.noise_reduction", {"type": "far_field", "strength": 0.5}),
    ("audio.output.format", {"type": "audio/pcma"}),
    ("audio.output.speed", 1.5),
    ("audio.output.voice", "verse"),
    (VAD, None),
]


@pytest.mark.parametrize(("path", "value"), TAKEN)
def test_a_setting_is_taken_and_echoed(path: str, value: object) -> None:
    updated = find(Studio().configure(**within(path, value)), "session.updated")["session"]
    assert at(updated, path) == value


def test_what_is_not_set_is_absent_or_null_as_recorded() -> None:
    session = Studio().events[0]["session"]
    assert "reasoning" not in session
    assert "parallel_tool_calls" not in session
    for name in ("tracing", "prompt", "include"):
        assert session[name] is None


def test_null_clears_a_setting() -> None:
    studio = Studio()
    studio.configure(
        tools=[FUNCTION],
        tool_choice="none",
        instructions="x",
        reasoning={"effort": "high"},
        audio={"input": {"transcription": {"model": "whisper-1", "language": "en"}}},
    )
    updated = find(
        studio.configure(
            tools=None,
            tool_choice=None,
            instructions=None,
            reasoning=None,
            audio={"input": {"transcription": None}},
        ),
        "session.updated",
    )["session"]
    assert (updated["tools"], updated["tool_choice"], updated["instructions"]) == ([], "auto", "")
    assert "reasoning" not in updated
    assert updated["audio"]["input"]["transcription"] is None


def test_noise_reduction_keeps_its_strength_until_told_otherwise() -> None:
    studio = Studio()
    studio.configure(
        **within("audio.input.noise_reduction", {"type": "near_field", "strength": 0.3})
    )
    kept = studio.configure(**within("audio.input.noise_reduction", {"type": "far_field"}))
    reduction = find(kept, "session.updated")["session"]["audio"]["input"]["noise_reduction"]
    assert reduction == {"type": "far_field", "strength": 0.3}


def test_transcription_settings_are_merged_and_echoed_with_their_nulls() -> None:
    transcription = {"model": "gpt-realtime-whisper", "delay": "low"}
    events = Studio().configure(**within("audio.input.transcription", transcription))
    echoed = find(events, "session.updated")["session"]["audio"]["input"]["transcription"]
    assert echoed == {**transcription, "language": None, "prompt": None}


REFUSED = [
    ("voice", "marin", "unknown_parameter", ""),
    ("modalities", ["text"], "unknown_parameter", ""),
    ("temperature", 0.8, "unknown_parameter", ""),
    ("audio.video", {}, "unknown_parameter", ""),
    ("audio.input.codec", "opus", "unknown_parameter", ""),
    ("audio.output.pitch", 1, "unknown_parameter", ""),
    ("instructions", 5, "invalid_type", ""),
    ("audio", "loud", "invalid_type", ""),
    ("audio.input", [], "invalid_type", ""),
    ("output_modalities", "text", "invalid_type", ""),
    ("output_modalities", ["video"], "invalid_value", ""),
    ("output_modalities", ["text", "audio"], "invalid_value", ""),
    ("output_modalities", [], "invalid_value", ""),
    ("max_output_tokens", 0, "integer_below_min_value", ""),
    ("max_output_tokens", 4097, "integer_above_max_value", ""),
    ("max_output_tokens", "many", "invalid_value", ""),
    ("max_output_tokens", 1.5, "invalid_type", ""),
    ("max_output_tokens", True, "invalid_type", ""),
    ("tools", {}, "invalid_type", ""),
    ("tools", ["look"], "invalid_type", "[0]"),
    ("tools", [{"type": "mcp", "server_label": "x"}], "invalid_value", "[0].type"),
    ("tools", [{"name": "x"}], "missing_required_parameter", "[0].type"),
    ("tools", [{"type": "function"}], "missing_required_parameter", "[0].name"),
    ("tools", [{**FUNCTION, "name": "with space"}], "invalid_value", "[0].name"),
    ("tools", [{**FUNCTION, "name": "x" * 65}], "string_above_max_length", "[0].name"),
    ("tools", [{**FUNCTION, "function": {}}], "unknown_parameter", "[0].function"),
    ("tools", [{**FUNCTION, "parameters": "{}"}], "invalid_type", "[0].parameters"),
    ("tool_choice", "always", "invalid_value", ""),
    ("tool_choice", 5, "invalid_type", ""),
    ("tool_choice", {"type": "function"}, "missing_required_parameter", ".name"),
    ("tool_choice", {"type": "mcp", "server_label": "x"}, "invalid_value", ".type"),
    ("tracing", "always", "invalid_value", ""),
    ("tracing", {"name": "x"}, "unknown_parameter", ".name"),
    ("truncation", "never", "invalid_value", ""),
    (
        "truncation",
        {"type": "retention_ratio", "retention_ratio": 2},
        "decimal_above_max_value",
        ".retention_ratio",
    ),
    ("prompt", {}, "missing_required_parameter", ".id"),
    ("include", ["everything"], "invalid_value", "[0]"),
    ("reasoning", {"effort": "huge"}, "invalid_value", ".effort"),
    ("parallel_tool_calls", "yes", "invalid_type", ""),
    ("audio.input.format", "pcm16", "invalid_type", ""),
    ("audio.input.format", {"type": "audio/opus"}, "invalid_value", ".type"),
    (
        "audio.input.format",
        {"type": "audio/pcm", "rate": 16_000},
        "integer_below_min_value",
        ".rate",
    ),
    (
        "audio.output.format",
        {"type": "audio/pcm", "rate": 48_000},
        "integer_above_max_value",
        ".rate",
    ),
    ("audio.input.noise_reduction", {"type": "mid_field"}, "invalid_value", ".type"),
    (
        "audio.input.noise_reduction",
        {"type": "near_field", "strength": 1.1},
        "decimal_above_max_value",
        ".strength",
    ),
    ("audio.input.transcription", {"model": 5}, "invalid_type", ".model"),
    ("audio.input.transcription", {"engine": "x"}, "unknown_parameter", ".engine"),
    ("audio.output.voice", "hal", "invalid_value", ""),
    ("audio.output.voice", {"id": "voice_1"}, "invalid_value", ""),
    ("audio.output.speed", 0.2, "decimal_below_min_value", ""),
    ("audio.output.speed", 1.6, "decimal_above_max_value", ""),
    ("audio.output.speed", "fast", "invalid_type", ""),
    (VAD, {"type": "psychic_vad"}, "invalid_value", ".type"),
    (VAD, {"type": "server_vad", "threshold": 1.1}, "decimal_above_max_value", ".threshold"),
    (VAD, {"type": "server_vad", "eagerness": "low"}, "unknown_parameter", ".eagerness"),
    (VAD, {"type": "semantic_vad", "eagerness": "eager"}, "invalid_value", ".eagerness"),
    (VAD, {"type": "semantic_vad", "threshold": 0.5}, "unknown_parameter", ".threshold"),
    (
        VAD,
        {"type": "server_vad", "idle_timeout_ms": 4_999},
        "integer_below_min_value",
        ".idle_timeout_ms",
    ),
    (
        VAD,
        {"type": "server_vad", "idle_timeout_ms": 30_001},
        "integer_above_max_value",
        ".idle_timeout_ms",
    ),
    (
        VAD,
        {"type": "server_vad", "silence_duration_ms": "long"},
        "invalid_type",
        ".silence_duration_ms",
    ),
    (VAD, {"type": "server_vad", "create_response": 1}, "invalid_type", ".create_response"),
]


@pytest.mark.parametrize(("path", "value", "code", "below"), REFUSED)
def test_a_wrong_setting_is_refused_by_name_and_nothing_changes(
    path: str, value: object, code: str, below: str
) -> None:
    studio = Studio()
    update = {"type": "realtime", **within(path, value), "instructions": "changed"}
    if path == "instructions":
        update["instructions"] = value
    error = find(studio.send("session.update", event_id="e1", session=update), "error")["error"]
    assert error["type"] == "invalid_request_error"
    assert (error["code"], error["param"]) == (code, f"session.{path}{below}")
    assert error["event_id"] == "e1"
    after = find(studio.configure(), "session.updated")["session"]
    assert after == studio.events[0]["session"]


def test_openai_s_own_words_are_used() -> None:
    studio = Studio()
    unknown = find(studio.configure(bogus=1), "error")["error"]["message"]
    assert unknown == "Unknown parameter: 'session.bogus'."
    kind = find(studio.configure(instructions=5), "error")["error"]["message"]
    assert kind == (
        "Invalid type for 'session.instructions': expected a string, but got an integer instead."
    )
    value = find(studio.configure(tool_choice="x"), "error")["error"]["message"]
    assert value == "Invalid value: 'x'. Supported values are: 'none', 'auto', and 'required'."


def test_a_session_keeps_its_type_and_its_model() -> None:
    studio = Studio()
    other = studio.send("session.update", session={"type": "transcription"})
    error = find(other, "error")["error"]
    assert error["message"] == (
        "Passing a transcription session update event to a realtime session is not allowed."
    )
    assert error["param"] == "session.type"
    updated = find(studio.configure(model="gpt-realtime"), "session.updated")["session"]
    assert updated["model"] == "gpt-realtime-2.1"


def test_tracing_cannot_change_once_it_is_set() -> None:
    studio = Studio()
    studio.configure(tracing="auto")
    find(studio.configure(tracing="auto"), "session.updated")
    for change in (None, {"workflow_name": "w"}):
        error = find(studio.configure(tracing=change), "error")["error"]
        assert (error["code"], error["param"]) == ("cannot_update_tracing", "session.tracing")


@pytest.mark.parametrize(
    ("event", "code", "param"),
    [
        ({"type": "session.update"}, "missing_required_parameter", "session"),
        ({"type": "session.update", "session": "x"}, "invalid_type", "session"),
        ({"type": "session.update", "session": {}}, "missing_required_parameter", "session.type"),
        ({"type": "response.cancel", "why": 1}, "unknown_parameter", "why"),
        ({"type": "response.cancel", "response_id": 1}, "invalid_type", "response_id"),
        ({"type": "response.cancel", "event_id": 1}, "invalid_type", "event_id"),
        ({"type": "conversation.item.create"}, "missing_required_parameter", "item"),
        ({"type": "conversation.item.delete"}, "missing_required_parameter", "item_id"),
        ({"type": "conversation.item.retrieve", "item_id": 5}, "invalid_type", "item_id"),
        ({"type": "output_audio_buffer.clear"}, "invalid_value", "type"),
        ({"type": "transcription_session.update"}, "invalid_value", "type"),
        ({"type": "input_audio_buffer.append"}, "missing_required_parameter", "audio"),
    ],
)
def test_a_wrong_event_is_refused_by_field(event: dict[str, Any], code: str, param: str) -> None:
    name = event.pop("type")
    error = find(Studio().send(name, **event), "error")["error"]
    assert (error["code"], error["param"]) == (code, param)


def test_a_transcription_session_takes_what_concerns_listening_alone() -> None:
    studio = Studio(transcription_only=True)
    session = studio.events[0]["session"]
    assert session["object"] == "realtime.transcription_session"
    assert set(session) == {"type", "object", "id", "expires_at", "audio", "include"}
    assert set(session["audio"]) == {"input"}

    def update(**fields: Any) -> list[dict[str, Any]]:
        return studio.send("session.update", session={"type": "transcription", **fields})

    transcription = {"model": "gpt-4o-transcribe", "language": "en"}
    detection = {"type": "server_vad", "silence_duration_ms": 300}
    listening = {"transcription": transcription, "turn_detection": detection}
    updated = find(update(audio={"input": listening}), "session.updated")["session"]
    assert updated["audio"]["input"]["transcription"]["model"] == "gpt-4o-transcribe"
    assert updated["audio"]["input"]["turn_detection"]["silence_duration_ms"] == 300
    refusals: list[dict[str, Any]] = [
        {"instructions": "x"},
        {"tools": []},
        {"audio": {"output": {}}},
    ]
    for wrong in refusals:
        assert find(update(**wrong), "error")["error"]["code"] == "unknown_parameter"
    mismatch = studio.send("session.update", session={"type": "realtime"})
    assert find(mismatch, "error")["error"]["code"] == "invalid_parameter"
    refused = find(studio.send("response.create", event_id="r"), "error")["error"]
    assert (refused["type"], refused["event_id"]) == ("invalid_request_error", "r")
