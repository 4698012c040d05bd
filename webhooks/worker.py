"""Sends what is due, in every server process, on a thread with an event loop of its own: no call
waits while a receiver does."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import Error as DatabaseError
from django.db import close_old_connections, connections
from django.utils import timezone

from webhooks import bell, meters, outbox, payloads, sealing, sending, signing
from webhooks.keys import keys_of
from webhooks.models import Delivery
from webhooks.sending import Outcome

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)

AT_ONCE = 8
POLL_S = 2.0
FORGET_EVERY_S = 600.0


class Worker:
    """`start` it once the server serves and `stop` it at the end; what it has not sent by then is
    sent by another process, or by the next one."""

    def __init__(self) -> None:
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        # Django's connections belong to threads, and an event loop's thread may not have one.
        self._database = ThreadPoolExecutor(1, thread_name_prefix="webhooks-database")
        self._loop = asyncio.new_event_loop()
        self._awake = asyncio.Event()
        self._is_stopping = False
        self._sending: dict[asyncio.Task[None], Delivery] = {}
        self._forget_at = 0.0

    def start(self) -> None:
        bell.listen(self.wake)
        self._thread.start()

    def wake(self) -> None:
        """Look at once. Any thread."""
        with contextlib.suppress(RuntimeError):  # it has just stopped
            self._loop.call_soon_threadsafe(self._awake.set)

    def stop(self, timeout_s: float) -> None:
        """Wait so long for requests that are under way. Not on the event loop of a server."""
        bell.listen(None)
        self._is_stopping = True
        self.wake()
        self._thread.join(timeout_s)

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._database.submit(connections.close_all)
            self._database.shutdown(wait=True)
            self._loop.close()

    async def _serve(self) -> None:
        while not self._is_stopping:
            self._awake.clear()
            try:
                await self._begin_what_is_due()
            except DatabaseError as error:
                logger.warning("webhooks cannot reach the database: %s", type(error).__name__)
            except Exception:
                logger.exception("webhooks missed a turn")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), POLL_S)
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def _begin_what_is_due(self) -> None:
        room = AT_ONCE - len(self._sending)
        busy = {delivery.endpoint_id for delivery in self._sending.values()}
        for delivery in await self._in_database(outbox.claim, room, busy) if room else []:
            task = self._loop.create_task(self._deliver(delivery))
            self._sending[task] = delivery
            task.add_done_callback(self._is_done)
        if time.monotonic() >= self._forget_at:
            forgotten = await self._in_database(outbox.forget_old)
            is_all = forgotten < outbox.ROWS_AT_ONCE
            self._forget_at = time.monotonic() + (FORGET_EVERY_S if is_all else POLL_S)

    async def _deliver(self, delivery: Delivery) -> None:
        began_at = timezone.now()
        try:
            headers, body = await self._in_database(prepared, delivery, int(began_at.timestamp()))
        except sealing.SecretUnreadable:
            outcome = Outcome(0, error="webhook_secret_unreadable")
        else:
            outcome = await sending.post(delivery.endpoint.url, headers, body)
        meters.count(outcome)
        await self._in_database(outbox.settle, delivery, outcome, began_at)

    def _is_done(self, task: asyncio.Task[None]) -> None:
        self._sending.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            # Not its message, which may quote the body; the claim runs out, and it is tried again.
            logger.error("a webhook could not be sent: %s", type(error).__name__)
        self._awake.set()

    async def _in_database(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        call = functools.partial(_with_fresh_connection, work, *args, **kwargs)
        return await self._loop.run_in_executor(self._database, call)


def prepared(delivery: Delivery, timestamp: int) -> tuple[dict[str, str], bytes]:
    """The signed headers and the body. Raises SecretUnreadable."""
    keys = keys_of(delivery.endpoint)
    body = payloads.body_of(delivery)
    return signing.signed_headers(keys, delivery.message_id, timestamp, body), body


def _with_fresh_connection(work: Callable[..., T], *args: object, **kwargs: object) -> T:
    close_old_connections()
    try:
        return work(*args, **kwargs)
    finally:
        close_old_connections()
