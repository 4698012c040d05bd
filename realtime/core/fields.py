"""Reading what a client asked for, strictly: every refusal names the field by its path.

A key that another JSON reader could take for one of those judged here (`Tools`, `tools `) is
refused, so that what we understood is all that an event says.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final

from realtime.core.errors import InvalidEvent

_JUDGED_KEYS: Final = frozenset(
    {
        "audio",
        "conversation",
        "id",
        "input",
        "instructions",
        "item",
        "max_output_tokens",
        "model",
        "output",
        "output_modalities",
        "prompt",
        "response",
        "role",
        "session",
        "tool_choice",
        "tools",
        "transcription",
        "type",
        "voice",
    }
)


def check_keys(asked: Mapping[str, Any], path: str) -> None:
    """Raises InvalidEvent for a key that some reader could take for one that is judged here."""
    for key in asked:
        if key not in _JUDGED_KEYS and (meant := _plain(key)) in _JUDGED_KEYS:
            param = f"{path}.{key[:64]}" if path else key[:64]
            raise InvalidEvent(
                f"Unknown parameter: '{param}'. Did you mean '{meant}'?",
                code="unknown_parameter",
                param=param,
            )


def optional_object(parent: Mapping[str, Any], key: str, path: str) -> Mapping[str, Any]:
    """The object under `key`, its keys checked; empty where there is none. Raises InvalidEvent."""
    value = parent.get(key)
    param = f"{path}.{key}" if path else key
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise wrong_type(param, "an object")
    check_keys(value, param)
    return value


def check_choice(value: object, allowed: tuple[str, ...], param: str) -> None:
    """Raises InvalidEvent unless `value` is absent or one of `allowed`."""
    if value is None:
        return
    if not isinstance(value, str):
        raise wrong_type(param, "a string")
    if value not in allowed:
        raise invalid(
            f"Invalid value: '{value[:64]}'. Supported values for '{param}' on this server are: "
            f"{quoted(allowed)}.",
            param,
        )


def invalid(message: str, param: str, code: str = "invalid_value") -> InvalidEvent:
    return InvalidEvent(message, code=code, param=param)


def wrong_type(param: str, expected: str) -> InvalidEvent:
    return invalid(f"Invalid type for '{param}': expected {expected}.", param, "invalid_type")


def quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _plain(key: str) -> str:
    """What a lenient reader might take `key` for: without case, look-alikes, spaces, controls."""
    folded = unicodedata.normalize("NFKC", key).casefold()
    return "".join(letter for letter in folded if letter.isalnum() or letter == "_")
