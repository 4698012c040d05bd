from __future__ import annotations

from decimal import Decimal

from realtime.core.usage import (
    Prices,
    TokenUsage,
    cost_micros,
    parse_response_usage,
    parse_transcription_usage,
    transcription_model_of,
)

# The recorded usage of a second voice turn on gpt-realtime (protocol §1.9).
RECORDED = {
    "total_tokens": 200,
    "input_tokens": 139,
    "output_tokens": 61,
    "input_token_details": {
        "text_tokens": 43,
        "audio_tokens": 96,
        "image_tokens": 0,
        "cached_tokens": 64,
        "cached_tokens_details": {"text_tokens": 0, "audio_tokens": 64, "image_tokens": 0},
    },
    "output_token_details": {"text_tokens": 18, "audio_tokens": 43},
}
PRICES = Prices(
    input_text=Decimal("4"),
    input_audio=Decimal("32"),
    input_image=Decimal("5"),
    cached_text=Decimal("0.4"),
    cached_audio=Decimal("0.4"),
    cached_image=Decimal("0.5"),
    output_text=Decimal("24"),
    output_audio=Decimal("64"),
)


def test_recorded_usage_is_read_by_modality() -> None:
    usage = parse_response_usage(RECORDED)
    assert usage == TokenUsage(
        input_text=43, input_audio=96, cached_audio=64, output_text=18, output_audio=43
    )
    assert usage is not None
    assert (usage.input_total, usage.output_total) == (139, 61)


def test_cached_tokens_cost_the_cached_price_instead() -> None:
    usage = parse_response_usage(RECORDED)
    assert usage is not None
    by_hand = 43 * 4 + (96 - 64) * 32 + 64 * Decimal("0.4") + 18 * 24 + 43 * 64
    assert cost_micros(usage, PRICES) == by_hand == Decimal("4405.6")


def test_totals_alone_are_counted_as_text() -> None:
    usage = parse_response_usage({"input_tokens": 10, "output_tokens": 7})
    assert usage == TokenUsage(input_text=10, output_text=7)


def test_cached_counts_never_exceed_the_counts_they_are_part_of() -> None:
    usage = parse_response_usage(
        {
            "input_token_details": {
                "text_tokens": 5,
                "cached_tokens_details": {"text_tokens": 9, "audio_tokens": 9},
            }
        }
    )
    assert usage == TokenUsage(input_text=5, cached_text=5)


def test_no_usage_is_none() -> None:
    assert parse_response_usage(None) is None
    assert parse_response_usage({}) is None
    assert parse_transcription_usage(None) == (None, None)


def test_a_transcription_is_billed_by_duration_or_by_tokens() -> None:
    assert parse_transcription_usage({"type": "duration", "seconds": 3}) == (None, 3.0)
    assert parse_transcription_usage({"type": "duration", "seconds": "3"}) == (None, None)
    tokens = {"type": "tokens", "input_tokens": 20, "input_token_details": {"audio_tokens": 20}}
    assert parse_transcription_usage(tokens) == (TokenUsage(input_audio=20), None)


def test_a_length_that_is_no_number_of_seconds_is_none() -> None:
    assert parse_transcription_usage({"type": "duration", "seconds": True}) == (None, None)
    assert parse_transcription_usage({"type": "duration", "seconds": -1}) == (None, 0.0)


def test_one_number_of_cached_tokens_is_the_beginning_of_the_prompt() -> None:
    usage = parse_response_usage(
        {
            "input_token_details": {
                "text_tokens": 40,
                "audio_tokens": 100,
                "image_tokens": 9,
                "cached_tokens": 64,
            }
        }
    )
    assert usage is not None
    assert (usage.cached_text, usage.cached_audio, usage.cached_image) == (40, 24, 0)


def test_the_transcribing_model_is_the_one_the_provider_shows() -> None:
    heard = {"audio": {"input": {"transcription": {"model": "gpt-realtime-whisper"}}}}
    assert transcription_model_of(heard) == "gpt-realtime-whisper"
    assert transcription_model_of({"audio": {"input": {"transcription": None}}}) == ""
