"""Tokens of one response or transcription, and what they cost (protocol §1.9, §4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Token counts; cached counts are contained in the input counts, never added to them."""

    input_text: int = 0
    input_audio: int = 0
    input_image: int = 0
    cached_text: int = 0
    cached_audio: int = 0
    cached_image: int = 0
    output_text: int = 0
    output_audio: int = 0

    @property
    def input_total(self) -> int:
        return self.input_text + self.input_audio + self.input_image

    @property
    def output_total(self) -> int:
        return self.output_text + self.output_audio


def parse_response_usage(usage: Mapping[str, Any] | None) -> TokenUsage | None:
    """Read `response.done`'s usage object; None where the provider gave none.

    Providers that give totals only are counted as text, the cheaper reading they can defend.
    """
    raise NotImplementedError
