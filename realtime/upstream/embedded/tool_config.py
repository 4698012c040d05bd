"""Function tools and tool choice as a client configures them (protocol §3.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from realtime.core.errors import InvalidEvent
from realtime.upstream.embedded.ports import FunctionTool


def check_tools(value: object, param: str) -> list[dict[str, Any]]:
    """Function tools only: this provider reaches no MCP servers. Raises InvalidEvent."""
    if value is None:
        return []
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise InvalidEvent(f"'{param}' must be a list.", code="invalid_value", param=param)
    tools = []
    for index, tool in enumerate(value):
        path = f"{param}[{index}]"
        if not isinstance(tool, Mapping) or tool.get("type") != "function":
            raise InvalidEvent(
                f"Invalid value for '{path}.type': this provider supports 'function' alone.",
                code="invalid_value",
                param=f"{path}.type",
            )
        if not isinstance(tool.get("name"), str) or not tool["name"]:
            raise InvalidEvent(
                f"Missing required parameter: '{path}.name'.",
                code="missing_required_parameter",
                param=f"{path}.name",
            )
        if not isinstance(tool.get("parameters", {}), Mapping | None):
            raise InvalidEvent(
                f"Invalid value for '{path}.parameters': must be a JSON schema object.",
                code="invalid_value",
                param=f"{path}.parameters",
            )
        tools.append(dict(tool))
    return tools


def check_tool_choice(value: object, param: str) -> str | dict[str, Any]:
    """auto | none | required | {type: function, name}. Raises InvalidEvent."""
    if value is None:
        return "auto"
    if isinstance(value, str) and value in ("auto", "none", "required"):
        return value
    if isinstance(value, Mapping) and value.get("type") == "function" and value.get("name"):
        return dict(value)
    raise InvalidEvent(
        f"Invalid value for '{param}'. Supported: auto, none, required, a named function.",
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
