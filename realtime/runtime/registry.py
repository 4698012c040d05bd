"""The live sessions of this process: found by id, counted, drained."""

from __future__ import annotations

from realtime.runtime.runner import SessionRunner


class Registry:
    def add(self, session_id: str, runner: SessionRunner) -> None:
        """Register a started runner; it is forgotten by itself once it has closed."""
        raise NotImplementedError

    def get(self, session_id: str) -> SessionRunner | None:
        raise NotImplementedError

    def count(self) -> int:
        raise NotImplementedError

    async def drain(self, timeout_s: float) -> None:
        """End every session with SERVER_SHUTDOWN, letting an answer in the air finish first."""
        raise NotImplementedError
