"""What a client may put into a response or a conversation; sessions are in test_session_config."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from realtime.core.errors import InvalidEvent
from realtime.core.policy import Policy, check_item, check_overrides, clamp_response
from tests.fakes.sessions import POLICY

STRICT = dataclasses.replace(
    POLICY,
    output_modalities=frozenset({"text"}),
    max_output_tokens=200,
    allow_system_items=False,
)
GENEROUS = Policy("whisper-1", allow_mcp=True, allow_stored_prompts=True)


def message(**fields: Any) -> dict[str, Any]:
    return {"type": "message", "role": "user", **fields}


@pytest.mark.parametrize(
    ("response", "param", "code"),
    [
        ({"instructions": "x" * 101}, "response.instructions", "string_above_max_length"),
        ({"tools": [{"type": "mcp"}]}, "response.tools[0].type", "invalid_value"),
        ({"tools": [{"type": "function"}] * 3}, "response.tools", "array_above_max_length"),
        ({"tool_choice": {"type": "mcp"}}, "response.tool_choice.type", "invalid_value"),
        ({"tool_choice": {"type": ["mcp"]}}, "response.tool_choice.type", "invalid_type"),
        ({"tool_choice": 7}, "response.tool_choice", "invalid_type"),
        ({"output_modalities": "text"}, "response.output_modalities", "invalid_type"),
        ({"model": 5}, "response.model", "invalid_type"),
        ({"output_modalities": ["audio"]}, "response.output_modalities", "invalid_value"),
        ({"output_modalities": ["text", {}]}, "response.output_modalities", "invalid_value"),
        ({"max_output_tokens": 201}, "response.max_output_tokens", "invalid_value"),
        ({"max_output_tokens": "inf"}, "response.max_output_tokens", "invalid_value"),
        ({"max_output_tokens": "100"}, "response.max_output_tokens", "invalid_type"),
        ({"max_output_tokens": 1e2}, "response.max_output_tokens", "invalid_type"),
        ({"max_output_tokens": True}, "response.max_output_tokens", "invalid_type"),
        ({"prompt": {"id": "pmpt_1"}}, "response.prompt", "invalid_value"),
        ({"audio": {"output": {"voice": "bob"}}}, "response.audio.output.voice", "invalid_value"),
        ({"audio": 7}, "response.audio", "invalid_type"),
        ({"conversation": "conv_of_bob"}, "response.conversation", "invalid_value"),
        ({"conversation": {"id": "x"}}, "response.conversation", "invalid_value"),
        ({"input": {}}, "response.input", "invalid_type"),
        ({"input": [message(), 7]}, "response.input[1]", "invalid_type"),
        (
            {"input": [message(), {"type": "mcp_approval_response"}]},
            "response.input[1].type",
            "invalid_value",
        ),
        ({"input": [message(role="system")]}, "response.input[0].role", "invalid_value"),
    ],
)
def test_what_policy_forbids_in_a_response_is_refused_with_its_field_path(
    response: dict[str, Any], param: str, code: str
) -> None:
    with pytest.raises(InvalidEvent) as caught:
        clamp_response(response, STRICT)
    assert (caught.value.param, caught.value.code) == (param, code)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"output_modalities": ["audio"]}, "Supported values on this server are: 'text'."),
        ({"max_output_tokens": 4096}, "at most 200 is allowed"),
        ({"tools": [{"type": "web"}]}, "must be 'function' on this server"),
        ({"tool_choice": {"type": "mcp"}}, "on this server are: 'function'"),
    ],
)
def test_a_refusal_says_what_is_allowed(asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidEvent, match=sentence):
        check_overrides(asked, STRICT, path="session")


@pytest.mark.parametrize(
    "response",
    [
        {},
        {"instructions": "x", "metadata": {"a": "b"}, "new_field": [1]},
        {"conversation": "none", "input": [{"type": "item_reference", "id": "a"}]},
        {"conversation": "auto", "input": [message(), {"type": "function_call_output"}]},
        {"tool_choice": "required", "tools": [{"type": "function", "name": "f"}]},
        {"tool_choice": {"type": "function", "name": "f"}, "output_modalities": ["text"]},
        {"max_output_tokens": 200, "audio": {"output": {"voice": "cedar"}}},
        {"audio": None, "input": None, "tools": None},
    ],
)
def test_a_response_within_policy_is_the_clients_own_object(response: dict[str, Any]) -> None:
    assert clamp_response(response, STRICT) is response


def test_an_operator_may_allow_what_calls_out() -> None:
    response = {
        "tools": [{"type": "mcp", "server_label": "x"}],
        "tool_choice": {"type": "mcp", "server_label": "x"},
        "max_output_tokens": "inf",
        "prompt": {"id": "pmpt_1"},
        "input": [{"type": "mcp_approval_response", "approve": True}],
    }
    assert clamp_response(response, GENEROUS) is response
    with pytest.raises(InvalidEvent, match="'function' or 'mcp'"):
        check_overrides({"tools": [{}]}, GENEROUS, path="session")


@pytest.mark.parametrize(
    ("item", "param", "code"),
    [
        (None, "item", "missing_required_parameter"),
        ([], "item", "invalid_type"),
        ({"id": "x" * 65}, "item.id", "string_above_max_length"),
        ({"id": 7}, "item.id", "invalid_type"),
        ({"type": "mcp_approval_response"}, "item.type", "invalid_value"),
        ({"type": "mcp_call"}, "item.type", "invalid_value"),
        ({"type": "item_reference"}, "item.type", "invalid_value"),
        ({"type": {"a": 1}}, "item.type", "invalid_type"),
        (message(role="system"), "item.role", "invalid_value"),
        (message(role=["system"]), "item.role", "invalid_type"),
        ({"role": "developer"}, "item.role", "invalid_value"),
    ],
)
def test_what_policy_forbids_in_an_item_is_refused_with_its_field_path(
    item: object, param: str, code: str
) -> None:
    with pytest.raises(InvalidEvent) as caught:
        check_item(item, STRICT, path="item")
    assert (caught.value.param, caught.value.code) == (param, code)


def test_a_system_item_is_welcome_where_policy_allows_it() -> None:
    check_item(message(role="system", id=None), POLICY, path="item")
    check_item({"type": "function_call_output", "call_id": "c", "output": ""}, STRICT, path="item")


def test_an_absurdly_long_value_is_not_quoted_whole() -> None:
    with pytest.raises(InvalidEvent) as caught:
        check_item({"type": "x" * 10_000}, POLICY, path="item")
    assert len(caught.value.message) < 300
