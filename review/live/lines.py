"""What was said in a call that runs, as the reviewer who has opened it may read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.models import AbstractUser
from django.db.models.functions import Length, Substr
from django.http import Http404

from conversations.access import ConversationNotFound, access_conversation_for_review
from conversations.models import Item
from realtime.core.glance import LINE_MAX_CHARS, Line
from realtime.models import RealtimeSession
from review.calls.one_call import call_for_review

LINES_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class OpenedCall:
    """A call and its last lines; one that keeps no words has none."""

    session: RealtimeSession
    lines: Sequence[Line]


def open_words(reviewer: AbstractUser, session_id: str, reason: str) -> RealtimeSession:
    """Let the reviewer read along; the look is written to the access log, once in a visit.

    Raises Http404 for what does not exist or is private, PermissionDenied, ReasonRequired.
    """
    session = call_for_review(session_id)
    if session.conversation_id is None:
        return session
    try:
        access_conversation_for_review(reviewer, session.conversation_id, reason)
    except ConversationNotFound:
        raise Http404 from None
    return session


def open_live_call(reviewer: AbstractUser, session_id: str, reason: str) -> OpenedCall:
    """The same with what is in the database by now; words in the air are in the feed alone."""
    session = open_words(reviewer, session_id, reason)
    if session.conversation_id is None or not session.save_transcript:
        return OpenedCall(session, ())
    said = (
        Item.objects.filter(
            conversation_id=session.conversation_id,
            session_id=session.public_id,
            deleted_at__isnull=True,
        )
        .annotate(
            beginning=Substr("text", 1, LINE_MAX_CHARS),
            heard=Substr("heard_text", 1, LINE_MAX_CHARS),
            length=Length("text"),
        )
        .order_by("-position")
        .values_list(
            *("item_id", "role", "kind", "status", "source", "name"),
            *("beginning", "heard", "length"),
        )
    )
    newest_first: list[Sequence[Any]] = list(said[:LINES_MAX])
    return OpenedCall(session, [_line(row) for row in reversed(newest_first)])


def _line(row: Sequence[Any]) -> Line:
    item_id, role, kind, status, source, name, text, heard_text, length = row
    is_cut = length > LINE_MAX_CHARS
    return Line(item_id, role, kind, status, source, name, text, heard_text, is_cut)
