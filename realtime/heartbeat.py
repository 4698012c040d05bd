"""The pulse of a server process: signs of life out, orders from other processes in, sweeping.

Every process reads twice a second what was asked of its own sessions, so an admin's click, a
sign-out or a takeover reaches a call wherever it runs, with or without Redis.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

from django.db import Error as DatabaseError
from django.utils import timezone

from accounts import api_keys
from realtime import database, reservations, sweep
from realtime.live import LiveSessions
from realtime.models import RealtimeSession
from realtime.orders import read_orders

logger = logging.getLogger(__name__)

PULSE_S = 0.5
BEAT_EVERY_S = 3.0
QUOTA_EVERY_S = 2.0
# Of those that `Grant.is_far` tells of. An administrator who allows them less waits for so long.
FAR_QUOTA_EVERY_S = 6.0
SWEEP_EVERY_S = 5.0
FORGET_EVERY_S = 60.0
KEYS_EVERY_S = 2.0


class Heartbeat:
    """Start `run` as a task on the event loop; `wake` makes it look at once."""

    def __init__(
        self,
        live: LiveSessions,
        extra_duty: Callable[[], Awaitable[None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._live = live
        self._extra_duty = extra_duty
        self._clock = clock
        self._wake = asyncio.Event()
        self._due: dict[str, float] = {}
        self._to_count: set[int] = set()
        self._far: set[int] = set()
        self._beating_since: float | None = None

    @property
    def is_trusted(self) -> bool:
        """Our own beats have been written for so long that a stale one means a dead server."""
        return self.beating_for_s > sweep.STALE_AFTER_S

    @property
    def beating_for_s(self) -> float:
        """How long our own signs of life have been written without a fault."""
        since = self._beating_since
        return 0.0 if since is None else self._clock() - since

    def wake(self) -> None:
        """Call on the event loop (from threads by `call_soon_threadsafe`)."""
        self._wake.set()

    def count(self, session_pk: int) -> None:
        """The session has begun, or has just cost something: with the next pulse its user's quota
        is counted, if it is near its end or nobody knows yet. Call on the event loop."""
        if session_pk not in self._far:
            self._to_count.add(session_pk)

    async def run(self) -> None:
        """Beat until cancelled. A database that is away costs a log line, never the process."""
        while True:
            try:
                await self._pulse()
            except DatabaseError as error:
                self._beating_since = None
                logger.warning("the heartbeat cannot reach the database: %s", type(error).__name__)
            except Exception:
                # A bug in one duty must not leave every call of this server without a pulse.
                self._beating_since = None
                logger.exception("the heartbeat missed a beat")
            try:
                await asyncio.wait_for(self._wake.wait(), PULSE_S)
            except TimeoutError:
                continue
            self._wake.clear()

    async def _pulse(self) -> None:
        if len(self._live):
            await self._carry_out_orders()
        await self._extra_duty()
        if self._is_due("keys", KEYS_EVERY_S):
            await database.run(api_keys.end_expired_keys)
        if self._is_due("beat", BEAT_EVERY_S):
            await database.run(_beat, [session.pk for session in self._live])
            self._beating_since = self._beating_since or self._clock()
        await self._renew_reservations()
        if self._is_due("sweep", SWEEP_EVERY_S):
            await database.run(sweep.end_lost_sessions, trust_heartbeats=self.is_trusted)
        if self._is_due("forget", FORGET_EVERY_S):
            await database.run(sweep.forget_unopened)

    async def _carry_out_orders(self) -> None:
        connections = [(session.pk, session.connection_id) for session in self._live]
        for order in await database.run(read_orders, connections):
            session = self._live.connection(order.connection_id)
            if session is None:
                continue
            if order.reason is None:
                session.end_for_lost_conversation()
            else:
                session.end(order.reason, order.note)

    async def _renew_reservations(self) -> None:
        """What each user's quota leaves: those that are far from its end seldom, the others often,
        and at once those that begin, or have just spent some of what is near its end."""
        running = {session.pk for session in self._live}
        changed, self._to_count = self._to_count & running, set()
        self._far &= running
        if self._is_due("far quota", FAR_QUOTA_EVERY_S):
            self._far.clear()
        if self._is_due("quota", QUOTA_EVERY_S):
            changed = running - self._far
        if not changed:
            return
        grants = await database.run(reservations.renew, changed)
        self._far -= changed
        for session in self._live:
            grant = grants.get(session.pk)
            if grant is not None:
                session.allow(grant)
                if grant.is_far:
                    self._far.add(session.pk)

    def _is_due(self, duty: str, every_s: float) -> bool:
        now = self._clock()
        if now < self._due.get(duty, 0.0):
            return False
        self._due[duty] = now + every_s
        return True


def _beat(session_pks: Sequence[int]) -> None:
    RealtimeSession.objects.running().filter(pk__in=session_pks).update(last_seen_at=timezone.now())
