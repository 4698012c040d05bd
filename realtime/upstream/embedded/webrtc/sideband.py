"""Listening in on a call by its id: everything but the sound, and no `session.created` (§1.4)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from realtime.core.errors import UpstreamFailed
from realtime.runtime.ports import UpstreamClosed
from realtime.upstream.embedded.driver import SessionOver

if TYPE_CHECKING:
    from realtime.upstream.embedded.webrtc.call import Call

MAX_QUEUED_EVENTS = 4096


class Sideband:
    """An `Upstream`. Any number of them may be on one call, at the same time or one after another;
    each sees the events from its `open` on.

    One that reads no events for long enough to fill its queue is closed with 1013; the call and
    its other listeners go on.
    """

    def __init__(self, find_call: Callable[[], Call | None]) -> None:
        self._find_call = find_call
        self._call: Call | None = None
        self._events: asyncio.Queue[str | SessionOver] = asyncio.Queue()
        self._over: SessionOver | None = None

    async def open(self) -> None:
        """Begin to listen. Raises UpstreamFailed `upstream_not_found` for a call that is over or
        never was; that is final."""
        call = self._find_call()
        if call is None:
            raise UpstreamFailed(
                "The voice provider knows no such call.", code="upstream_not_found", retryable=False
            )
        self._call = call
        call.join(self)

    async def send(self, raw: str | bytes) -> None:
        """One client event; what it causes is seen by everybody on the call."""
        if self._over is not None or self._call is None:
            raise _closed(self._over)
        try:
            await self._call.receive(raw)
        except SessionOver as over:
            raise _closed(over) from None

    async def receive(self) -> str:
        if self._over is not None and self._events.empty():
            raise _closed(self._over)
        event = await self._events.get()
        if isinstance(event, SessionOver):
            raise _closed(event)
        return event

    async def aclose(self) -> None:
        """Stop listening; the call goes on."""
        if self._call is not None:
            self._call.leave(self)
        self.end(SessionOver(1000))

    def deliver(self, raw: str) -> None:
        """The call's next event."""
        if self._events.qsize() >= MAX_QUEUED_EVENTS:
            self.end(SessionOver(1013, "reading too slowly"))
        elif self._over is None:
            self._events.put_nowait(raw)

    def end(self, over: SessionOver) -> None:
        """No more events will come."""
        if self._over is None:
            self._over = over
            self._events.put_nowait(over)


def _closed(over: SessionOver | None) -> UpstreamClosed:
    return (
        UpstreamClosed(1006, "not open") if over is None else UpstreamClosed(over.code, over.reason)
    )
