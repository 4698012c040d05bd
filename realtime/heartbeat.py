"""The pulse of a server process: signs of life out, orders from other processes in, sweeping.

Every process reads twice a second what was asked of its own sessions, so an admin's click, a
sign-out or a takeover reaches a call wherever it runs, with or without Redis.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from django.db import Error as DatabaseError
from django.utils import timezone

from accounts import api_keys
from realtime import database, quotas, sweep
from realtime.core.effects import EndReason
from realtime.live import LiveSessions
from realtime.models import RealtimeSession, SessionState

logger = logging.getLogger(__name__)

PULSE_S = 0.5
BEAT_EVERY_S = 3.0
QUOTA_EVERY_S = 5.0
SWEEP_EVERY_S = 5.0
FORGET_EVERY_S = 60.0
KEYS_EVERY_S = 2.0
ANSWER_MAX_S = 20.0


@dataclass(frozen=True, slots=True)
class Order:
    """What the database asks of one of our connections; `reason` None: its conversation is gone."""

    connection_id: str
    reason: EndReason | None


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
        self._over_quota_since: dict[str, float] = {}
        self._beating_since: float | None = None

    @property
    def is_trusted(self) -> bool:
        """Our own beats have been written for so long that a stale one means a dead server."""
        since = self._beating_since
        return since is not None and self._clock() - since > sweep.STALE_AFTER_S

    def wake(self) -> None:
        """Call on the event loop (from threads by `call_soon_threadsafe`)."""
        self._wake.set()

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
        if self._is_due("quota", QUOTA_EVERY_S):
            await self._find_over_quota()
        self._end_over_quota()
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
                session.end(order.reason)

    async def _find_over_quota(self) -> None:
        now = self._clock()
        over = set(await database.run(over_quota, [session.pk for session in self._live]))
        self._over_quota_since = {
            session.connection_id: self._over_quota_since.get(session.connection_id, now)
            for session in self._live
            if session.pk in over
        }

    def _end_over_quota(self) -> None:
        """The answer in the air may finish (contract §8)."""
        for connection_id, since in self._over_quota_since.items():
            session = self._live.connection(connection_id)
            if session is None:
                continue
            if not session.is_answering or self._clock() - since > ANSWER_MAX_S:
                session.end(EndReason.BUDGET_EXHAUSTED)

    def _is_due(self, duty: str, every_s: float) -> bool:
        now = self._clock()
        if now < self._due.get(duty, 0.0):
            return False
        self._due[duty] = now + every_s
        return True


def read_orders(connections: Sequence[tuple[int, str]]) -> list[Order]:
    """What was asked of these (session pk, connection id) pairs."""
    rows = {
        row[0]: row
        for row in RealtimeSession.objects.filter(pk__in=[pk for pk, _ in connections]).values_list(
            "pk", "connection_id", "end_requested", "conversation_id", "state"
        )
    }
    orders = []
    for pk, connection_id in connections:
        row = rows.get(pk)
        if row is None:
            orders.append(Order(connection_id, EndReason.ADMIN_ENDED))
            continue
        _, owner, end_requested, conversation_id, state = row
        if owner != connection_id:
            ended = state == SessionState.ENDED
            reason = EndReason.SERVER_LOST if ended else EndReason.MOVED_DEVICE
            orders.append(Order(connection_id, reason))
        elif end_requested:
            orders.append(Order(connection_id, EndReason(end_requested)))
        elif conversation_id is None:
            orders.append(Order(connection_id, None))
    return orders


def over_quota(session_pks: Sequence[int]) -> list[int]:
    """Those of the voice sessions whose user has no voice seconds left today."""
    if not session_pks:
        return []
    rows = RealtimeSession.objects.filter(pk__in=session_pks, is_text_only=False)
    by_user: dict[int, list[int]] = {}
    for pk, user_id in rows.values_list("pk", "user_id"):
        by_user.setdefault(user_id, []).append(pk)
    now = timezone.now()
    return [
        pk for user_id, pks in by_user.items() if quotas.day_left_s(user_id, now) <= 0 for pk in pks
    ]


def _beat(session_pks: Sequence[int]) -> None:
    RealtimeSession.objects.running().filter(pk__in=session_pks).update(last_seen_at=timezone.now())
