"""A store in memory that can be slow, away, or hang; and an observer that writes down its calls."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from realtime.core.effects import EndReason
from realtime.core.records import ItemCompleted, Record


class MemoryStore:
    """A StorePort. `records` are those written, in order; `batches` as they came."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.batches: list[tuple[Record, ...]] = []
        self.attempts = 0
        self._is_away = False
        self._answers = asyncio.Event()
        self._answers.set()

    async def store(self, records: Sequence[Record]) -> None:
        self.attempts += 1
        await self._answers.wait()
        if self._is_away:
            raise ConnectionError("the database is away")
        self.batches.append(tuple(records))
        self.records.extend(records)

    @property
    def texts(self) -> dict[str, str]:
        """The last text of every completed item."""
        return {
            record.item_id: record.text
            for record in self.records
            if isinstance(record, ItemCompleted)
        }

    def go_away(self) -> None:
        self._is_away = True

    def come_back(self) -> None:
        self._is_away = False

    def hang(self) -> None:
        self._answers.clear()

    def answer(self) -> None:
        self._answers.set()


class RecordingObserver:
    """A SessionObserver."""

    def __init__(self) -> None:
        self.started = 0
        self.detached = 0
        self.ended: list[EndReason] = []
        self.fails = False

    async def session_started(self) -> None:
        self.started += 1
        if self.fails:
            raise RuntimeError("the observer is broken")

    async def client_detached(self) -> None:
        self.detached += 1

    async def session_ended(self, reason: EndReason) -> None:
        self.ended.append(reason)
        if self.fails:
            raise RuntimeError("the observer is broken")
