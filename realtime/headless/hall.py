"""The headless sessions of this process, and for a minute those that have just ended."""

from __future__ import annotations

import asyncio
from typing import Final

from realtime.headless.live_headless import LiveHeadless

LINGER_S: Final = 60.0  # a listener whose line broke at the end comes back for the last events


class Hall:
    """Use on the event loop."""

    def __init__(self) -> None:
        self._sessions: dict[str, LiveHeadless] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, session: LiveHeadless) -> None:
        """Carry the session; it is forgotten by itself."""
        self._sessions[session.public_id] = session
        task = asyncio.create_task(self._carry(session), name="headless session")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def find(self, public_id: str) -> LiveHeadless | None:
        return self._sessions.get(public_id)

    async def aclose(self) -> None:
        """The process stops: nobody can come back."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carry(self, session: LiveHeadless) -> None:
        try:
            await session.carry()
            await asyncio.sleep(LINGER_S)
        finally:
            if self._sessions.get(session.public_id) is session:
                del self._sessions[session.public_id]
