"""How long each class of data is kept, and the deleting of what is older."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from conversations import actions
from conversations.errors import ConversationNotFound
from conversations.models import AccessLogEntry, Conversation
from realtime.models import EventLogPart, RealtimeSession, ResponseUsage, SessionState
from review.models import AuditEntry, Export
from review.retention_classes import days_kept

ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Swept:
    """What one class held beyond its time. days: 0 keeps for ever."""

    name: str
    days: int
    rows: int


def sweep(*, dry_run: bool, now: dt.datetime | None = None) -> Iterator[Swept]:
    """Delete what is older than its class is kept, class by class; with `dry_run` only count it."""
    now = now or timezone.now()
    for name, days in days_kept().items():
        older_than = now - dt.timedelta(days=days)
        rows: QuerySet[Any] | None = _FINDERS[name](older_than) if days else None
        if rows is None:
            yield Swept(name, 0, 0)
        elif dry_run:
            yield Swept(name, days, rows.count())
        else:
            yield Swept(name, days, _delete(rows))
    expired = Export.objects.filter(expires_at__lt=now)
    yield Swept("exports", 1, expired.count() if dry_run else _delete(expired))


def _conversations(horizon: dt.datetime) -> QuerySet[Conversation]:
    """Conversations not used since then, and not in a call now: they go with all their items."""
    running = RealtimeSession.objects.filter(
        conversation=OuterRef("pk"), state__in=(SessionState.LIVE, SessionState.DETACHED)
    )
    return Conversation.objects.filter(~Exists(running), updated_at__lt=horizon)


def _usage(horizon: dt.datetime) -> QuerySet[ResponseUsage]:
    return ResponseUsage.objects.filter(created_at__lt=horizon)


def _sessions(horizon: dt.datetime) -> QuerySet[RealtimeSession]:
    over = RealtimeSession.objects.filter(state=SessionState.ENDED)
    return over.alias(over_at=Coalesce("ended_at", "created_at")).filter(over_at__lt=horizon)


def _events(horizon: dt.datetime) -> QuerySet[EventLogPart]:
    return EventLogPart.objects.filter(created_at__lt=horizon)


def _accesses(horizon: dt.datetime) -> QuerySet[AccessLogEntry]:
    return AccessLogEntry.objects.filter(visited_at__lt=horizon)


def _audit(horizon: dt.datetime) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(happened_at__lt=horizon)


_FINDERS: dict[str, Callable[[dt.datetime], QuerySet[Any]]] = {
    "items": _conversations,
    "usage": _usage,
    "sessions": _sessions,
    "events": _events,
    "access_log": _accesses,
    "audit_log": _audit,
}


def _delete(rows: QuerySet[Any]) -> int:
    """In small transactions, so that no call waits long for the database."""
    deleted = 0
    while pks := list(rows.order_by("pk").values_list("pk", flat=True)[:ROWS_AT_ONCE]):
        with transaction.atomic():
            if rows.model is Conversation:
                _delete_conversations(rows.model.objects.filter(pk__in=pks))
            else:
                rows.model.objects.filter(pk__in=pks).delete()
        deleted += len(pks)
    return deleted


def _delete_conversations(conversations: QuerySet[Conversation]) -> None:
    for conversation in conversations:
        try:
            actions.delete_conversation(conversation)
        except ConversationNotFound:
            continue  # its owner was faster
