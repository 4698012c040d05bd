"""Token estimates in the proportions of the real service (protocol §1.9, §4.6).

Text: about four characters per token. User audio: one token per 100 ms. Assistant audio: one per
50 ms, and it re-enters later contexts one to one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from realtime.upstream.embedded.conversation import Item

CACHE_BLOCK_TOKENS = 64
USER_AUDIO_MS_PER_TOKEN = 100


@dataclass(frozen=True, slots=True)
class InputTokens:
    text: int
    audio: int


def text_tokens(text: str) -> int:
    return math.ceil(len(text) / 4)


def count_input(
    instructions: str, tools: Sequence[Mapping[str, Any]], items: Iterable[Item]
) -> InputTokens:
    """Tokens of everything the mind is shown."""
    text = text_tokens(instructions)
    text += sum(text_tokens(orjson.dumps(tool).decode()) for tool in tools)
    audio = 0
    for item in items:
        kind = item.wire["type"]
        if kind == "function_call":
            text += text_tokens(item.wire["name"] + item.wire["arguments"])
        elif kind == "function_call_output":
            text += text_tokens(item.wire["output"])
        elif item.audio_ms and item.wire["role"] == "user":
            audio += item.audio_ms // USER_AUDIO_MS_PER_TOKEN
        else:
            text += text_tokens(item.text)
            audio += item.audio_ms // 50
    return InputTokens(text, audio)


def usage_object(
    seen: InputTokens, cached: InputTokens, *, output_text: int, output_audio: int
) -> dict[str, Any]:
    """`response.done`'s usage. `cached` is what the previous response of this session had seen."""
    cached_text = min(seen.text, cached.text) // CACHE_BLOCK_TOKENS * CACHE_BLOCK_TOKENS
    cached_audio = min(seen.audio, cached.audio) // CACHE_BLOCK_TOKENS * CACHE_BLOCK_TOKENS
    return {
        "total_tokens": seen.text + seen.audio + output_text + output_audio,
        "input_tokens": seen.text + seen.audio,
        "output_tokens": output_text + output_audio,
        "input_token_details": {
            "text_tokens": seen.text,
            "audio_tokens": seen.audio,
            "image_tokens": 0,
            "cached_tokens": cached_text + cached_audio,
            "cached_tokens_details": {
                "text_tokens": cached_text,
                "audio_tokens": cached_audio,
                "image_tokens": 0,
            },
        },
        "output_token_details": {"text_tokens": output_text, "audio_tokens": output_audio},
    }
