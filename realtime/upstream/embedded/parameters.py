"""Checks of what a client sent, refused in the words and with the codes that OpenAI uses.

Every check takes the parameter's path as clients write it (`session.audio.input.format`), returns
the value, and raises InvalidEvent naming that path.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from realtime.core.errors import InvalidEvent

MAX_SHOWN_CHARACTERS = 64


def missing(param: str) -> InvalidEvent:
    return InvalidEvent(
        f"Missing required parameter: '{param}'.", code="missing_required_parameter", param=param
    )


def unknown(param: str) -> InvalidEvent:
    return InvalidEvent(f"Unknown parameter: '{param}'.", code="unknown_parameter", param=param)


def wrong_type(param: str, expected: str, value: object) -> InvalidEvent:
    return InvalidEvent(
        f"Invalid type for '{param}': expected {expected}, but got {_kind(value)} instead.",
        code="invalid_type",
        param=param,
    )


def invalid(param: str, why: str) -> InvalidEvent:
    return InvalidEvent(f"Invalid '{param}': {why}", code="invalid_value", param=param)


def unsupported(param: str, value: object, supported: Sequence[str]) -> InvalidEvent:
    shown = str(value)[:MAX_SHOWN_CHARACTERS]
    return InvalidEvent(
        f"Invalid value: '{shown}'. Supported values are: {listed(supported)}.",
        code="invalid_value",
        param=param,
    )


def listed(names: Sequence[str]) -> str:
    """'a', 'b', and 'c' — as OpenAI lists what it supports."""
    quoted = [f"'{name}'" for name in names]
    if len(quoted) < 3:
        return " and ".join(quoted)
    return ", ".join(quoted[:-1]) + f", and {quoted[-1]}"


def expect_object(
    value: object, param: str, *, known: Sequence[str] | None = None
) -> Mapping[str, Any]:
    """An object; with `known`, one that has no other keys."""
    if not isinstance(value, Mapping):
        raise wrong_type(param or "body", "an object", value)
    for key in value:
        if known is not None and key not in known:
            raise unknown(f"{param}.{key}" if param else str(key))
    return value


def expect_list(value: object, param: str) -> list[Any]:
    if not isinstance(value, list):
        raise wrong_type(param, "an array", value)
    return value


def expect_text(value: object, param: str, *, least: int = 0, most: int | None = None) -> str:
    """A string of `least` to `most` characters; None counts as missing."""
    if value is None:
        raise missing(param)
    if not isinstance(value, str):
        raise wrong_type(param, "a string", value)
    if len(value) < least:
        raise InvalidEvent(
            f"Invalid '{param}': empty string. Expected a string with minimum length {least}, but"
            " got an empty string instead.",
            code="empty_string",
            param=param,
        )
    if most is not None and len(value) > most:
        raise InvalidEvent(
            f"Invalid '{param}': string too long. Expected a string with maximum length {most}, "
            f"but got a string with length {len(value)} instead.",
            code="string_above_max_length",
            param=param,
        )
    return value


def expect_flag(value: object, param: str) -> bool:
    if not isinstance(value, bool):
        raise wrong_type(param, "a boolean", value)
    return value


def expect_integer(value: object, param: str, least: int, most: int) -> int:
    """A whole number within bounds; `5.0` is not one."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(param, "an integer", value)
    _check_bounds(value, param, "integer", least, most)
    return value


def expect_decimal(value: object, param: str, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong_type(param, "a decimal", value)
    _check_bounds(value, param, "decimal", least, most)
    return float(value)


def expect_one_of(value: object, param: str, supported: Sequence[str]) -> str:
    if value is None:
        raise missing(param)
    if not isinstance(value, str):
        raise wrong_type(param, f"one of {listed(supported)}", value)
    if value not in supported:
        raise unsupported(param, value, supported)
    return value


def _check_bounds(value: float, param: str, kind: str, least: float, most: float) -> None:
    if value < least:
        raise InvalidEvent(
            f"Invalid '{param}': {kind} below minimum value. Expected a value >= {least:g}, but "
            f"got {value:g} instead.",
            code=f"{kind}_below_min_value",
            param=param,
        )
    if value > most:
        raise InvalidEvent(
            f"Invalid '{param}': {kind} above maximum value. Expected a value <= {most:g}, but "
            f"got {value:g} instead.",
            code=f"{kind}_above_max_value",
            param=param,
        )


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int):
        return "an integer"
    if isinstance(value, float):
        return "a decimal"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, Sequence):
        return "an array"
    return "an object"
