"""Tokens of one response or transcription, and what they cost (protocol §1.9, §4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from realtime.core.frames import int_or_zero, mapping_or_empty


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


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars per million tokens, as providers publish them."""

    input_text: Decimal = Decimal(0)
    input_audio: Decimal = Decimal(0)
    input_image: Decimal = Decimal(0)
    cached_text: Decimal = Decimal(0)
    cached_audio: Decimal = Decimal(0)
    cached_image: Decimal = Decimal(0)
    output_text: Decimal = Decimal(0)
    output_audio: Decimal = Decimal(0)


def cost_micros(usage: TokenUsage, prices: Prices) -> Decimal:
    """What `usage` costs in millionths of a dollar (tokens times dollars per million)."""
    return (
        (usage.input_text - usage.cached_text) * prices.input_text
        + (usage.input_audio - usage.cached_audio) * prices.input_audio
        + (usage.input_image - usage.cached_image) * prices.input_image
        + usage.cached_text * prices.cached_text
        + usage.cached_audio * prices.cached_audio
        + usage.cached_image * prices.cached_image
        + usage.output_text * prices.output_text
        + usage.output_audio * prices.output_audio
    )


def parse_response_usage(usage: Mapping[str, Any] | None) -> TokenUsage | None:
    """Read `response.done`'s usage object; None where the provider gave none.

    Providers that give totals only are counted as text, the cheaper reading they can defend.
    """
    if not usage:
        return None
    inputs = mapping_or_empty(usage.get("input_token_details"))
    outputs = mapping_or_empty(usage.get("output_token_details"))
    input_audio = int_or_zero(inputs.get("audio_tokens"))
    input_image = int_or_zero(inputs.get("image_tokens"))
    output_audio = int_or_zero(outputs.get("audio_tokens"))
    input_text = int_or_zero(inputs.get("text_tokens")) or max(
        0, int_or_zero(usage.get("input_tokens")) - input_audio - input_image
    )
    output_text = int_or_zero(outputs.get("text_tokens")) or max(
        0, int_or_zero(usage.get("output_tokens")) - output_audio
    )
    return TokenUsage(
        input_text=input_text,
        input_audio=input_audio,
        input_image=input_image,
        **_cached(inputs, text=input_text, audio=input_audio, image=input_image),
        output_text=output_text,
        output_audio=output_audio,
    )


def _cached(inputs: Mapping[str, Any], *, text: int, audio: int, image: int) -> dict[str, int]:
    """The cached part of each modality, never more than that modality has.

    Providers that give one number cached the beginning of the prompt, which is instructions and
    tools: it counts as text as far as there is text, then as audio.
    """
    details = mapping_or_empty(inputs.get("cached_tokens_details"))
    if details:
        cached_text = min(int_or_zero(details.get("text_tokens")), text)
        cached_audio = min(int_or_zero(details.get("audio_tokens")), audio)
        cached_image = min(int_or_zero(details.get("image_tokens")), image)
    else:
        total = int_or_zero(inputs.get("cached_tokens"))
        cached_text = min(total, text)
        cached_audio = min(total - cached_text, audio)
        cached_image = min(total - cached_text - cached_audio, image)
    return {
        "cached_text": cached_text,
        "cached_audio": cached_audio,
        "cached_image": cached_image,
    }


def transcription_model_of(session: Mapping[str, Any]) -> str:
    """The model that a provider's session object says turns speech into text; "" for none."""
    audio_input = mapping_or_empty(mapping_or_empty(session.get("audio")).get("input"))
    model = mapping_or_empty(audio_input.get("transcription")).get("model")
    return model if isinstance(model, str) else ""


def parse_transcription_usage(
    usage: Mapping[str, Any] | None,
) -> tuple[TokenUsage | None, float | None]:
    """Read the usage of a finished transcription: tokens, or seconds where duration is billed."""
    if not usage:
        return None, None
    if usage.get("type") == "duration":
        seconds = usage.get("seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            return None, None
        return None, max(0.0, float(seconds))
    return parse_response_usage(usage), None
