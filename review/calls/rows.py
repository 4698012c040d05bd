"""The rows of one page of calls: what the sessions do not know themselves, in a few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Min, Q

from conversations.models import Item
from conversations.search import Term, items_saying, parse_terms
from realtime.models import RealtimeSession
from review.calls.filters import CallFilters
from review.calls.queries import TOOL_ERROR
from review.calls.snippets import Snippet, snippet_of
from review.models import CallReview, CallTag, Tag
from review.percentiles import answer_times, percentile


@dataclass(slots=True)
class CallRow:
    """One call as it is listed. Times to first audio in ms, by nearest rank over its answers."""

    session: RealtimeSession
    first_audio_p50_ms: int | None = None
    first_audio_p95_ms: int | None = None
    tool_calls: int = 0
    tool_errors: int = 0
    unfinished_items: int = 0
    tags: list[Tag] = field(default_factory=list)
    snippet: Snippet | None = None

    @property
    def review(self) -> CallReview | None:
        return getattr(self.session, "review", None)

    @property
    def flags(self) -> list[str]:
        """Words for what a reviewer should notice at once."""
        found = {
            "tool_error": self.tool_errors > 0,
            "interrupted": self.session.interruptions > 0,
            "incomplete": self.unfinished_items > 0,
            "text_only": self.session.is_text_only,
            "not_stored": not self.session.save_transcript,
            "conversation_deleted": self.session.conversation_id is None,
        }
        return [flag for flag, holds in found.items() if holds]


def rows_of(sessions: Sequence[RealtimeSession], filters: CallFilters) -> list[CallRow]:
    """Rows in the order of the sessions; four queries however many there are. The sessions come
    with `user`, `conversation` and `review` selected."""
    rows = {session.public_id: CallRow(session) for session in sessions}
    by_pk = {row.session.pk: row for row in rows.values()}
    _add_answer_times(by_pk)
    _add_tags(by_pk)
    _add_words(rows, filters)
    return list(rows.values())


def _add_answer_times(rows: dict[int, CallRow]) -> None:
    times: dict[int, list[int]] = defaultdict(list)
    measured = answer_times().filter(session_id__in=rows).order_by("first_audio_ms")
    for pk, first_audio_ms in measured.values_list("session_id", "first_audio_ms"):
        times[pk].append(first_audio_ms or 0)
    for pk, values in times.items():
        rows[pk].first_audio_p50_ms = percentile(50, values)
        rows[pk].first_audio_p95_ms = percentile(95, values)


def _add_tags(rows: dict[int, CallRow]) -> None:
    for use in (
        CallTag.objects.filter(session_id__in=rows).select_related("tag").order_by("tag__name")
    ):
        rows[use.session_id].tags.append(use.tag)


def _add_words(rows: dict[str, CallRow], filters: CallFilters) -> None:
    terms = _looked_for(filters)
    spoken = Q(role=Item.Role.USER) & ~Q(text="")
    counted = (
        Item.objects.filter(session_id__in=rows, deleted_at__isnull=True)
        .order_by()
        .values("session_id")
        .annotate(
            first_words=Min("pk", filter=spoken),
            tool_calls=Count("pk", filter=Q(kind=Item.Kind.FUNCTION_CALL)),
            tool_errors=Count("pk", filter=TOOL_ERROR),
            unfinished=Count(
                "pk", filter=Q(status__in=(Item.Status.INCOMPLETE, Item.Status.FAILED))
            ),
        )
    )
    if terms:
        hits = items_saying(terms[0], filters.said_by).order_by().values("pk")
        counted = counted.annotate(first_hit=Min("pk", filter=Q(pk__in=hits)))
    shown = []
    for found in counted:
        row = rows[found["session_id"]]
        row.tool_calls, row.tool_errors = found["tool_calls"], found["tool_errors"]
        row.unfinished_items = found["unfinished"]
        shown.append(found.get("first_hit") or found["first_words"])
    for item in Item.objects.filter(pk__in=[pk for pk in shown if pk]).defer("heard_text"):
        rows[item.session_id].snippet = snippet_of(item, terms)


def _looked_for(filters: CallFilters) -> list[Term]:
    search = filters.search.strip()
    return [] if search.startswith("rtc_") else parse_terms(search)
