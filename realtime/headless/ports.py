"""A headless session as a request sees it, wherever it lives."""

from __future__ import annotations

from typing import Protocol

from realtime.headless.answers import Cursor, Sound
from realtime.headless.event_log import Batch
from realtime.headless.listening import Ticket


class HeadlessPort(Protocol):
    """Commands return when they are in line. Everything may raise SessionOver; one whose session
    is in another process may also raise SessionUnreachable, and then nothing was done.

    is_here: the session is in this process, and ends before it does.
    """

    @property
    def is_here(self) -> bool: ...

    async def text(self, text: str) -> None: ...

    async def audio(self, pcm: bytes) -> None: ...

    async def commit(self) -> None: ...

    async def stop(self) -> None: ...

    async def read_events(
        self, after: int | None, *, captions: bool, wait_s: float, ticket: Ticket
    ) -> Batch: ...

    async def read_sound(
        self, cursor: Cursor | None, *, item_id: str, wait_s: float, ticket: Ticket
    ) -> Sound: ...
