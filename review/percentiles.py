"""Percentiles by nearest rank: always a value that was measured, and the same one in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Window
from django.db.models.functions import RowNumber

from realtime.models import ResponseUsage


def rank(percent: int, count: int) -> int:
    """Which of `count` sorted values, from 1, is the percentile: the ceiling of percent·count."""
    return max(1, (percent * count + 99) // 100)


def percentile(percent: int, sorted_values: Sequence[int]) -> int | None:
    """None without values."""
    return sorted_values[rank(percent, len(sorted_values)) - 1] if sorted_values else None


def answer_times() -> QuerySet[ResponseUsage]:
    """The responses of which the time to the first audio is known."""
    return ResponseUsage.objects.filter(
        kind=ResponseUsage.Kind.RESPONSE, first_audio_ms__isnull=False
    )


def first_audio_of_call(percent: int) -> QuerySet[ResponseUsage, Any]:
    """For a Subquery over sessions: the percentile (ms) of one call's answers."""
    partition = [F("session_id")]
    return (
        answer_times()
        .filter(session_id=OuterRef("pk"))
        .order_by()
        .annotate(
            nth=Window(RowNumber(), partition_by=partition, order_by=F("first_audio_ms").asc()),
            out_of=Window(Count("pk"), partition_by=partition),
        )
        .filter(nth=(F("out_of") * percent + 99) / 100)
        .values_list("first_audio_ms", flat=True)
    )
