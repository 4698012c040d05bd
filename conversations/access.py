"""The only readers of a conversation by id. Whoever gets one from here may see it."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from conversations.errors import ConversationNotFound
from conversations.models import AccessLogEntry, Conversation
from conversations.titles import one_line

__all__ = [
    "END_SESSION",
    "EXPORT_CONVERSATION",
    "REVIEW_CONVERSATION",
    "ConversationNotFound",
    "access_conversation",
    "access_conversation_for_review",
    "parse_conversation_id",
]

REVIEW_CONVERSATION = "conversations.review_conversation"
EXPORT_CONVERSATION = "conversations.export_conversation"
END_SESSION = "conversations.end_session"

VISIT = timedelta(minutes=30)


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
    later in the visit completes the row. Raises PermissionDenied without `review_conversation`,
    whether the conversation exists or not, and ConversationNotFound.
    """
    if not reviewer.has_perm(REVIEW_CONVERSATION):
        raise PermissionDenied
    conversation = (
        Conversation.objects.select_related("owner")
        .filter(pk=parse_conversation_id(conversation_id))
        .first()
    )
    if conversation is None:
        raise ConversationNotFound
    if conversation.owner_id != reviewer.pk:
        _log_visit(reviewer, conversation, one_line(reason)[: AccessLogEntry.REASON_MAX_CHARS])
    return conversation


@transaction.atomic
def _log_visit(reviewer: AbstractUser, conversation: Conversation, reason: str) -> None:
    # The reviewer's row is the lock: it keeps two tabs from logging one visit twice, and the
    # conversation's row stays free for the call that may be writing to it.
    get_user_model().objects.select_for_update(no_key=True).get(pk=reviewer.pk)
    now = timezone.now()
    visit = AccessLogEntry.objects.filter(
        conversation_id=conversation.pk, reviewer_id=reviewer.pk, visited_at__gt=now - VISIT
    ).first()
    if visit is None:
        AccessLogEntry.objects.create(
            reviewer_id=reviewer.pk,
            reviewer_username=reviewer.get_username(),
            owner_id=conversation.owner_id,
            owner_username=conversation.owner.get_username(),
            conversation_id=conversation.pk,
            reason=reason,
            visited_at=now,
        )
    elif reason and not visit.reason:
        visit.reason = reason
        visit.save(update_fields=["reason"])
