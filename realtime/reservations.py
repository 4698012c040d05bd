"""Voice time and money held for running sessions, so that calls side by side cannot overspend.

A session takes a slice when it opens and the next before it has used that; nobody else can use what
it holds. A slice is a share of what is left, so that the last minute is not one call's alone. What
is unused at its end is free again, because only running sessions hold anything.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from conversations.made import GivenKeys, MadeModels, MadeRows
from realtime.catalogue import SMALLEST_USD
from realtime.core.allowance import Quota, QuotaLow
from realtime.core.errors import QuotaExhausted
from realtime.counting import counting
from realtime.models import RealtimeSession, ResponseUsage
from realtime.quota_use import (
    QuotaLimits,
    QuotaUse,
    day_start,
    limits_of,
    next_month_start,
    uses_of,
)

SLICE_S = 60.0
LEAST_SLICE_S = 2.5
RENEW_AHEAD_S = 20.0
SLICE_USD = Decimal("0.50")
RENEW_BELOW_USD = Decimal("0.25")
LEAST_SLICE_USD = Decimal("0.01")
LOW_PERCENT = 80
FAR_S = 10.0
_CENT = Decimal("0.01")
_FIELDS = (
    "user_id",
    "connection_id",
    "is_text_only",
    "cost_usd",
    "voice_until",
    "usd_reserved",
)


_PKS = GivenKeys("pks")
_OF_PKS = MadeModels(lambda: RealtimeSession.objects.filter(pk__in=_PKS).order_by().only(*_FIELDS))
_RUNNING = MadeModels(
    lambda: RealtimeSession.objects.running().filter(pk__in=_PKS).order_by().only(*_FIELDS)
)
_DEAREST = MadeRows(
    lambda: (
        ResponseUsage.objects.filter(session_id__in=_PKS)
        .order_by()
        .values_list("session_id")
        .annotate(usd=Max("cost_usd"))
    )
)


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a session holds: voice time up to `voice_until` (None: none), and as much money as makes
    its cost `usd_reserved`."""

    voice_until: dt.datetime | None
    usd_reserved: Decimal


@dataclass(frozen=True, slots=True)
class Grant:
    """What a running session may still use.

    voice_left_s: how long its last voice time lasts; None while more can be had.
    is_far: nothing of this will change within some seconds, whatever the session does.
    """

    voice_left_s: float | None
    is_money_spent: bool
    low: tuple[QuotaLow, ...]
    is_far: bool = False


def check_quota(user_id: int, now: dt.datetime, *, is_text_only: bool) -> None:
    """Raises QuotaExhausted when the user has nothing left. Text costs money, not minutes."""
    _check(*_of_user(user_id, now), now, is_text_only=is_text_only)


def reserve(session: RealtimeSession, now: dt.datetime) -> Reservation:
    """What a session that opens is to hold. Call inside `counting`, and write it to its row.

    Raises QuotaExhausted when the user has used up, or other sessions hold, all there is.
    """
    limits, use = _of_user(session.user_id, now)
    _check(limits, use, now, is_text_only=session.is_text_only)
    fresh = next(iter(_OF_PKS(pks=[session.pk])), session)
    reservation = _extended(fresh, limits, use, Decimal(0), now)
    held_until = reservation.voice_until
    if not fresh.is_text_only and (held_until is None or held_until <= now):
        raise _held_by_others()
    if limits.month_usd is not None and reservation.usd_reserved <= fresh.cost_usd:
        raise _held_by_others()
    return reservation


def renew(session_pks: Collection[int]) -> dict[int, Grant]:
    """Extend what these running sessions hold where they will need it, and say what they may use.

    Takes a user's lock only where a row is to be changed.
    """
    sessions = _RUNNING(pks=session_pks)
    now = timezone.now()
    user_ids = {session.user_id for session in sessions}
    limits = limits_of(user_ids)
    has_money = any(limit.month_usd is not None for limit in limits.values())
    uses = uses_of(user_ids, now, with_money=has_money)
    dearest = _dearest_answers(session_pks) if has_money else {}
    grants = {}
    for session in sessions:
        limit, user_id = limits[session.user_id], session.user_id
        next_usd = dearest.get(session.pk, Decimal(0))
        if _extended(session, limit, uses[user_id], next_usd, now) != _held(session):
            uses[user_id] = _extend(session, limit, next_usd)
        grants[session.pk] = _grant(session, limit, uses[user_id], next_usd, timezone.now())
    return grants


def _extend(session: RealtimeSession, limits: QuotaLimits, next_usd: Decimal) -> QuotaUse:
    """Write a longer reservation to the row; the use as it is then."""
    with counting(session.user_id):
        now = timezone.now()
        mine = RealtimeSession.objects.running().filter(
            pk=session.pk, connection_id=session.connection_id
        )
        for fresh in mine.only(*_FIELDS):
            _, use = _of_user(session.user_id, now, limits)
            reservation = _extended(fresh, limits, use, next_usd, now)
            session.cost_usd = fresh.cost_usd
            session.voice_until = reservation.voice_until
            session.usd_reserved = reservation.usd_reserved
            mine.update(voice_until=reservation.voice_until, usd_reserved=reservation.usd_reserved)
        return _of_user(session.user_id, now, limits)[1]


def _check(limits: QuotaLimits, use: QuotaUse, now: dt.datetime, *, is_text_only: bool) -> None:
    if not is_text_only and use.day_s >= limits.day_s:
        raise _minutes_used_up(now)
    if limits.month_usd is not None and use.month_usd >= limits.month_usd:
        raise _money_used_up(now)


