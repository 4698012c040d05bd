"""A transcript as a readable timeline: items under the session they belong to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from conversations.models import Item
from realtime.models import RealtimeSession


@dataclass(slots=True)
class TimelineLine:
    """One item. `unheard` is what the answer still held when it was interrupted."""

    item: Item
    heard: str
    unheard: str


@dataclass(slots=True)
class TimelineSession:
    """A stretch of items of one session; `session` is None where its row is gone."""

    session_id: str
    session: RealtimeSession | None
    lines: list[TimelineLine] = field(default_factory=list)


def timeline(items: Iterable[Item], sessions: Iterable[RealtimeSession]) -> list[TimelineSession]:
    """The items in their order, grouped where the session changes."""
    by_id = {session.public_id: session for session in sessions}
    groups: list[TimelineSession] = []
    for item in items:
        if not groups or groups[-1].session_id != item.session_id:
            groups.append(TimelineSession(item.session_id, by_id.get(item.session_id)))
        groups[-1].lines.append(_line(item))
    return groups


def _line(item: Item) -> TimelineLine:
    if item.heard_text is None:
        return TimelineLine(item, heard=item.text, unheard="")
    if item.text.startswith(item.heard_text):
        return TimelineLine(item, heard=item.heard_text, unheard=item.text[len(item.heard_text) :])
    return TimelineLine(item, heard=item.heard_text, unheard=item.text)
