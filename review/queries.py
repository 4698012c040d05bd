"""The list that reviewers see: conversations of everybody, joined with their sessions."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Substr
from django.utils import timezone

from conversations.models import Conversation, Item
from conversations.queries import matching
from realtime.models import RealtimeSession

SNIPPET_MAX_CHARS = 160


@dataclass(frozen=True, slots=True)
class ReviewFilters:
    """What to list. Empty values filter nothing.

    search: words of titles and items, or an id of a conversation or session pasted as it is.
    user: a user name or a user's id. date_from, date_to: days in the server's time zone, both
    included, in which the conversation was in use. model, end_reason, status: of one and the same
    session.
    """

    search: str = ""
    user: str = ""
    date_from: dt.date | None = None
    date_to: dt.date | None = None
    model: str = ""
    end_reason: str = ""
    status: str = ""


def conversations_for_review(filters: ReviewFilters) -> QuerySet[Conversation]:
    """Newest use first, with owner, sessions, `items_count` and `snippet` (first user words)."""
    said = Item.objects.filter(conversation=OuterRef("pk"), deleted_at__isnull=True)
    counted = said.order_by().values("conversation").annotate(number=Count("pk")).values("number")
    first_words = said.filter(role=Item.Role.USER).exclude(text="").order_by("position")
    return (
        _filtered(Conversation.objects.filter(hidden=False, is_private=False), filters)
        .select_related("owner")
        .prefetch_related(sessions_prefetch())
        .annotate(
            items_count=Coalesce(Subquery(counted, output_field=IntegerField()), 0),
            snippet=Substr(Subquery(first_words.values("text")[:1]), 1, SNIPPET_MAX_CHARS),
        )
        .order_by("-updated_at", "-pk")
    )


def sessions_prefetch() -> Prefetch[str]:
    """The sessions of each conversation, newest first, as `review_sessions`."""
    return Prefetch(
        "realtime_sessions",
        queryset=RealtimeSession.objects.select_related("user", "ended_by").order_by(
            "-created_at", "-pk"
        ),
        to_attr="review_sessions",
    )


def sessions_of(conversation: Conversation) -> list[RealtimeSession]:
    """All sessions of one conversation, newest first."""
    return list(
        RealtimeSession.objects.select_related("user", "ended_by")
        .filter(conversation=conversation)
        .order_by("-created_at", "-pk")
    )


def _filtered(
    conversations: QuerySet[Conversation], filters: ReviewFilters
) -> QuerySet[Conversation]:
    if filters.user:
        conversations = conversations.filter(owner__in=_users_named(filters.user))
    if filters.date_from:
        conversations = conversations.filter(updated_at__gte=_midnight(filters.date_from))
    if filters.date_to:
        after = filters.date_to + dt.timedelta(days=1)
        conversations = conversations.filter(created_at__lt=_midnight(after))
    session = {
        field: value
        for field, value in (
            ("model", filters.model),
            ("end_reason", filters.end_reason),
            ("state", filters.status),
        )
        if value
    }
    if session:
        conversations = conversations.filter(
            Exists(RealtimeSession.objects.filter(conversation=OuterRef("pk"), **session))
        )
    return _searched(conversations, filters.search.strip())


def _searched(conversations: QuerySet[Conversation], search: str) -> QuerySet[Conversation]:
    if search.startswith("rtc_"):
        return conversations.filter(
            Exists(RealtimeSession.objects.filter(conversation=OuterRef("pk"), public_id=search))
        )
    try:
        return conversations.filter(pk=uuid.UUID(search))
    except ValueError:
        return matching(conversations, search)


def _users_named(name: str) -> QuerySet[Any]:
    named = Q(username__iexact=name)
    if name.isascii() and name.isdigit() and len(name) < 19:
        named |= Q(pk=int(name))
    return get_user_model().objects.filter(named)


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))
