"""Group commit: what several sessions have to store at one moment goes into one transaction.

A commit waits for the disk, and on SQLite for the one lock of the whole database, behind which each
waiter sleeps and starves in no order. So few transactions run at a time; what comes meanwhile
gathers, and the next takes all of it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

from django.db import InterfaceError, OperationalError, connection, transaction

from realtime import database

T = TypeVar("T")

MOST_TOGETHER: Final = 64
# On a database with locks per row one transaction that waits must not hold up everybody, and one
# database thread must be left for whoever opens or ends a session.
AT_ONCE: Final = database.THREADS - 1


class GroupLost(OperationalError):
    """The transaction failed outside of one's own part of it; nothing of it is stored."""


@dataclass(slots=True)
class _Part:
    work: Callable[[], Any]
    lock_order: str
    done: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class _Failure:
    error: Exception


class GroupCommit:
    """Make it and call it on the event loop that serves. at_once: transactions side by side."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._waiting: deque[_Part] = deque()
        self._running = 0
        self._writers: set[asyncio.Task[None]] = set()

    async def write(self, work: Callable[[], T], lock_order: str) -> T:
        """Do `work` on a database thread and return its result once it is committed.

        lock_order: what names the rows that are locked, so that all transactions lock in one order.
        Raises what `work` raises, which undoes its part alone, or what undid the whole transaction;
        then try again. A cancelled caller does not undo work that has begun.
        """
        part = _Part(work, lock_order, asyncio.get_running_loop().create_future())
        self._waiting.append(part)
        if self._running < self._at_once:
            self._running += 1
            writer = asyncio.create_task(self._write_all(), name="group commit")
            self._writers.add(writer)
            writer.add_done_callback(self._writers.discard)
        return cast(T, await part.done)

    async def _write_all(self) -> None:
        try:
            await self._write_what_waits()
        finally:
            # Not left to the task's callback: what is asked for in between would wait for nobody.
            self._running -= 1

    async def _write_what_waits(self) -> None:
        while parts := self._take():
            try:
                results = await database.write(_commit, [part.work for part in parts])
            except Exception as error:
                results = [_Failure(error)] * len(parts)
            for part, result in zip(parts, results, strict=True):
                if part.done.done():
                    continue  # its caller has gone
                if isinstance(result, _Failure):
                    part.done.set_exception(result.error)
                else:
                    part.done.set_result(result)

    def _take(self) -> list[_Part]:
        """The next of those that still have a caller, in the order in which they lock."""
        parts: list[_Part] = []
        while self._waiting and len(parts) < MOST_TOGETHER:
            part = self._waiting.popleft()
            if not part.done.done():
                parts.append(part)
        return sorted(parts, key=lambda part: part.lock_order)


def transactions_at_once() -> int:
    """How many may run side by side here."""
    return 1 if connection.vendor == "sqlite" else AT_ONCE


def _commit(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """The result of each, or a _Failure. Raises what made the whole transaction fail.

    When one fails all are undone and done again, each by itself: nearly none ever does, and a
    savepoint around each would cost as much as what it writes.
    """
    try:
        return _together(works)
    except (OperationalError, InterfaceError):
        raise  # the database is away, or locked: for all of them
    except Exception as error:
        if len(works) == 1:
            return [_Failure(error)]
    return [_alone(work) for work in works]


def _together(works: Sequence[Callable[[], Any]]) -> list[Any]:
    with transaction.atomic():
        results = [work() for work in works]
        if _is_lost():
            raise GroupLost("the transaction of several sessions was undone")
        return results


def _alone(work: Callable[[], Any]) -> Any:
    try:
        return _together([work])[0]
    except Exception as error:
        return _Failure(error)


def _is_lost() -> bool:
    """The database has undone the transaction already, or will, whatever is asked of it."""
    wrapper = transaction.get_connection()
    driver = wrapper.connection
    if wrapper.get_rollback() or driver is None:
        return True
    if wrapper.vendor == "sqlite":
        return not driver.in_transaction
    return driver.info.transaction_status.name in ("INERROR", "UNKNOWN")
