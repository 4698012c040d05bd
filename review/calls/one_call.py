"""Everything that is kept about one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractUser
from django.http import Http404

from conversations.access import ConversationNotFound, access_conversation_for_review
from conversations.models import AccessLogEntry, Item
from conversations.queries import items_of
from realtime.models import RealtimeSession, ResponseUsage
from review.calls.context import ContextSent, context_of
from review.calls.filters import CallFilters
from review.calls.queries import reviewable_calls
from review.calls.rows import CallRow, rows_of
from review.models import LineComment


@dataclass(frozen=True, slots=True)
class OneCall:
    """A call as a reviewer opens it. Without its conversation nothing that was said is left."""

    row: CallRow
    items: Sequence[Item]
    usages: Sequence[ResponseUsage]
    context: ContextSent | None
    comments: Sequence[LineComment]
    accesses: Sequence[AccessLogEntry]

    @property
    def responses(self) -> list[ResponseUsage]:
        return [usage for usage in self.usages if usage.kind == ResponseUsage.Kind.RESPONSE]


def call_for_review(session_id: str) -> RealtimeSession:
    """The call, for marks; nothing that was said. Raises Http404."""
    calls = reviewable_calls().select_related(
        "user", "conversation", "review__reviewer", "ended_by"
    )
    call = calls.filter(public_id=session_id).first()
    if call is None:
        raise Http404
    return call


def open_call(reviewer: AbstractUser, session_id: str, reason: str) -> OneCall:
    """The call with all that was said in it; the look is written to the access log.

    Raises Http404 for what does not exist or is private, PermissionDenied, ReasonRequired.
    """
    session = call_for_review(session_id)
    (row,) = rows_of([session], CallFilters())
    items: list[Item] = []
    context = None
    accesses: list[AccessLogEntry] = []
    if session.conversation_id is not None:
        try:
            conversation = access_conversation_for_review(reviewer, session.conversation_id, reason)
        except ConversationNotFound:
            raise Http404 from None
        said = items_of(conversation)
        items = list(said.filter(session_id=session.public_id))
        earlier = said.filter(position__lt=items[0].position).count() if items else said.count()
        context = context_of(session, conversation, earlier)
        accesses = list(AccessLogEntry.objects.filter(conversation_id=conversation.pk)[:200])
    return OneCall(
        row=row,
        items=items,
        usages=list(ResponseUsage.objects.filter(session=session)),
        context=context,
        comments=list(LineComment.objects.filter(session=session).select_related("author")),
        accesses=accesses,
    )
