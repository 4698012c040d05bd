"""How many sessions open side by side: what opens waits for its turn in order, not for a lock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from realtime.core.errors import Unavailable

# Clients give up on an opening after about ten seconds; one that waited longer opens for nobody.
PATIENCE_S: Final = 8.0
RETRY_AFTER_S: Final = 5


class Doorway:
    """Make it on the event loop that serves. at_once: openings whose database work runs together.

    More of them would only wait for each other: on SQLite for its one lock, behind which each
    sleeps and nobody keeps an order, so that some starve; and they would keep every database thread
    from the calls that run.
    """

    def __init__(self, at_once: int) -> None:
        self._turns = asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Do the database work of one opening inside. Raises Unavailable with `server_busy` when
        the turn does not come in time."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._turns.acquire()
        except TimeoutError:
            raise Unavailable(
                "Too many sessions are being opened at this moment. Try again.",
                code="server_busy",
                retry_after_s=RETRY_AFTER_S,
            ) from None
        try:
            yield
        finally:
            self._turns.release()
