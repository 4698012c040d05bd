"""Percentiles by nearest rank: always a value that was measured, and the same one in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db.models import Count, F, OuterRef, QuerySet, Window
from django.db.models.functions import RowNumber

from realtime.models import ResponseUsage, TurnTime

Row = TypeVar("Row", ResponseUsage, TurnTime)
Number = TypeVar("Number", int, float)


def rank(percent: int, count: int) -> int:
    """Which of `count` sorted values, from 1, is the percentile: the ceiling of percent·count."""
    return max(1, (percent * count + 99) // 100)


def percentile(percent: int, sorted_values: Sequence[Number]) -> Number | None:
    """None without values."""
    return sorted_values[rank(percent, len(sorted_values)) - 1] if sorted_values else None


def answer_times() -> QuerySet[ResponseUsage]:
    """The responses of which the time to the first audio is known."""
    return ResponseUsage.objects.filter(
        kind=ResponseUsage.Kind.RESPONSE, first_audio_ms__isnull=False
    )


def voice_to_voice_times() -> QuerySet[TurnTime]:
    """The answers of which the time from the end of the speech is known."""
    return TurnTime.objects.filter(v2v_ms__isnull=False)


def first_audio_of_call(percent: int) -> QuerySet[ResponseUsage, Any]:
    """For a Subquery over sessions: the percentile (ms) of one call's answers."""
    return _of_call(answer_times(), "first_audio_ms", percent)


def voice_to_voice_of_call(percent: int) -> QuerySet[TurnTime, Any]:
    """The same from the end of the speech to the first sound (docs/review.md)."""
    return _of_call(voice_to_voice_times(), "v2v_ms", percent)


def _of_call(measured: QuerySet[Row], name: str, percent: int) -> QuerySet[Row, Any]:
    partition = [F("session_id")]
    return (
        measured.filter(session_id=OuterRef("pk"))
        .order_by()
        .annotate(
            nth=Window(RowNumber(), partition_by=partition, order_by=F(name).asc()),
            out_of=Window(Count("pk"), partition_by=partition),
        )
        .filter(nth=(F("out_of") * percent + 99) / 100)
        .values_list(name, flat=True)
    )
