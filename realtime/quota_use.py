"""How much voice time and money users may use, have used, and hold reserved (contract §8).

Used is read off the sessions' own rows, so that nothing has to be given back: a session that ends,
on a server that lives or by the sweep of a dead one's, counts for what it was from then on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db.models import Q, Sum
from django.utils import timezone

from accounts.policy import policies_of
from realtime.models import RealtimeSession, ResponseUsage

# No session is older than this when it uses something, whatever the secret's life and the cap.
LONGEST_SESSION = dt.timedelta(days=2)
# Less than that is nothing: sums of seconds are not exact, and a share of it would round to zero.
LEAST_S = 0.05
LEAST_USD = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class QuotaLimits:
    """Voice seconds a day, and US dollars a month; None: any number."""

    day_s: float
    month_usd: Decimal | None


@dataclass(slots=True)
class QuotaUse:
    """What one user has used today and this month, and what running sessions hold besides."""

    day_s: float = 0.0
    reserved_s: float = 0.0
    month_usd: Decimal = Decimal(0)
    reserved_usd: Decimal = Decimal(0)

    def free_s(self, limits: QuotaLimits) -> float:
        """Voice seconds that nobody uses or holds."""
        free_s = limits.day_s - self.day_s - self.reserved_s
        return free_s if free_s >= LEAST_S else 0.0

    def free_usd(self, limits: QuotaLimits) -> Decimal | None:
        """US dollars that nobody has spent or holds; None: any number."""
        if limits.month_usd is None:
            return None
        free_usd = limits.month_usd - self.month_usd - self.reserved_usd
        return free_usd if free_usd >= LEAST_USD else Decimal(0)


def limits_of(user_ids: Collection[int]) -> dict[int, QuotaLimits]:
    """The tighter of what the server allows everybody and what each user's policy allows them."""
    limits = {}
    for user_id, row in policies_of(user_ids).items():
        day_s, month_usd = float(settings.LIMIT_DAY_SEC), settings.LIMIT_MONTH_USD
        if row.day_minutes is not None:
            day_s = min(day_s, row.day_minutes * 60.0)
        if row.month_usd is not None:
            month_usd = row.month_usd if month_usd is None else min(month_usd, row.month_usd)
        limits[user_id] = QuotaLimits(day_s, month_usd)
    return limits


def uses_of(
    user_ids: Collection[int], now: dt.datetime, *, with_money: bool = True
) -> dict[int, QuotaUse]:
    """What these users have used and hold. with_money: False where no limit makes it matter."""
    uses = {user_id: QuotaUse() for user_id in user_ids}
    for user_id, used_s, reserved_s in _voice_of(user_ids, now):
        uses[user_id].day_s += used_s
        uses[user_id].reserved_s += reserved_s
    if with_money:
        _add_money(uses, now)
    return uses


def day_start(now: dt.datetime) -> dt.datetime:
    """Midnight of this day in the server's TIME_ZONE."""
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def month_start(now: dt.datetime) -> dt.datetime:
    return day_start(now).replace(day=1)


def next_month_start(now: dt.datetime) -> dt.datetime:
    return month_start(month_start(now) + dt.timedelta(days=32))


def _voice_of(user_ids: Collection[int], now: dt.datetime) -> Iterator[tuple[int, float, float]]:
    """(user, voice seconds inside today, seconds reserved from now on) of each session. Text
    sessions are free; one that is still being dialled has used none, but holds its reservation."""
    start = day_start(now)
    rows = RealtimeSession.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=start),
        Q(started_at__isnull=False) | Q(slot_taken_at__isnull=False),
        user_id__in=user_ids,
        is_text_only=False,
    ).values_list(
        "user_id", "started_at", "ended_at", "slot_taken_at", "last_seen_at", "voice_until"
    )
    for user_id, started_at, ended_at, slot_taken_at, last_seen_at, voice_until in rows:
        until = ended_at or (now if slot_taken_at else last_seen_at) or now
        began = max(started_at or until, start)
        held_until = voice_until if ended_at is None and voice_until is not None else until
        yield (
            user_id,
            max(0.0, (until - began).total_seconds()),
            max(0.0, (held_until - max(until, now)).total_seconds()),
        )


def spent_this_month(user_ids: Collection[int], now: dt.datetime) -> dict[int, Decimal]:
    """US dollars of these users' calls, in two queries."""
    start = month_start(now)
    spent = dict.fromkeys(user_ids, Decimal(0))
    this_month = RealtimeSession.objects.filter(user_id__in=spent, created_at__gte=start)
    for row in this_month.values("user_id").annotate(usd=Sum("cost_usd")).order_by():
        spent[row["user_id"]] += row["usd"]
    # Sessions that ran into this month: what they used since.
    overhang = ResponseUsage.objects.filter(
        session__user_id__in=spent,
        session__created_at__lt=start,
        session__created_at__gte=start - LONGEST_SESSION,
        created_at__gte=start,
    ).values("session__user_id")
    for used in overhang.annotate(usd=Sum("cost_usd")).order_by():
        spent[used["session__user_id"]] += used["usd"]
    return spent


def _add_money(uses: dict[int, QuotaUse], now: dt.datetime) -> None:
    # What is held before what is spent: an answer paid for in between then counts twice for a
    # moment. The other way round it would count for nothing, and could be spent again.
    running = RealtimeSession.objects.filter(user_id__in=uses).running()
    for user_id, usd_reserved, cost_usd in running.values_list(
        "user_id", "usd_reserved", "cost_usd"
    ):
        uses[user_id].reserved_usd += max(Decimal(0), usd_reserved - cost_usd)
    for user_id, usd in spent_this_month(uses, now).items():
        uses[user_id].month_usd += usd
