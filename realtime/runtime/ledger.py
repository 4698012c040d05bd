"""Writes records before their frames go out, and keeps both back while the database is away.

Design law 2: a write has five seconds; then the record is set aside, every frame that carries its
text is withheld, and both wait in order until the database returns.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from realtime.core.effects import SendClient
from realtime.core.items import NO_IDS
from realtime.core.records import Record, ResponseRecorded
from realtime.runtime.ports import StorePort

logger = logging.getLogger(__name__)

WRITE_TIMEOUT_S: Final = 5.0
_RETRY_DELAYS_S: Final = (0.1, 0.2, 0.4, 0.8, 1.0)
_MAX_BACKLOG: Final = 2000
_BATCH: Final = 100


class Ledger:
    """The durable side of one session.

    set_aside: called once when writing begins to fail.
    release: called with frames that were withheld and may go out now.
    is_behind: something could not be stored; look at every frame with `withholds`.
    """

    __slots__ = (
        "_backlog",
        "_catching_up",
        "_release",
        "_session_id",
        "_set_aside",
        "_store",
        "_unsafe_items",
        "_withheld",
        "is_behind",
    )

    def __init__(
        self,
        store: StorePort,
        session_id: str,
        *,
        set_aside: Callable[[], None],
        release: Callable[[Sequence[SendClient]], None],
    ) -> None:
        self._store = store
        self._session_id = session_id
        self._set_aside = set_aside
        self._release = release
        self._backlog: list[Record] = []
        self._withheld: list[SendClient] = []
        self._unsafe_items = NO_IDS
        self.is_behind = False
        self._catching_up: asyncio.Task[None] | None = None

    async def write(self, records: Sequence[Record]) -> None:
        """Store the records, or set them aside after five seconds. Never raises for the store."""
        if not self._backlog and await self._try_for(records, WRITE_TIMEOUT_S):
            return
        first_failure = not self._backlog
        self._backlog.extend(records)
        self._unsafe_items |= frozenset(_items_of(records))
        self.is_behind = bool(self._unsafe_items)
        self._keep_bounded()
        if first_failure:
            logger.error("session %s: records cannot be stored, set aside", self._session_id)
            self._set_aside()
            self._catching_up = asyncio.create_task(self._catch_up(), name="ledger")

    def withholds(self, frame: SendClient) -> bool:
        """Keep the frame back if it carries the text of an item that is not stored."""
        if not self._unsafe_items or self._unsafe_items.isdisjoint(frame.item_ids):
            return False
        self._withheld.append(frame)
        return True

    async def close(self, records: Sequence[Record], timeout_s: float) -> None:
        """Write what is left, `records` last; what cannot be written in time is lost, and logged.

        No frame with its text was ever sent, so no promise is broken.
        """
        if self._catching_up is not None:
            self._catching_up.cancel()
            await asyncio.gather(self._catching_up, return_exceptions=True)
        remaining = [*self._backlog, *records]
        if remaining and not await self._try_for(remaining, timeout_s):
            logger.error("session %s: %d records were lost", self._session_id, len(remaining))

    async def _try_for(self, records: Sequence[Record], timeout_s: float) -> bool:
        """Try again and again; the store writes idempotently, so a late success does no harm."""
        try:
            async with asyncio.timeout(timeout_s):
                attempt = 0
                while not await self._write_once(records):
                    delay_s = _RETRY_DELAYS_S[min(attempt, len(_RETRY_DELAYS_S) - 1)]
                    await asyncio.sleep(delay_s)
                    attempt += 1
        except TimeoutError:
            return False
        return True

    async def _write_once(self, records: Sequence[Record]) -> bool:
        try:
            await self._store.store(records)
        except Exception as error:  # whatever a database raises: it is retried, then reported
            logger.warning("session %s: store: %s", self._session_id, type(error).__name__)
            return False
        return True

    async def _catch_up(self) -> None:
        while self._backlog:
            batch = self._backlog[:_BATCH]
            if not await self._try_for(batch, WRITE_TIMEOUT_S):
                continue
            del self._backlog[: len(batch)]
        logger.info("session %s: all records are stored again", self._session_id)
        self._unsafe_items = NO_IDS
        self.is_behind = False
        released, self._withheld = self._withheld, []
        self._release(released)

    def _keep_bounded(self) -> None:
        """Give up what is beyond the bound, and its frames with it: never sent, so not seen.

        The first batch stays, because it may be on its way to the database.
        """
        excess = len(self._backlog) - _MAX_BACKLOG
        if excess <= 0:
            return
        lost = set(_items_of(self._backlog[_BATCH : _BATCH + excess]))
        del self._backlog[_BATCH : _BATCH + excess]
        self._withheld = [frame for frame in self._withheld if lost.isdisjoint(frame.item_ids)]
        logger.error("session %s: %d records were lost", self._session_id, excess)


def _items_of(records: Sequence[Record]) -> list[str]:
    return [record.item_id for record in records if not isinstance(record, ResponseRecorded)]
