"""One reviewer's socket on the live floor: which calls it has opened, and what it was told."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from django.utils import timezone

from conversations.access import VISIT
from realtime.core.errors import Forbidden, VoiceError
from review.live.calls import LiveCall, LiveFloor
from review.live.serializers import LiveCallSerializer

# Opening one more closes the oldest: each is asked for and sent once a second.
OPENED_MAX: Final = 8

Lines = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Picture:
    """The floor at one moment. reviewers: those who may still see it; words: of opened calls."""

    floor: LiveFloor
    reviewers: frozenset[int]
    words: Mapping[str, Lines]


@dataclass(slots=True)
class Opened:
    """A call whose words this reviewer reads; looked_at: when the visit in the access log began."""

    reason: str
    looked_at: dt.datetime

    @property
    def visit_is_over(self) -> bool:
        return timezone.now() - self.looked_at >= VISIT


@dataclass(frozen=True, slots=True)
class Changes:
    """What a tab is sent; `is_first`: it is everything."""

    floor: LiveFloor
    is_first: bool
    calls: Sequence[LiveCall]
    gone: Sequence[str]
    captions: Mapping[str, Lines]
    refused: Mapping[str, VoiceError]

    def as_frame(self) -> str:
        """The `live.floor` frame (docs/review.md). Hundreds of calls take a while: on a thread."""
        frame = {
            "type": "live.floor",
            "now": self.floor.now,
            "whole": self.is_first,
            "more": self.floor.more,
            "calls": LiveCallSerializer(self.calls, many=True).data,
            "gone": self.gone,
            "captions": self.captions,
            "refused": [
                {"session_id": session_id, "code": error.code, "detail": error.message}
                for session_id, error in self.refused.items()
            ],
        }
        return orjson.dumps(frame).decode()


class Watcher:
    """Keeps one picture, the newest, and what was told of the one before. Use on the event loop."""

    def __init__(self, user_id: int) -> None:
        self.user_id = user_id
        self.opened: dict[str, Opened] = {}
        self.refused: dict[str, VoiceError] = {}
        self._picture: Picture | None = None
        self._arrived = asyncio.Event()
        self._failure: Exception | None = None
        self._told_calls: dict[str, LiveCall] | None = None
        self._told_lines: dict[str, dict[str, Mapping[str, Any]]] = {}

    def show(self, picture: Picture) -> None:
        """The newest picture; one that was not looked at in time is never sent."""
        self._picture = picture
        self._arrived.set()

    def fail(self, error: Exception) -> None:
        """There will be no more pictures."""
        self._failure = error
        self._arrived.set()

    async def next_picture(self) -> Picture:
        """Waits for one. Raises what `fail` was given, and Forbidden for who may see it no more."""
        await self._arrived.wait()
        self._arrived.clear()
        if self._failure is not None:
            raise self._failure
        assert self._picture is not None
        if self.user_id not in self._picture.reviewers:
            raise Forbidden("You may not review conversations.", code="permission_denied")
        return self._picture

    def open(self, session_id: str, reason: str) -> None:
        """Call once the look is in the access log."""
        self.close(session_id)
        while len(self.opened) >= OPENED_MAX:
            self.close(next(iter(self.opened)))
        self.opened[session_id] = Opened(reason, timezone.now())
        self.refused.pop(session_id, None)

    def close(self, session_id: str) -> None:
        self.opened.pop(session_id, None)
        self._told_lines.pop(session_id, None)

    def refuse(self, session_id: str, error: VoiceError) -> None:
        """The tab is told with the next picture; of as many as it may open."""
        self.close(session_id)
        if len(self.refused) < OPENED_MAX:
            self.refused[session_id] = error

    def changes(self, picture: Picture) -> Changes | None:
        """What is new since the last call of this; None when nothing is."""
        calls = {call.session_id: call for call in picture.floor.calls}
        told, is_first = self._told_calls or {}, self._told_calls is None
        changed = [call for call in calls.values() if told.get(call.session_id) != call]
        gone = [session_id for session_id in told if session_id not in calls]
        self._told_calls = calls
        for session_id in [opened for opened in self.opened if opened not in calls]:
            self.close(session_id)
        captions = {
            session_id: lines
            for session_id in self.opened
            if calls[session_id].keeps_words
            and (lines := self._new_lines(session_id, picture.words.get(session_id, ())))
        }
        refused, self.refused = self.refused, {}
        if not (is_first or changed or gone or captions or refused):
            return None
        return Changes(picture.floor, is_first, changed, gone, captions, refused)

    def _new_lines(self, session_id: str, lines: Lines) -> Lines:
        """Those that changed; only as many are remembered as are looked at."""
        told = self._told_lines.get(session_id, {})
        if lines:
            self._told_lines[session_id] = {line["item_id"]: line for line in lines}
        return [line for line in lines if told.get(line["item_id"]) != line]
