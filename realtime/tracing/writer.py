"""Writes what the taps of this process have seen: every second what is due, at the end the rest.

Beside the calls, never in their way: the loop only hands over what was seen; it is read, made safe
and written on a database thread, a few runs in one transaction. A database that is away makes it
wait here, bounded; nothing else waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from conversations.models import Conversation
from conversations.rows import is_there, put
from realtime import database
from realtime.models import EventLogPart, RealtimeSession
from realtime.opening import Opening
from realtime.runtime.meters import METERS
from realtime.runtime.tap import Entry
from realtime.tracing.run_log import RunLog, RunOf
from realtime.tracing.spans import TurnSpans
from realtime.tracing.telemetry import Telemetry

logger = logging.getLogger(__name__)

# What reads it shows calls that run as they were some seconds ago: the fewer writes, the less they
# cost, and what passed in ten seconds is lost with the process.
EVERY_S: Final = 1.0
MAX_AGE_S: Final = 9.0
# Calls that begin together are written at different seconds from then on: all at once would be in
# the way of the event loop, and in memory side by side. By the golden ratio they lie far apart.
_APART: Final = 0.618
# Who reads holds Python's lock, and an event loop that waits for it with each frame gets behind:
# after each log it may catch up.
BREATH_S: Final = 0.001
# So many in one transaction: on SQLite one thread writes, and what somebody has said waits for it.
WRITTEN_TOGETHER: Final = 8
STOP_TIMEOUT_S: Final = 5.0
ORPHANS_EVERY_S: Final = 60.0
ORPHANS_WITHIN: Final = dt.timedelta(minutes=5)


class LogWriter:
    """Run `run` as a task on the loop that serves; `open` a log for each run and `finish` it."""

    def __init__(self) -> None:
        self._logs: dict[str, RunLog] = {}
        self._over: list[RunLog] = []
        self._opened_count = 0
        self._wake = asyncio.Event()
        self._is_stopping = False
        self._orphans_due_at = time.monotonic() + ORPHANS_EVERY_S
        self._telemetry = Telemetry()

    def open(self, opened: Opening) -> RunLog:
        """The log of a run that is about to start."""
        keeps = settings.EVENT_LOG and opened.setup.save_transcript
        run = RunOf(
            opened.row.pk,
            opened.row.conversation_id,
            opened.connection_id,
            settings.EVENT_LOG_MAX_BYTES if keeps else 0,
        )
        self._opened_count += 1
        max_age_s = MAX_AGE_S * (self._opened_count * _APART % 1)
        log = self._logs[opened.connection_id] = RunLog(run, opened.setup, max_age_s)
        return log

    async def run(self) -> None:
        """Until `stop`; then what is left is written."""
        while not self._is_stopping:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), EVERY_S)
            self._wake.clear()
            due = [log for log in self._logs.values() if log.tap.is_due(log.max_age_s)]
            for log in due:
                log.max_age_s = MAX_AGE_S
            await self._write_with_those_over(due)
            await self._forget_orphans()
        await self._write_with_those_over([*self._logs.values()])
        await asyncio.to_thread(self._telemetry.close)

    def finish(self, connection_id: str) -> None:
        """The run is over: the rest of it is written at once. What cannot be written then is lost.

        Call on the loop; nothing is waited for.
        """
        log = self._logs.pop(connection_id, None)
        if log is not None:
            self._over.append(log)
            self._wake.set()

    def stop(self) -> None:
        """Have `run` write what is left, and return."""
        self._is_stopping = True
        self._wake.set()

    async def _forget_orphans(self) -> None:
        now = time.monotonic()
        if now < self._orphans_due_at:
            return
        self._orphans_due_at = now + ORPHANS_EVERY_S
        try:
            await database.run(forget_orphans)
        except DatabaseError as error:
            logger.warning("event logs cannot be swept: %s", type(error).__name__)

    async def _write_with_those_over(self, due: Sequence[RunLog]) -> None:
        over, self._over = self._over, []
        logs = [*over, *due]  # those that are over are not asked again
        if not logs:
            return
        batch = [(log, log.tap.take(), log.tap.lost) for log in logs]
        try:
            await database.run(_digest, batch, over, self._telemetry.tell)
            for first in range(0, len(logs), WRITTEN_TOGETHER):
                await _write_some(logs[first : first + WRITTEN_TOGETHER])
        except DatabaseError as error:
            logger.warning("event logs cannot be written: %s", type(error).__name__)
        except Exception:
            # Whatever it was, the next ones are due in a second.
            logger.exception("event logs were not read")
        for log in logs:
            observed, log.observed = log.observed, []
            for stage, value_s in observed:
                METERS.stages[stage].observe(value_s)


async def _write_some(logs: Sequence[RunLog]) -> None:
    """Raises DatabaseError while the database is away: then the rest need not be tried."""
    try:
        await database.write(_write, logs)
    except DatabaseError:
        raise
    except Exception:
        # A bug here must cost these logs, never the others.
        logger.exception("event logs were not written")


def forget_orphans() -> int:
    """Delete events that were being written while their conversation was deleted or made private;
    returns how many parts."""
    recently = EventLogPart.objects.filter(created_at__gt=timezone.now() - ORPHANS_WITHIN)
    readable = Conversation.objects.filter(pk=OuterRef("conversation_id"), is_private=False)
    orphans = recently.filter(~Exists(readable)).values_list("pk", flat=True)
    return EventLogPart.objects.filter(pk__in=list(orphans)).delete()[0]


def _digest(
    batch: Sequence[tuple[RunLog, list[Entry], int]],
    over: Sequence[RunLog] = (),
    tell: Callable[[Sequence[TurnSpans]], None] = lambda _turns: None,
) -> None:
    """over: those of the batch whose run has ended. tell: given the turns that are complete."""
    for log, taken, lost in batch:
        try:
            log.digest(taken, lost)
            tell(log.finished_turns(is_over=log in over))
        except Exception:
            # A bug here costs this stretch of one log, not those of the others.
            logger.exception("events of run %s were not read", log.run.run_id)
        time.sleep(BREATH_S)


def _write(logs: Sequence[RunLog]) -> None:
    with transaction.atomic():
        logs = [log for log in logs if is_there(RealtimeSession, id=log.run.session_pk)]
        for log in logs:
            if not is_there(Conversation, id=log.run.conversation_id, is_private=False):
                log.forget_words()
            part, context = log.part(), log.context()
            if part is not None:
                put(part, "session", "run_id", "first_number")
            for times in log.times():
                put(times, "session", "response_id")
            if context is not None:
                put(context, "session", "run_id")
    for log in logs:
        log.written()
