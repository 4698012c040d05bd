"""The calls that run now, as the live floor lists them: nothing that was said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from django.db.models import FloatField, IntegerField, OuterRef, QuerySet, Subquery
from django.utils import timezone

from conversations.models import Item
from realtime import sessions
from realtime.core.glance import Activity
from realtime.looking_in import glance
from realtime.models import RealtimeSession, SessionState
from realtime.quota_use import limits_of, spent_this_month
from review.calls.queries import reviewable_calls
from review.percentiles import first_audio_of_call, voice_to_voice_of_call

MAX_CALLS: Final = 500
# A server says three times in this that it lives.
SILENT_AFTER: Final = dt.timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class LiveCall:
    """One running call. Elapsed time is for who shows it to count, from `started_at`.

    activity: a word of `realtime.core.glance`; "" while nobody knows.
    month_usd, month_limit_usd: what the person has spent this month, and may; None without a limit.
    v2v_ms, first_audio_ms: voice to voice, and from the request for an answer to its first audio at
    the gateway; each the median of its answers. is_silent: its server gives no sign of life.
    keeps_words: False where nothing of what is said is kept, and so none of it is shown.
    """

    session_id: str
    conversation_id: str | None
    user_id: int
    username: str
    state: str
    activity: str
    transport: str
    provider: str
    model: str
    opened_by: str
    is_text_only: bool
    keeps_words: bool
    started_at: dt.datetime
    turns: int
    interruptions: int
    cost_usd: Decimal
    month_usd: Decimal | None
    month_limit_usd: Decimal | None
    v2v_ms: int | None
    first_audio_ms: int | None
    is_silent: bool


@dataclass(frozen=True, slots=True)
class LiveFloor:
    """The running calls, the newest first; `more`: only the newest MAX_CALLS are among them."""

    now: dt.datetime
    calls: tuple[LiveCall, ...]
    more: bool


def live_floor() -> LiveFloor:
    """What the database knows, in five queries at most however many calls run."""
    now = timezone.now()
    rows = list(_running()[: MAX_CALLS + 1])
    budgets = _budgets({row.user_id for row in rows}, now)
    calls = tuple(_call(row, budgets, now) for row in rows[:MAX_CALLS])
    return LiveFloor(now, calls, more=len(rows) > MAX_CALLS)


def activities_here() -> dict[str, str]:
    """What goes on in the calls of this process, by session id. Any thread."""
    seen = [glance(session, with_words=False) for session in sessions.running_here()]
    return {found["session_id"]: found["activity"] for found in seen}


def with_activities(floor: LiveFloor, activities: Mapping[str, str]) -> LiveFloor:
    """The same with what the processes that run the calls say of them, where they do."""
    calls = tuple(
        replace(call, activity=activities.get(call.session_id, call.activity))
        for call in floor.calls
    )
    return replace(floor, calls=calls)


def _running() -> QuerySet[RealtimeSession]:
    unfinished = Item.objects.filter(
        session_id=OuterRef("public_id"),
        status=Item.Status.IN_PROGRESS,
        kind=Item.Kind.MESSAGE,
        deleted_at__isnull=True,
    )
    return (
        reviewable_calls()
        .filter(state__in=(SessionState.LIVE, SessionState.DETACHED))
        .annotate(
            first_audio=Subquery(first_audio_of_call(50), output_field=IntegerField()),
            v2v=Subquery(voice_to_voice_of_call(50), output_field=FloatField()),
            unfinished=Subquery(unfinished.order_by("-position").values("role")[:1]),
        )
        .select_related("user")
        .defer("config")
        .order_by("-started_at", "-pk")
    )


def _budgets(user_ids: set[int], now: dt.datetime) -> dict[int, tuple[Decimal, Decimal]]:
    """(spent this month, limit) of those whose money is limited."""
    limits = {
        user_id: limit.month_usd
        for user_id, limit in limits_of(user_ids).items()
        if limit.month_usd is not None
    }
    if not limits:
        return {}
    spent = spent_this_month(limits, now)
    return {user_id: (spent[user_id], limit) for user_id, limit in limits.items()}


def _call(row: Any, budgets: Mapping[int, tuple[Decimal, Decimal]], now: dt.datetime) -> LiveCall:
    month_usd, month_limit_usd = budgets.get(row.user_id, (None, None))
    return LiveCall(
        session_id=row.public_id,
        conversation_id=str(row.conversation_id) if row.conversation_id else None,
        user_id=row.user_id,
        username=row.user.get_username(),
        state=row.state,
        activity=_activity(row),
        transport=row.transport,
        provider=row.provider,
        model=row.model,
        opened_by="api" if row.is_api_client else "page",
        is_text_only=row.is_text_only,
        keeps_words=row.save_transcript and row.conversation_id is not None,
        started_at=row.started_at,
        turns=row.turns,
        interruptions=row.interruptions,
        cost_usd=row.cost_usd,
        month_usd=month_usd,
        month_limit_usd=month_limit_usd,
        v2v_ms=None if row.v2v is None else round(row.v2v),
        first_audio_ms=row.first_audio,
        is_silent=row.last_seen_at is not None and now - row.last_seen_at > SILENT_AFTER,
    )


def _activity(row: Any) -> str:
    """As far as the database knows: what is being said is written down when it begins."""
    if row.state == SessionState.DETACHED:
        return Activity.RECONNECTING.value
    unfinished = {
        Item.Role.USER: Activity.USER_SPEAKING.value,
        Item.Role.ASSISTANT: Activity.SPEAKING.value,
    }
    return unfinished.get(row.unfinished, "")
