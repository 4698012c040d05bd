"""What one person has used and has left, today, this month and by day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils import timezone

from realtime.models import RealtimeSession
from realtime.quota_use import day_start, limits_of, month_start, next_month_start, uses_of

DAYS = 31


@dataclass(slots=True)
class UsedDay:
    """The sessions that began on `day`, in the server's TIME_ZONE."""

    day: dt.date
    calls: int = 0
    voice_s: float = 0.0
    cost_usd: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class OwnUsage:
    """limit and left are None where there is no limit. Left counts what running calls hold as used
    only as far as they have used it."""

    voice_s: float
    voice_limit_s: float
    voice_left_s: float
    day_resets_at: dt.datetime
    cost_usd: Decimal
    cost_limit_usd: Decimal | None
    cost_left_usd: Decimal | None
    month_resets_at: dt.datetime
    calls_this_month: int
    days: list[UsedDay] = field(default_factory=list)


def own_usage(user_id: int) -> OwnUsage:
    now = timezone.now()
    limits = limits_of([user_id])[user_id]
    use = uses_of([user_id], now)[user_id]
    days = _days(user_id, now)
    first = timezone.localtime(month_start(now)).date()
    left_usd = None
    if limits.month_usd is not None:
        left_usd = max(Decimal(0), limits.month_usd - use.month_usd)
    return OwnUsage(
        voice_s=round(use.day_s, 1),
        voice_limit_s=limits.day_s,
        voice_left_s=round(max(0.0, limits.day_s - use.day_s), 1),
        day_resets_at=day_start(day_start(now) + dt.timedelta(hours=36)),
        cost_usd=use.month_usd,
        cost_limit_usd=limits.month_usd,
        cost_left_usd=left_usd,
        month_resets_at=next_month_start(now),
        calls_this_month=sum(day.calls for day in days if day.day >= first),
        days=days,
    )


def _days(user_id: int, now: dt.datetime) -> list[UsedDay]:
    """The last 31 days, the oldest first, empty ones too."""
    today = timezone.localtime(now).date()
    days = [UsedDay(today - dt.timedelta(days=back)) for back in reversed(range(DAYS))]
    by_day = {day.day: day for day in days}
    began = day_start(now) - dt.timedelta(days=DAYS)
    sessions = RealtimeSession.objects.filter(user_id=user_id, started_at__gte=began)
    for session in sessions.only(
        "started_at", "ended_at", "last_seen_at", "is_text_only", "cost_usd"
    ):
        assert session.started_at is not None
        day = by_day.get(timezone.localtime(session.started_at).date())
        if day is None:
            continue
        day.calls += 1
        day.cost_usd += session.cost_usd
        if not session.is_text_only:
            day.voice_s += (session.duration_ms or 0) / 1000
    return days
