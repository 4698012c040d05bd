"""Single settings of a session, each checked as `session.update` and `response.create` share them
(protocol §3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime.core.errors import InvalidEvent
from realtime.upstream.embedded.parameters import (
    expect_decimal,
    expect_integer,
    expect_list,
    expect_object,
    expect_one_of,
    expect_text,
    unsupported,
    wrong_type,
)

VOICES = (
    "alloy",
    "ash",
    "ballad",
    "coral",
    "echo",
    "sage",
    "shimmer",
    "verse",
    "marin",
    "cedar",
)
DEFAULT_VOICE = "marin"
MAX_OUTPUT_TOKENS = 4096
LOGPROBS = "item.input_audio_transcription.logprobs"

_EFFORTS = ("minimal", "low", "medium", "high", "xhigh")
_DELAYS = ("minimal", "low", "medium", "high", "xhigh")
_TRANSCRIPTION_KEYS = ("model", "language", "languages", "prompt", "keywords", "delay")


def check_modalities(value: object, param: str) -> list[str]:
    """["audio"] or ["text"]; never both (protocol §3.1)."""
    names = [expect_one_of(name, param, ("text", "audio")) for name in expect_list(value, param)]
    if names not in (["audio"], ["text"]):
        raise InvalidEvent(
            f"Invalid modalities: {names}. Supported combinations are: ['text'] and ['audio'].",
            code="invalid_value",
            param=param,
        )
    return names


def check_voice(value: object, param: str) -> str:
    """A built-in voice; custom ones (`{id}`) are refused, for none exist here."""
    if isinstance(value, Mapping):
        raise unsupported(param, expect_text(value.get("id"), f"{param}.id"), VOICES)
    return expect_one_of(value, param, VOICES)


def check_max_output_tokens(value: object, param: str) -> int | str:
    if value == "inf":
        return "inf"
    if isinstance(value, str):
        raise unsupported(param, value, ("inf",))
    return expect_integer(value, param, 1, MAX_OUTPUT_TOKENS)


def check_reasoning(value: object, param: str) -> dict[str, Any]:
    asked = expect_object(value, param, known=("effort",))
    if asked.get("effort") is None:
        return {}
    return {"effort": expect_one_of(asked["effort"], f"{param}.effort", _EFFORTS)}


def check_prompt(value: object, param: str) -> dict[str, Any]:
    """Accepted and echoed; no templates are stored here to look it up in."""
    asked = expect_object(value, param, known=("id", "version", "variables"))
    expect_text(asked.get("id"), f"{param}.id", least=1)
    return dict(asked)


def check_include(value: object, param: str) -> list[str] | None:
    if value is None:
        return None
    names = expect_list(value, param)
    return [
        expect_one_of(name, f"{param}[{index}]", (LOGPROBS,)) for index, name in enumerate(names)
    ]


def check_tracing(value: object, current: object, param: str) -> str | dict[str, Any] | None:
    """ "auto" or {workflow_name, group_id, metadata}. Once set it cannot change."""
    asked: str | dict[str, Any] | None
    if value is None:
        asked = None
    elif isinstance(value, str):
        asked = expect_one_of(value, param, ("auto",))
    else:
        known = ("workflow_name", "group_id", "metadata")
        asked = dict(expect_object(value, param, known=known))
        for key in ("workflow_name", "group_id"):
            if asked.get(key) is not None:
                expect_text(asked[key], f"{param}.{key}")
        if asked.get("metadata") is not None:
            expect_object(asked["metadata"], f"{param}.metadata")
    if current is not None and asked != current:
        raise InvalidEvent(
            "Cannot update a session's tracing once it is enabled.",
            code="cannot_update_tracing",
            param=param,
        )
    return asked


def check_truncation(value: object, param: str) -> str | dict[str, Any]:
    """Accepted and echoed: the rules of this provider need no shorter context."""
    if isinstance(value, str):
        return expect_one_of(value, param, ("auto", "disabled"))
    asked = dict(expect_object(value, param, known=("type", "retention_ratio", "token_limits")))
    expect_one_of(asked.get("type"), f"{param}.type", ("retention_ratio",))
    path = f"{param}.retention_ratio"
    if asked.get("retention_ratio") is None:
        raise wrong_type(path, "a decimal", None)
    expect_decimal(asked["retention_ratio"], path, 0.0, 1.0)
    if asked.get("token_limits") is not None:
        path = f"{param}.token_limits"
        limits = expect_object(asked["token_limits"], path, known=("post_instructions",))
        if limits.get("post_instructions") is not None:
            expect_integer(limits["post_instructions"], f"{path}.post_instructions", 0, 1_000_000)
    return asked


def merge_transcription(
    current: Mapping[str, Any] | None, patch: object, param: str
) -> dict[str, Any] | None:
    """Any model's name is taken; the same ears hear for all of them."""
    if patch is None:
        return None
    asked = expect_object(patch, param, known=_TRANSCRIPTION_KEYS)
    for key in ("model", "language", "prompt"):
        if asked.get(key) is not None:
            expect_text(asked[key], f"{param}.{key}")
    for key in ("languages", "keywords"):
        if asked.get(key) is not None:
            for index, name in enumerate(expect_list(asked[key], f"{param}.{key}")):
                expect_text(name, f"{param}.{key}[{index}]")
    if asked.get("delay") is not None:
        expect_one_of(asked["delay"], f"{param}.delay", _DELAYS)
    base = current or {"model": "embedded", "language": None, "prompt": None}
    merged = {**base, **asked}
    return {**merged, "model": merged["model"] or base["model"]}


def merge_noise_reduction(
    current: Mapping[str, Any] | None, patch: object, param: str
) -> dict[str, Any] | None:
    """An omitted strength keeps the one in force."""
    if patch is None:
        return None
    asked = expect_object(patch, param, known=("type", "strength"))
    merged: dict[str, Any] = {**(current or {}), **asked}
    merged["type"] = expect_one_of(merged.get("type"), f"{param}.type", ("near_field", "far_field"))
    if asked.get("strength") is not None:
        merged["strength"] = expect_decimal(asked["strength"], f"{param}.strength", 0.0, 1.0)
    elif current and "strength" in current:
        merged["strength"] = current["strength"]
    else:
        merged.pop("strength", None)
    return merged
