"""Tells the observer what happens, one thing after the other and in order."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Coroutine
from typing import Any, Final

logger = logging.getLogger(__name__)

OBSERVER_TIMEOUT_S: Final = 10.0


async def bounded(step: Coroutine[Any, Any, None], timeout_s: float, session_id: str) -> None:
    """Await something that may fail or hang without keeping what follows from being done."""
    try:
        async with asyncio.timeout(timeout_s):
            await step
    except Exception as error:
        logger.warning("session %s: %s while closing", session_id, type(error).__name__)


def log_bug(session_id: str, error: Exception) -> None:
    """Where it happened, not what it said: its message may quote what people said."""
    place = "".join(traceback.format_tb(error.__traceback__))
    logger.error("session %s: %s\n%s", session_id, type(error).__name__, place)


class Telling:
    """`tell` returns at once; `told` waits until everything asked for so far was tried."""

    __slots__ = ("_latest", "_session_id")

    def __init__(self, session_id: str) -> None:
        self._session_id = session_id
        self._latest: asyncio.Task[None] | None = None

    def tell(self, telling: Coroutine[Any, Any, None]) -> None:
        """An observer that fails or hangs delays what follows, by 10 s at most each."""
        self._latest = asyncio.create_task(self._after(self._latest, telling), name="telling")
        self._latest.add_done_callback(self._forget)

    def _forget(self, telling: asyncio.Task[None]) -> None:
        if self._latest is telling:
            self._latest = None

    async def told(self) -> None:
        if self._latest is not None:
            await asyncio.wait({self._latest})

    async def _after(
        self, earlier: asyncio.Task[None] | None, telling: Coroutine[Any, Any, None]
    ) -> None:
        if earlier is not None:
            await asyncio.wait({earlier})
        await bounded(telling, OBSERVER_TIMEOUT_S, self._session_id)
