"""The numbers above the list: of all calls that the filter lets through."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from realtime.core.effects import EndReason
from realtime.models import RealtimeSession, ResponseUsage
from review.percentiles import answer_times, rank

FAILURES = (
    EndReason.UPSTREAM_CLOSED,
    EndReason.UPSTREAM_EXPIRED,
    EndReason.UPSTREAM_ERROR,
    EndReason.SERVER_LOST,
)


@dataclass(frozen=True, slots=True)
class CallSummary:
    """error_rate: the share of calls, 0 to 1, that the provider or a server of ours ended.
    first_audio_p50_ms, first_audio_p95_ms: over every answer of these calls."""

    calls: int
    minutes: float
    users: int
    cost_usd: Decimal
    turns: int
    interruptions: int
    first_audio_p50_ms: int | None
    first_audio_p95_ms: int | None
    error_rate: float


def summary_of(calls: QuerySet[RealtimeSession]) -> CallSummary:
    """Four queries."""
    calls = calls.order_by()
    failed = Q(end_reason__in=[reason.value for reason in FAILURES])
    # Over the primary keys alone, so that no join of the filter counts a call twice.
    totals = (
        RealtimeSession.objects.filter(pk__in=calls.values("pk"))
        .order_by()
        .aggregate(
            calls=Count("pk"),
            users=Count("user", distinct=True),
            cost=Sum("cost_usd"),
            turns=Sum("turns"),
            interruptions=Sum("interruptions"),
            failed=Count("pk", filter=failed),
        )
    )
    spoken = calls.aggregate(total=Sum("duration"))["total"] or dt.timedelta()
    times = answer_times().filter(session__in=calls.values("pk")).order_by("first_audio_ms")
    measured = times.count()
    p50, p95 = (
        _nth(times.values_list("first_audio_ms", flat=True), rank(percent, measured))
        for percent in (50, 95)
    )
    return CallSummary(
        calls=totals["calls"],
        minutes=round(spoken.total_seconds() / 60, 2),
        users=totals["users"],
        cost_usd=totals["cost"] or Decimal(0),
        turns=totals["turns"] or 0,
        interruptions=totals["interruptions"] or 0,
        first_audio_p50_ms=p50,
        first_audio_p95_ms=p95,
        error_rate=round(totals["failed"] / totals["calls"], 4) if totals["calls"] else 0.0,
    )


def _nth(values: QuerySet[ResponseUsage, int | None], nth: int) -> int | None:
    return next(iter(values[nth - 1 : nth]), None)
