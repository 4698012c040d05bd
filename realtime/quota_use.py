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
from django.db.models import DateTimeField, Q, Sum
from django.utils import timezone

from accounts.policy import policies_of
from conversations.made import Given, GivenKeys, MadeRows
from realtime.models import RealtimeSession, ResponseUsage

# No session is older than this when it uses something, whatever the secret's life and the cap.
LONGEST_SESSION = dt.timedelta(days=2)
# Less than that is nothing: sums of seconds are not exact, and a share of it would round to zero.
LEAST_S = 0.05
LEAST_USD = Decimal("0.000001")


_USERS = GivenKeys("user_ids")
_START = Given("start", DateTimeField())
_VOICE = MadeRows(
    lambda: (
        RealtimeSession.objects.filter(
            Q(ended_at=None) | Q(ended_at__gt=_START),
            Q(started_at__isnull=False) | Q(slot_taken_at__isnull=False),
            user_id__in=_USERS,
            is_text_only=False,
        )
        .order_by()
        .values_list(
            "user_id", "started_at", "ended_at", "slot_taken_at", "last_seen_at", "voice_until"
        )
    )
)
_HELD = MadeRows(
    lambda: (
        RealtimeSession.objects.filter(user_id__in=_USERS)
        .running()
        .order_by()
        .values_list("user_id", "usd_reserved", "cost_usd")
    )
)
_SPENT = MadeRows(
    lambda: (
        RealtimeSession.objects.filter(user_id__in=_USERS, created_at__gte=_START)
        .order_by()
        .values_list("user_id")
        .annotate(usd=Sum("cost_usd"))
    )
)
# Of sessions that ran into this month: what they used since.
_SPENT_SINCE = MadeRows(
    lambda: (
        ResponseUsage.objects.filter(
            session__user_id__in=_USERS,
            session__created_at__lt=_START,
            session__created_at__gte=Given("oldest", DateTimeField()),
            created_at__gte=_START,
        )
        .order_by()
        .values_list("session__user_id")
        .annotate(usd=Sum("cost_usd"))
    )
)


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
    rows = _VOICE(user_ids=user_ids, start=start)
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
    for user_id, usd in _SPENT(user_ids=user_ids, start=start):
        spent[user_id] += usd
    for user_id, usd in _SPENT_SINCE(
        user_ids=user_ids, start=start, oldest=start - LONGEST_SESSION
    ):
        spent[user_id] += usd
    return spent


def _add_money(uses: dict[int, QuotaUse], now: dt.datetime) -> None:
    # What is held before what is spent: an answer paid for in between then counts twice for a
    # moment. The other way round it would count for nothing, and could be spent again.
    for user_id, usd_reserved, cost_usd in _HELD(user_ids=uses):
        uses[user_id].reserved_usd += max(Decimal(0), usd_reserved - cost_usd)
    for user_id, usd in spent_this_month(uses, now).items():
        uses[user_id].month_usd += usd
