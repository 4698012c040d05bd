"""The live sessions of this process: found by id, counted, drained."""

from __future__ import annotations

import asyncio

from realtime.runtime.runner import SessionRunner


class Registry:
    """Use on one event loop only."""

    def __init__(self) -> None:
        self._runners: dict[str, SessionRunner] = {}

    def add(self, session_id: str, runner: SessionRunner) -> None:
        """Register a started runner; it is forgotten by itself once it has closed.

        A newer runner of the same session takes the older one's place.
        """
        self._runners[session_id] = runner
        runner.when_closed(lambda: self._forget(session_id, runner))

    def get(self, session_id: str) -> SessionRunner | None:
        return self._runners.get(session_id)

    def count(self) -> int:
        return len(self._runners)

    async def drain(self, timeout_s: float) -> None:
        """End every session with SERVER_SHUTDOWN, letting an answer in the air finish first."""
        await asyncio.gather(*(runner.drain(timeout_s) for runner in self._runners.values()))

    def _forget(self, session_id: str, runner: SessionRunner) -> None:
        if self._runners.get(session_id) is runner:
            del self._runners[session_id]
