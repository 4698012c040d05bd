"""The event log of one call, filtered and in pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import orjson
from django.conf import settings

from realtime.models import EventLogPart, RealtimeSession
from realtime.runtime.tap import FROM_CLIENT, FROM_PROVIDER, GATEWAY, TO_CLIENT, TO_PROVIDER
from realtime.tracing.entries import LogEntry
from realtime.tracing.parts import entries_of
from review.retention_classes import days_kept

DIRECTIONS = (FROM_CLIENT, TO_PROVIDER, FROM_PROVIDER, TO_CLIENT, GATEWAY)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Every part of it must hold; an empty one holds for all. `find` is in the event's own text."""

    directions: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    find: str = ""

    def lets(self, entry: LogEntry) -> bool:
        if self.directions and entry["direction"] not in self.directions:
            return False
        if self.types and entry["type"] not in self.types:
            return False
        return not self.find or self.find.lower() in orjson.dumps(entry).decode().lower()


@dataclass(frozen=True, slots=True)
class EventPage:
    """count: of the entries that the filter lets through; the types and directions are of all.

    kept_days: 0 for ever. is_on: the events of new calls are logged.
    """

    count: int
    results: Sequence[LogEntry]
    types: dict[str, int] = field(default_factory=dict)
    directions: dict[str, int] = field(default_factory=dict)
    kept_days: int = 0
    is_on: bool = True


def events_of(session: RealtimeSession) -> Iterator[LogEntry]:
    """One query. What was said in a conversation that is gone is gone here too."""
    if session.conversation_id is None:
        return iter(())
    parts = EventLogPart.objects.filter(session=session, conversation=session.conversation_id)
    return entries_of(parts)


def page_of(session: RealtimeSession, wanted: EventFilter, page: int, size: int) -> EventPage:
    """Page `page`, from 1, of what the filter lets through. Two queries."""
    types: Counter[str] = Counter()
    directions: Counter[str] = Counter()
    first, count = (page - 1) * size, 0
    results = []
    for entry in events_of(session):
        types[entry["type"]] += 1
        directions[entry["direction"]] += 1
        if wanted.lets(entry):
            if first <= count < first + size:
                results.append(entry)
            count += 1
    return EventPage(
        count=count,
        results=results,
        types=dict(sorted(types.items())),
        directions={name: directions[name] for name in DIRECTIONS if directions[name]},
        kept_days=days_kept()["events"],
        is_on=settings.EVENT_LOG,
    )


def lines_of(session: RealtimeSession) -> Iterator[bytes]:
    """The whole log as JSON lines."""
    for entry in events_of(session):
        yield orjson.dumps(entry) + b"\n"
