"""The only readers of a conversation by id. Whoever gets one from here may see it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from conversations.errors import ConversationNotFound, ReasonRequired
from conversations.models import AccessLogEntry, Conversation, ReadingSwitch
from conversations.titles import one_line

__all__ = [
    "DELETE_CONVERSATION",
    "END_SESSION",
    "EXPORT_CONVERSATION",
    "REVIEW_CONVERSATION",
    "ConversationNotFound",
    "access_conversation",
    "access_conversation_for_review",
    "access_many_for_review",
    "is_reading_on",
    "may_review",
    "may_still_review",
    "parse_conversation_id",
]

REVIEW_CONVERSATION = "conversations.review_conversation"
EXPORT_CONVERSATION = "conversations.export_conversation"
# Django's own permission to delete rows of conversations.
DELETE_CONVERSATION = "conversations.delete_conversation"
END_SESSION = "conversations.end_session"

VISIT = timedelta(minutes=30)


def is_reading_on() -> bool:
    """Whether reviewing is switched on for this server. Read each time, so that off is off now."""
    return not ReadingSwitch.objects.filter(pk=ReadingSwitch.THE_ROW, is_on=False).exists()


def may_review(person: AbstractUser, permission: str = REVIEW_CONVERSATION) -> bool:
    """Whether the person holds the permission and reading is switched on; superusers too."""
    return person.has_perm(permission) and is_reading_on()


def may_still_review(user_ids: Collection[int]) -> set[int]:
    """Those of them for whom `may_review` holds now, in two queries."""
    if not is_reading_on():
        return set()
    people: Any = get_user_model()
    allowed = people.objects.with_perm(REVIEW_CONVERSATION).filter(pk__in=user_ids)
    return set(allowed.values_list("pk", flat=True))


def parse_conversation_id(conversation_id: str | uuid.UUID) -> uuid.UUID:
    """The id as a UUID. Raises ConversationNotFound for anything that is none."""
    if isinstance(conversation_id, uuid.UUID):
        return conversation_id
    try:
        return uuid.UUID(conversation_id)
    except (ValueError, TypeError, AttributeError):
        raise ConversationNotFound from None


def access_conversation(user: AbstractUser, conversation_id: str | uuid.UUID) -> Conversation:
    """The user's own conversation, hidden ones included.

    Raises ConversationNotFound for unknown ones and, without a difference, for other people's.
    """
    conversation = Conversation.objects.filter(
        pk=parse_conversation_id(conversation_id), owner_id=user.pk
    ).first()
    if conversation is None:
        raise ConversationNotFound
    return conversation


def access_conversation_for_review(
    reviewer: AbstractUser, conversation_id: str | uuid.UUID, reason: str = ""
) -> Conversation:
    """Anybody's conversation, for a person who may review; the look is written to the access log.

    One row per reviewer, conversation and visit of 30 minutes; none for one's own. A reason given
    later in the visit completes the row. Raises PermissionDenied without `review_conversation` and
    while reading is switched off, whether the conversation exists or not; ConversationNotFound,
    also for what its owner keeps private; ReasonRequired where REVIEW_REASON_REQUIRED asks for one
    and this visit has none yet.
    """
    if not may_review(reviewer):
        raise PermissionDenied
    conversation = (
        Conversation.objects.select_related("owner")
        .filter(pk=parse_conversation_id(conversation_id))
        .first()
    )
    if conversation is None:
        raise ConversationNotFound
    if conversation.owner_id != reviewer.pk:
        if conversation.is_private:
            raise ConversationNotFound
        _log_visit(reviewer, conversation, _one_reason(reason))
    return conversation


@transaction.atomic
def access_many_for_review(
    reviewer: AbstractUser, conversation_ids: Sequence[uuid.UUID], reason: str = ""
) -> list[Conversation]:
    """Those of the conversations that the reviewer may read, each look logged as one by one.

    Raises PermissionDenied and ReasonRequired; what is gone or private is left out.
    """
    if not may_review(reviewer):
        raise PermissionDenied
    get_user_model().objects.select_for_update(no_key=True).get(pk=reviewer.pk)
    conversations = list(
        Conversation.objects.select_related("owner").filter(
            pk__in=conversation_ids, is_private=False
        )
    )
    others = [found for found in conversations if found.owner_id != reviewer.pk]
    reason, now = _one_reason(reason), timezone.now()
    if others and not reason and settings.REVIEW_REASON_REQUIRED:
        raise ReasonRequired
    visits = AccessLogEntry.objects.filter(
        reviewer_id=reviewer.pk,
        visited_at__gt=now - VISIT,
        conversation_id__in=[found.pk for found in others],
    )
    if reason:
        visits.filter(reason="").update(reason=reason)
    visited = set(visits.values_list("conversation_id", flat=True))
    AccessLogEntry.objects.bulk_create(
        _visit(reviewer, found, reason, now) for found in others if found.pk not in visited
    )
    return conversations


def _one_reason(reason: str) -> str:
    return one_line(reason)[: AccessLogEntry.REASON_MAX_CHARS]


def _visit(
    reviewer: AbstractUser, conversation: Conversation, reason: str, now: datetime
) -> AccessLogEntry:
    return AccessLogEntry(
        reviewer_id=reviewer.pk,
        reviewer_username=reviewer.get_username(),
        owner_id=conversation.owner_id,
        owner_username=conversation.owner.get_username(),
        conversation_id=conversation.pk,
        reason=reason,
        visited_at=now,
    )


def _log_visit(reviewer: AbstractUser, conversation: Conversation, reason: str) -> None:
    visits = AccessLogEntry.objects.filter(
        conversation_id=conversation.pk,
        reviewer_id=reviewer.pk,
        visited_at__gt=timezone.now() - VISIT,
    )
    visit = visits.first()
    is_enough = visit is not None and not (reason or settings.REVIEW_REASON_REQUIRED)
    if visit is None or not (visit.reason or is_enough):
        _begin_visit(reviewer, conversation, reason, visits)


@transaction.atomic
def _begin_visit(
    reviewer: AbstractUser,
    conversation: Conversation,
    reason: str,
    visits: QuerySet[AccessLogEntry],
) -> None:
    # The reviewer's row is the lock: it keeps two tabs from logging one visit twice, and the
    # conversation's row stays free for the call that may be writing to it.
    get_user_model().objects.select_for_update(no_key=True).get(pk=reviewer.pk)
    now = timezone.now()
    visit = visits.all().first()
    if not reason and settings.REVIEW_REASON_REQUIRED and not (visit and visit.reason):
        raise ReasonRequired
    if visit is None:
        _visit(reviewer, conversation, reason, now).save()
    elif reason and not visit.reason:
        visit.reason = reason
        visit.save(update_fields=["reason"])
