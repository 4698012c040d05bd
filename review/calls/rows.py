"""The rows of one page of calls: what the sessions do not know themselves, in a few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, FloatField, Min, Q, Value
from django.db.models.functions import Cast

from conversations.models import Item
from conversations.search import Term, items_saying, parse_terms
from realtime.models import RealtimeSession
from review.calls.filters import CallFilters
from review.calls.queries import TOOL_ERROR
from review.calls.snippets import Snippet, snippet_of
from review.models import CallReview, CallTag, Tag
from review.percentiles import answer_times, percentile, voice_to_voice_times


@dataclass(slots=True)
class CallRow:
    """One call as it is listed. Times to first audio, and from voice to voice, in ms by nearest
    rank over its answers."""

    session: RealtimeSession
    first_audio_p50_ms: int | None = None
    first_audio_p95_ms: int | None = None
    v2v_p50_ms: float | None = None
    v2v_p95_ms: float | None = None
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
    """Both kinds of times in one query: rows of (session, which, ms)."""
    ms = {"output_field": FloatField()}
    heard = answer_times().annotate(which=Value("heard"), ms=Cast("first_audio_ms", **ms))
    v2v = voice_to_voice_times().annotate(which=Value("v2v"), ms=Cast("v2v_ms", **ms))
    measured = [
        found.filter(session_id__in=rows).order_by().values_list("session_id", "which", "ms")
        for found in (heard, v2v)
    ]
    times: dict[tuple[int, str], list[float]] = defaultdict(list)
    for pk, which, value in measured[0].union(measured[1], all=True):
        times[pk, which].append(value)
    for (pk, which), values in times.items():
        values.sort()
        p50, p95 = percentile(50, values), percentile(95, values)
        if which == "v2v":
            rows[pk].v2v_p50_ms, rows[pk].v2v_p95_ms = p50, p95
        else:
            rows[pk].first_audio_p50_ms = None if p50 is None else round(p50)
            rows[pk].first_audio_p95_ms = None if p95 is None else round(p95)


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
