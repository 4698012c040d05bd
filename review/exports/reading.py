"""The calls of an export, read in batches, each look logged before its words are handed out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db import transaction

from conversations.access import EXPORT_CONVERSATION, access_many_for_review, may_review
from conversations.models import Conversation, Item
from realtime.models import RealtimeSession
from review.calls.filters import CallFilters
from review.calls.queries import reviewable_calls
from review.calls.rows import rows_of
from review.exports.formats import FILE_FORMATS, ExportedCall

BATCH_CALLS = 50


def export_pieces(
    actor: AbstractUser,
    session_ids: Sequence[str],
    wished: str,
    reason: str,
    tell: Callable[[int], object] = int,
) -> Iterator[bytes]:
    """The file, piece by piece. Raises PermissionDenied as soon as the actor may not any more.

    tell: called with how many calls have been read, now and then.
    """
    chosen = FILE_FORMATS[wished]
    calls = _calls(actor, session_ids, reason, tell, with_words=chosen.has_words)
    for piece in chosen.render(calls):
        # A lone surrogate cannot be written as UTF-8; the rest of the file still can.
        yield piece.encode("utf-8", "replace")


def _calls(
    actor: AbstractUser,
    session_ids: Sequence[str],
    reason: str,
    tell: Callable[[int], object],
    *,
    with_words: bool,
) -> Iterator[ExportedCall]:
    for start in range(0, len(session_ids), BATCH_CALLS):
        tell(start)
        if not may_review(actor, EXPORT_CONVERSATION):
            raise PermissionDenied
        batch = session_ids[start : start + BATCH_CALLS]
        found = reviewable_calls().select_related("user", "conversation", "review__reviewer")
        by_id = {call.public_id: call for call in found.filter(public_id__in=batch)}
        sessions = [by_id[public_id] for public_id in batch if public_id in by_id]
        readable = _readable(actor, sessions, reason) if with_words else {}
        items = _items(sessions, readable)
        for row in rows_of(sessions, CallFilters()):
            conversation = readable.get(row.session.conversation_id)
            yield ExportedCall(row, conversation, items[row.session.public_id])


def _readable(
    actor: AbstractUser, sessions: Sequence[RealtimeSession], reason: str
) -> dict[object, Conversation]:
    ids = {one.conversation_id for one in sessions if one.conversation_id is not None}
    with transaction.atomic():
        return {found.pk: found for found in access_many_for_review(actor, list(ids), reason)}


def _items(
    sessions: Sequence[RealtimeSession], readable: dict[object, Conversation]
) -> dict[str, list[Item]]:
    ids = [one.public_id for one in sessions if one.conversation_id in readable]
    items: dict[str, list[Item]] = defaultdict(list)
    said = Item.objects.filter(session_id__in=ids, deleted_at__isnull=True).order_by("position")
    for item in said:
        items[item.session_id].append(item)
    return items
