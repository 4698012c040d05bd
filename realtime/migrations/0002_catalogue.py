"""The models, voices and prices known on 2026-11-20; an admin edits them from then on."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import migrations

AS_OF = dt.date(2026, 11, 20)
MODEL_PAGES = "developers.openai.com model pages"
SDK = "openai-python 3.52.0"

# name, context tokens, output tokens, retires on, note
MODELS: list[tuple[str, int | None, int | None, dt.date | None, str]] = [
    ("gpt-realtime-2.1", 128_000, 32_000, None, "Reasoning; the default of the official SDKs."),
    ("gpt-realtime-2", 128_000, 32_000, None, "Reasoning."),
    ("gpt-realtime-2.1-mini", 128_000, 32_000, None, "Reasoning."),
    ("gpt-realtime-1.5", 32_000, 4_096, None, ""),
    ("gpt-realtime", 32_000, 4_096, dt.date(2027, 1, 20), ""),
    ("gpt-realtime-2025-08-28", 32_000, 4_096, dt.date(2027, 1, 20), ""),
    ("gpt-realtime-mini", None, None, dt.date(2027, 1, 20), ""),
    ("gpt-realtime-mini-2025-12-15", None, None, dt.date(2027, 1, 20), ""),
    ("gpt-4o-realtime-preview", None, None, dt.date(2026, 5, 12), "Went with the beta interface."),
    (
        "gpt-4o-mini-realtime-preview",
        16_000,
        4_096,
        dt.date(2026, 5, 12),
        "Went with the beta interface.",
    ),
]
TRANSCRIPTION_MODELS: list[tuple[str, dt.date | None, str]] = [
    ("gpt-realtime-whisper", None, "Billed by the minute of audio."),
    ("gpt-live-transcribe", None, "Billed by the minute of audio."),
    ("gpt-transcribe", None, ""),
    ("whisper-1", dt.date(2027, 2, 26), ""),
    ("gpt-4o-transcribe", dt.date(2027, 2, 26), ""),
    ("gpt-4o-mini-transcribe", dt.date(2027, 2, 26), ""),
    ("gpt-4o-transcribe-diarize", dt.date(2027, 2, 26), ""),
]
# model, text in/cached/out, audio in/cached/out, image in/cached: US dollars per million tokens
PRICES: list[tuple[str, str, str, str, str, str, str, str, str]] = [
    ("gpt-realtime-2.1", "4", "0.40", "24", "32", "0.40", "64", "5", "0.50"),
    ("gpt-realtime-2", "4", "0.40", "24", "32", "0.40", "64", "5", "0.50"),
    ("gpt-realtime-2.1-mini", "0.60", "0.06", "2.40", "10", "0.30", "20", "0.80", "0.08"),
    ("gpt-realtime-1.5", "4", "0.40", "16", "32", "0.40", "64", "5", "0.50"),
    ("gpt-4o-mini-realtime-preview", "0.60", "0.30", "2.40", "10", "0.30", "20", "0", "0"),
]
MINUTE_PRICES = [("gpt-realtime-whisper", "0.017"), ("gpt-live-transcribe", "0.017")]
VOICES = [
    ("marin", True),
    ("cedar", True),
    ("alloy", False),
    ("ash", False),
    ("ballad", False),
    ("coral", False),
    ("echo", False),
    ("sage", False),
    ("shimmer", False),
    ("verse", False),
]


def seed(apps: Any, schema_editor: Any) -> None:
    model_table = apps.get_model("realtime", "RealtimeModel")
    price_table = apps.get_model("realtime", "ModelPrice")
    voice_table = apps.get_model("realtime", "Voice")
    for name, context, output, retires_on, note in MODELS:
        model_table.objects.create(
            name=name,
            context_tokens=context,
            max_output_tokens=output,
            retires_on=retires_on,
            note=note,
            source=MODEL_PAGES,
            as_of=AS_OF,
        )
    for name, retires_on, note in TRANSCRIPTION_MODELS:
        model_table.objects.create(
            name=name,
            kind="transcription",
            retires_on=retires_on,
            note=note,
            source=SDK,
            as_of=AS_OF,
        )
    embedded = model_table.objects.create(
        name="embedded",
        provider="embedded",
        note="The demonstration voice of this server: answers to any model name, free.",
        source="VoiceAssist",
        as_of=AS_OF,
    )
    free = {"valid_from": AS_OF, "source": "VoiceAssist", "as_of": AS_OF}
    price_table.objects.create(model=embedded, **free)
    columns = (
        "text_input",
        "text_cached",
        "text_output",
        "audio_input",
        "audio_cached",
        "audio_output",
        "image_input",
        "image_cached",
    )
    listed = {"valid_from": AS_OF, "source": MODEL_PAGES, "as_of": AS_OF}
    for name, *amounts in PRICES:
        price_table.objects.create(
            model=model_table.objects.get(name=name),
            **dict(zip(columns, map(Decimal, amounts), strict=True)),
            **listed,
        )
    for name, amount in MINUTE_PRICES:
        price_table.objects.create(
            model=model_table.objects.get(name=name), audio_minute=Decimal(amount), **listed
        )
    for name, recommended in VOICES:
        voice_table.objects.create(
            name=name, recommended=recommended, source=f"{SDK}, {MODEL_PAGES}", as_of=AS_OF
        )


def unseed(apps: Any, schema_editor: Any) -> None:
    for table in ("ModelPrice", "RealtimeModel", "Voice"):
        apps.get_model("realtime", table).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("realtime", "0001_initial")]
    operations = [migrations.RunPython(seed, unseed)]
