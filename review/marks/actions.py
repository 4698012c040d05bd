"""What reviewers do to calls; each action writes its row of the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.utils import timezone

from conversations import actions as conversations
from conversations.errors import ConversationNotFound
from realtime.models import EventLogPart, RealtimeSession, SessionState
from review import audit
from review.models import CallReview, CallTag, LineComment, Tag


@dataclass(frozen=True, slots=True)
class BulkResult:
    """skipped_live: calls that go on and so keep their words."""

    calls: int
    changed: int
    skipped_live: list[str] = field(default_factory=list)


@transaction.atomic
def change_review(
    reviewer: AbstractUser, session: RealtimeSession, changes: dict[str, Any]
) -> CallReview:
    """Set `status`, `rating` or `note`; the reviewer's name stands on it from now on."""
    review, _ = CallReview.objects.update_or_create(
        session=session, defaults={**changes, "reviewer_id": reviewer.pk}
    )
    told = {name: value for name, value in changes.items() if name != "note"}
    audit.record(reviewer, "call.review", [session.public_id], **told)
    return review


@transaction.atomic
def set_status(
    reviewer: AbstractUser, sessions: Sequence[RealtimeSession], status: str
) -> BulkResult:
    rows = [CallReview(session=one, status=status, reviewer_id=reviewer.pk) for one in sessions]
    CallReview.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["session"],
        update_fields=["status", "reviewer"],
        batch_size=500,
    )
    audit.record(reviewer, "call.review", _ids(sessions), status=status)
    return BulkResult(len(sessions), len(rows))


@transaction.atomic
def put_tag(reviewer: AbstractUser, sessions: Sequence[RealtimeSession], tag: Tag) -> BulkResult:
    """Those that have it already keep it as it is."""
    before = CallTag.objects.filter(tag=tag).count()
    CallTag.objects.bulk_create(
        [CallTag(session=one, tag=tag, tagged_by_id=reviewer.pk) for one in sessions],
        ignore_conflicts=True,
        batch_size=500,
    )
    audit.record(reviewer, "call.tag", _ids(sessions), tag=tag.name)
    return BulkResult(len(sessions), CallTag.objects.filter(tag=tag).count() - before)


@transaction.atomic
def take_tag(reviewer: AbstractUser, sessions: Sequence[RealtimeSession], tag: Tag) -> BulkResult:
    removed, _ = CallTag.objects.filter(tag=tag, session__in=sessions).delete()
    audit.record(reviewer, "call.untag", _ids(sessions), tag=tag.name)
    return BulkResult(len(sessions), removed)


@transaction.atomic
def delete_words(reviewer: AbstractUser, sessions: Sequence[RealtimeSession]) -> BulkResult:
    """Delete what was said in these calls, for good; their cost and times stay in the totals."""
    live = [one for one in sessions if one.state != SessionState.ENDED]
    over = [one for one in sessions if one.state == SessionState.ENDED]
    for session in over:
        if session.conversation_id is not None:
            try:
                conversations.forget_words(session.conversation_id, session.public_id)
                EventLogPart.objects.filter(session=session).delete()
            except ConversationNotFound:
                continue
    now = timezone.now()
    CallReview.objects.bulk_create(
        [CallReview(session=one, words_deleted_at=now, reviewer_id=reviewer.pk) for one in over],
        update_conflicts=True,
        unique_fields=["session"],
        update_fields=["words_deleted_at", "reviewer"],
        batch_size=500,
    )
    LineComment.objects.filter(session__in=over).delete()
    audit.record(reviewer, "call.delete", _ids(over))
    return BulkResult(len(sessions), len(over), _ids(live))


@transaction.atomic
def comment(
    reviewer: AbstractUser, session: RealtimeSession, item_id: str, text: str
) -> LineComment:
    written = LineComment.objects.create(
        session=session, item_id=item_id, text=text, author_id=reviewer.pk
    )
    audit.record(reviewer, "call.comment", [session.public_id], comment=written.pk)
    return written


def _ids(sessions: Sequence[RealtimeSession]) -> list[str]:
    return [session.public_id for session in sessions]
