"""The numbers above the list: of all calls that the filter lets through."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from realtime.core.effects import EndReason
from realtime.models import RealtimeSession
from review.percentiles import answer_times, voice_to_voice_times

FAILURES = (
    EndReason.UPSTREAM_CLOSED,
    EndReason.UPSTREAM_EXPIRED,
    EndReason.UPSTREAM_ERROR,
    EndReason.SERVER_LOST,
)


@dataclass(frozen=True, slots=True)
class CallSummary:
    """error_rate: the share of calls, 0 to 1, that the provider or a server of ours ended.
    first_audio_p50_ms, v2v_p50_ms …: over every answer of these calls."""

    calls: int
    minutes: float
    users: int
    cost_usd: Decimal
    turns: int
    interruptions: int
    first_audio_p50_ms: int | None
    first_audio_p95_ms: int | None
    v2v_p50_ms: float | None
    v2v_p95_ms: float | None
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
    these = calls.values("pk")
    first_audio = _percentiles(answer_times().filter(session__in=these), "first_audio_ms")
    v2v = _percentiles(voice_to_voice_times().filter(session__in=these), "v2v_ms")
    return CallSummary(
        calls=totals["calls"],
        minutes=round(spoken.total_seconds() / 60, 2),
        users=totals["users"],
        cost_usd=totals["cost"] or Decimal(0),
        turns=totals["turns"] or 0,
        interruptions=totals["interruptions"] or 0,
        first_audio_p50_ms=first_audio[0],
        first_audio_p95_ms=first_audio[1],
        v2v_p50_ms=v2v[0],
        v2v_p95_ms=v2v[1],
        error_rate=round(totals["failed"] / totals["calls"], 4) if totals["calls"] else 0.0,
    )


def _percentiles(times: QuerySet[Any], field: str) -> tuple[Any, Any]:
    """P50 and P95 of a field in one query; None without any."""
    place = {percent: (F("out_of") * percent + 99) / 100 for percent in (50, 95)}
    found = list(
        times.order_by()
        .annotate(
            nth=Window(RowNumber(), order_by=F(field).asc()),
            out_of=Window(Count("pk")),
        )
        .filter(Q(nth=place[50]) | Q(nth=place[95]))
        .values_list(field, flat=True)
    )
    return (min(found), max(found)) if found else (None, None)