def _of_user(
    user_id: int, now: dt.datetime, limits: QuotaLimits | None = None
) -> tuple[QuotaLimits, QuotaUse]:
    limits = limits or limits_of([user_id])[user_id]
    has_money = limits.month_usd is not None
    return limits, uses_of([user_id], now, with_money=has_money)[user_id]


def _held(session: RealtimeSession) -> Reservation:
    return Reservation(session.voice_until, session.usd_reserved)


def _extended(
    session: RealtimeSession,
    limits: QuotaLimits,
    use: QuotaUse,
    next_usd: Decimal,
    now: dt.datetime,
) -> Reservation:
    """What the session should hold; as now where that suffices or nothing is free.

    next_usd: what the dearest answer of this session cost; another like it is to be paid for.
    """
    voice_until, usd_reserved = session.voice_until, session.usd_reserved
    ahead_s = 0.0 if voice_until is None else (voice_until - now).total_seconds()
    free_s = use.free_s(limits)
    if not session.is_text_only and ahead_s < RENEW_AHEAD_S and free_s > 0:
        share_s = max(free_s / settings.LIMIT_SESSIONS_PER_USER, min(free_s, LEAST_SLICE_S))
        ahead_s = max(0.0, ahead_s)
        voice_until = now + dt.timedelta(seconds=ahead_s + min(share_s, SLICE_S - ahead_s))
    free_usd = use.free_usd(limits)
    left_usd = usd_reserved - session.cost_usd
    if free_usd is not None and left_usd < max(RENEW_BELOW_USD, next_usd) and free_usd > 0:
        share = free_usd / settings.LIMIT_SESSIONS_PER_USER
        share = max(share, min(free_usd, max(LEAST_SLICE_USD, next_usd)))
        left_usd = max(Decimal(0), left_usd)
        more_usd = min(share, max(SLICE_USD, next_usd) - left_usd)
        usd_reserved = session.cost_usd + left_usd + more_usd.quantize(SMALLEST_USD, ROUND_DOWN)
    return Reservation(voice_until, usd_reserved)


def _grant(
    session: RealtimeSession,
    limits: QuotaLimits,
    use: QuotaUse,
    next_usd: Decimal,
    now: dt.datetime,
) -> Grant:
    voice_left_s = None
    if not session.is_text_only and use.free_s(limits) <= 0:
        held_s = 0.0 if session.voice_until is None else (session.voice_until - now).total_seconds()
        # An administrator may have allowed less since.
        voice_left_s = max(0.0, min(held_s, limits.day_s - use.day_s))
    is_money_spent = False
    free_usd = use.free_usd(limits)
    if free_usd is not None and free_usd <= 0:
        left_usd = session.usd_reserved - session.cost_usd
        is_overspent = limits.month_usd is not None and use.month_usd >= limits.month_usd
        is_money_spent = is_overspent or left_usd <= 0 or left_usd < next_usd
    low = tuple(_low(session, limits, use))
    is_far = not low and limits.month_usd is None and _is_far(session, limits, use, now)
    return Grant(voice_left_s, is_money_spent, low, is_far)


def _is_far(session: RealtimeSession, limits: QuotaLimits, use: QuotaUse, now: dt.datetime) -> bool:
    """What it holds lasts until it is looked at again, and all its user may have at once would not
    bring them near what they are told of."""
    if session.is_text_only:
        return False  # it may begin to speak
    held_s = 0.0 if session.voice_until is None else (session.voice_until - now).total_seconds()
    soon_s = use.day_s + FAR_S * settings.LIMIT_SESSIONS_PER_USER
    return held_s > FAR_S and soon_s * 100 < limits.day_s * LOW_PERCENT


def _low(session: RealtimeSession, limits: QuotaLimits, use: QuotaUse) -> Sequence[QuotaLow]:
    low = []
    if not session.is_text_only and limits.day_s > 0:
        percent = math.floor(use.day_s * 100 / limits.day_s)
        left_s = float(round(max(0.0, limits.day_s - use.day_s)))
        if percent >= LOW_PERCENT:
            low.append(QuotaLow(Quota.MINUTES, min(100, percent), left_s))
    if limits.month_usd:
        percent = math.floor(use.month_usd * 100 / limits.month_usd)
        left = max(Decimal(0), limits.month_usd - use.month_usd)
        if percent >= LOW_PERCENT:
            low.append(QuotaLow(Quota.MONEY, min(100, percent), str(left.quantize(_CENT))))
    return low


def _dearest_answers(session_pks: Collection[int]) -> dict[int, Decimal]:
    return dict(_DEAREST(pks=session_pks))


def _minutes_used_up(now: dt.datetime) -> QuotaExhausted:
    tomorrow = day_start(day_start(now) + dt.timedelta(hours=36))
    return QuotaExhausted(
        "Today's voice minutes are used up. You can go on in text.",
        retry_after_s=math.ceil((tomorrow - now).total_seconds()),
    )


def _money_used_up(now: dt.datetime) -> QuotaExhausted:
    return QuotaExhausted(
        "This month's budget is used up.",
        retry_after_s=math.ceil((next_month_start(now) - now).total_seconds()),
    )


def _held_by_others() -> QuotaExhausted:
    return QuotaExhausted(
        "Your other calls hold what is left of your quota. End one first.", retry_after_s=5
    )
