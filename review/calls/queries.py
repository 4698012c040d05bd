"""Every call that ever was live, filtered and sorted."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import (
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from conversations.models import Item
from conversations.search import items_saying, parse_terms
from realtime.models import RealtimeSession
from review.calls.filters import CallFilters, today
from review.models import CallReview, CallTag
from review.percentiles import first_audio_of_call, voice_to_voice_of_call

SORT_FIELDS = {
    "started": "started_at",
    "duration": "duration",
    "cost": "cost_usd",
    "turns": "turns",
    "interruptions": "interruptions",
    "first_audio_p50": "first_audio_p50",
    "first_audio_p95": "first_audio_p95",
    "v2v_p50": "v2v_p50",
    "v2v_p95": "v2v_p95",
    "user": "user__username",
    "model": "model",
    "transport": "transport",
    "end_reason": "end_reason",
    "rating": "rating",
}
FAILED_CALL = Q(kind=Item.Kind.FUNCTION_CALL) & Q(
    status__in=(Item.Status.FAILED, Item.Status.INCOMPLETE)
)
FAILED_OUTPUT = Q(kind=Item.Kind.FUNCTION_CALL_OUTPUT) & (
    Q(status=Item.Status.FAILED) | Q(text__istartswith='{"error"')
)
# A call that broke off, or an answer that is a JSON object beginning with "error".
TOOL_ERROR = FAILED_CALL | FAILED_OUTPUT


def reviewable_calls() -> QuerySet[RealtimeSession]:
    """What reviewers may know of: no private conversation, nothing whose words were deleted."""
    return RealtimeSession.objects.filter(
        Q(conversation__isnull=True) | Q(conversation__is_private=False),
        Q(review__isnull=True) | Q(review__words_deleted_at__isnull=True),
        started_at__isnull=False,
    ).annotate(
        duration=ExpressionWrapper(
            Coalesce("ended_at", "last_seen_at", "started_at") - F("started_at"),
            output_field=DurationField(),
        )
    )


def filtered_calls(filters: CallFilters) -> QuerySet[RealtimeSession]:
    """The calls that the filters let through, in their order; ties by the newer row."""
    calls = _searched(reviewable_calls(), filters)
    calls = _by_session(calls, filters)
    calls = _by_measure(calls, filters)
    calls = _by_review(calls, filters)
    sign, key = ("-", filters.sort[1:]) if filters.sort.startswith("-") else ("", filters.sort)
    return _with_sort_key(calls, key).order_by(f"{sign}sort_key", f"{sign}pk")


def _with_sort_key(calls: QuerySet[RealtimeSession], key: str) -> QuerySet[RealtimeSession]:
    """`sort_key` is never null, so that neighbours can be found by comparing."""
    if key in {"first_audio_p50", "first_audio_p95"}:
        measured = Subquery(first_audio_of_call(int(key[-2:])), output_field=IntegerField())
        return calls.annotate(sort_key=Coalesce(measured, Value(-1)))
    if key in {"v2v_p50", "v2v_p95"}:
        waited = Subquery(voice_to_voice_of_call(int(key[-2:])), output_field=FloatField())
        return calls.annotate(sort_key=Coalesce(waited, Value(-1.0)))
    if key == "rating":
        return calls.annotate(sort_key=Coalesce("review__rating", Value(0)))
    return calls.annotate(sort_key=F(SORT_FIELDS[key]))


def _searched(calls: QuerySet[RealtimeSession], filters: CallFilters) -> QuerySet[RealtimeSession]:
    search = filters.search.strip()
    if search.startswith("rtc_"):
        return calls.filter(public_id=search)
    try:
        return calls.filter(conversation_id=uuid.UUID(search))
    except ValueError:
        for term in parse_terms(search):
            said = items_saying(term, filters.said_by).order_by()
            calls = calls.filter(public_id__in=said.values("session_id"))
        return calls


def _by_session(
    calls: QuerySet[RealtimeSession], filters: CallFilters
) -> QuerySet[RealtimeSession]:
    first, last = filters.days(today())
    if first:
        calls = calls.filter(started_at__gte=_midnight(first))
    if last:
        calls = calls.filter(started_at__lt=_midnight(last + dt.timedelta(days=1)))
    for name in ("model", "transport", "end_reason", "state", "language"):
        if value := getattr(filters, name):
            calls = calls.filter(**{name: value})
    if filters.user:
        calls = calls.filter(user__in=users_named(filters.user))
    if filters.group:
        members = get_user_model().objects.filter(groups__name__iexact=filters.group)
        calls = calls.filter(user__in=members)
    if filters.opened_by:
        calls = calls.filter(is_api_client=filters.opened_by == "api")
    return calls


def _by_measure(
    calls: QuerySet[RealtimeSession], filters: CallFilters
) -> QuerySet[RealtimeSession]:
    bounds: dict[str, Any] = {
        "duration__gte": _seconds(filters.duration_min_s),
        "duration__lte": _seconds(filters.duration_max_s),
        "cost_usd__gte": filters.cost_min_usd,
        "cost_usd__lte": filters.cost_max_usd,
        "first_audio__gte": filters.first_audio_min_ms,
        "first_audio__lte": filters.first_audio_max_ms,
    }
    if filters.first_audio_min_ms is not None or filters.first_audio_max_ms is not None:
        median = Subquery(first_audio_of_call(50), output_field=IntegerField())
        calls = calls.annotate(first_audio=median)
    calls = calls.filter(**{name: bound for name, bound in bounds.items() if bound is not None})
    if filters.interrupted is not None:
        calls = (
            calls.filter(interruptions__gt=0)
            if filters.interrupted
            else calls.filter(interruptions=0)
        )
    said = Item.objects.filter(session_id=OuterRef("public_id"), deleted_at__isnull=True)
    if filters.tool_call is not None:
        used = Exists(said.filter(kind=Item.Kind.FUNCTION_CALL))
        calls = calls.filter(used if filters.tool_call else ~used)
    if filters.tool_error is not None:
        failed = Exists(said.filter(TOOL_ERROR))
        calls = calls.filter(failed if filters.tool_error else ~failed)
    return calls


def _by_review(calls: QuerySet[RealtimeSession], filters: CallFilters) -> QuerySet[RealtimeSession]:
    for name in filters.tag:
        if name:
            tagged = CallTag.objects.filter(session=OuterRef("pk"), tag__name__iexact=name)
            calls = calls.filter(Exists(tagged))
    if filters.reviewer:
        calls = calls.filter(review__reviewer__in=users_named(filters.reviewer))
    if filters.review_status == CallReview.Status.OPEN:
        calls = calls.filter(Q(review__isnull=True) | Q(review__status=CallReview.Status.OPEN))
    elif filters.review_status:
        calls = calls.filter(review__status=filters.review_status)
    if filters.rating_min is not None:
        calls = calls.filter(review__rating__gte=filters.rating_min)
    if filters.rating_max is not None:
        calls = calls.filter(review__rating__lte=filters.rating_max)
    return calls


def users_named(name: str) -> QuerySet[Any]:
    """Those with this user name, in any letter case, or this id."""
    named = Q(username__iexact=name)
    if name.isascii() and name.isdigit() and len(name) < 19:
        named |= Q(pk=int(name))
    return get_user_model().objects.filter(named)


def _seconds(value: float | None) -> dt.timedelta | None:
    return None if value is None else dt.timedelta(seconds=value)


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))
