"""Function tools and tool choice as a client configures them (protocol §3.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from realtime.core.errors import InvalidEvent
from realtime.upstream.embedded.parameters import (
    expect_list,
    expect_object,
    expect_one_of,
    expect_text,
)
from realtime.upstream.embedded.ports import FunctionTool

MAX_NAME_CHARACTERS = 64
_FUNCTION_KEYS = ("type", "name", "description", "parameters", "strict")
_CHOICES = ("none", "auto", "required")


def check_tools(value: object, param: str) -> list[dict[str, Any]]:
    """Function tools only: this provider reaches no MCP servers. Raises InvalidEvent."""
    return [
        _check_function(tool, f"{param}[{index}]")
        for index, tool in enumerate(expect_list(value, param))
    ]


def check_tool_choice(value: object, param: str) -> str | dict[str, Any]:
    """auto | none | required | {type: function, name}. Raises InvalidEvent."""
    if isinstance(value, str):
        return expect_one_of(value, param, _CHOICES)
    asked = expect_object(value, param)
    expect_one_of(asked.get("type"), f"{param}.type", ("function",))
    expect_object(value, param, known=("type", "name"))
    expect_text(asked.get("name"), f"{param}.name", least=1)
    return dict(asked)


def check_choice_is_offered(
    tools: Sequence[Mapping[str, Any]], tool_choice: str | Mapping[str, Any], param: str
) -> None:
    """A response that must call a named function needs that function. Raises InvalidEvent."""
    if isinstance(tool_choice, Mapping):
        name = tool_choice["name"]
        if all(tool["name"] != name for tool in tools):
            raise InvalidEvent(
                f"Tool choice '{name[:MAX_NAME_CHARACTERS]}' not found in 'tools' parameter.",
                code="invalid_value",
                param=param,
            )


def offered_tools(
    tools: Sequence[Mapping[str, Any]], tool_choice: str | Mapping[str, Any]
) -> tuple[FunctionTool, ...]:
    """The tools the mind may call under this choice; none when it is `none`."""
    if tool_choice == "none":
        return ()
    named = tool_choice.get("name") if isinstance(tool_choice, Mapping) else None
    return tuple(
        FunctionTool(
            name=tool["name"],
            description=str(tool.get("description") or ""),
            parameters=tool.get("parameters") or {},
        )
        for tool in tools
        if named is None or tool["name"] == named
    )


def _check_function(value: object, path: str) -> dict[str, Any]:
    tool = expect_object(value, path)
    expect_one_of(tool.get("type"), f"{path}.type", ("function",))
    expect_object(value, path, known=_FUNCTION_KEYS)
    name = expect_text(tool.get("name"), f"{path}.name", least=1, most=MAX_NAME_CHARACTERS)
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise InvalidEvent(
            f"Invalid '{path}.name': string does not match pattern. Expected a string that "
            "matches the pattern '^[a-zA-Z0-9_-]+$'.",
            code="invalid_value",
            param=f"{path}.name",
        )
    if tool.get("description") is not None:
        expect_text(tool["description"], f"{path}.description")
    if tool.get("parameters") is not None:
        expect_object(tool["parameters"], f"{path}.parameters")
    return dict(tool)
