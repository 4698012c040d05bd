"""Runs one Session: performs its effects on a client, a provider and a store.

Tasks, and who releases them: the downlink lane and each dial with its pump and uplink lane, all
cancelled by `_finish`, which is the one task that outlives the session and ends with `_closed`.
Everything runs on one event loop, so the machine needs no lock.
"""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, Final

from realtime.core.effects import (
    CloseUpstream,
    Effect,
    EndReason,
    EndSession,
    OpenUpstream,
    SendUpstream,
)
from realtime.core.errors import LimitReached, UpstreamFailed, UpstreamTimedOut, VoiceError
from realtime.core.session import Session
from realtime.runtime.downlink import Downlink
from realtime.runtime.ports import (
    ClientPort,
    SessionObserver,
    StorePort,
    Upstream,
    UpstreamClosed,
    UpstreamFactory,
    UpstreamTarget,
)
from realtime.runtime.uplink import Uplink

logger = logging.getLogger(__name__)

UPLINK_MAX_BYTES: Final = 4 * 1024 * 1024
UPLINK_FULL_TIMEOUT_S: Final = 10.0
CLIENT_STALLED_TIMEOUT_S: Final = 10.0
FLUSH_TIMEOUT_S: Final = 10.0
CLOSE_TIMEOUT_S: Final = 6.0
OBSERVER_TIMEOUT_S: Final = 10.0

# A provider in the same process may answer without ever waiting; the lanes need their turn too.
_YIELD_ABOVE_BYTES: Final = 64 * 1024


class SessionRunner:
    """Call `start` on the event loop, feed `from_client`, call `client_closed` when the client is
    gone, and await `wait_closed` before forgetting it."""

    def __init__(
        self,
        session: Session,
        upstream_factory: UpstreamFactory,
        target: UpstreamTarget,
        store: StorePort,
        client: ClientPort,
        observer: SessionObserver,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.session = session
        self._upstream_factory = upstream_factory
        self._target = target
        self._client = client
        self._observer = observer
        self._clock = clock
        self._room = asyncio.Event()
        self._quiet = asyncio.Event()
        self._closed = asyncio.Event()
        self._uplink = Uplink(self._room.set)
        self._downlink = Downlink(
            client,
            store,
            session.setup.session_id,
            clock,
            started=self._session_started,
            client_gone=lambda: self.client_closed(1006),
            audio_dropped=lambda: self._advance(self.session.audio_dropped),
            set_aside=lambda: self._advance(self.session.persistence_failed),
        )
        self._downlink_task: asyncio.Task[None] | None = None
        self._dials: set[asyncio.Task[None]] = set()
        self._started_task: asyncio.Task[None] | None = None
        self._finish_task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: float | None = None
        self._client_is_gone = False

    @property
    def is_ending(self) -> bool:
        return self._finish_task is not None

    def start(self) -> None:
        """Dial the provider and start the lanes. Call once, on the loop that will run it."""
        self._downlink_task = asyncio.create_task(self._run_downlink(), name="downlink")
        self._advance(lambda _now: self.session.open())

    async def from_client(self, raw: str | bytes) -> None:
        """Hand over one frame; waits while the way to the provider is full or the client too fast.

        Frames must come one after the other. Cancelling is safe; frames after the end are ignored.
        """
        if self._backlog_bytes() >= UPLINK_MAX_BYTES:
            await self._wait_for_room()
        self._advance(self.session.receive_from_client, raw)
        wait_s = self.session.client_wait_s(self._clock())
        if wait_s > 0:
            await self._pause(wait_s)

    def client_closed(self, code: int = 1000) -> None:
        """The client is gone, with this WebSocket close code (1006: without one)."""
        self._client_is_gone = True
        self._downlink.mute()
        self._advance(partial(self.session.client_closed, code=code))

    def end(self, reason: EndReason, error: VoiceError | None = None) -> None:
        """End from outside; returns at once. `error` brings a closer code and sentence."""
        self._advance(partial(self.session.end, reason, error=error))

    async def drain(self, timeout_s: float) -> None:
        """Let the answer in the air finish, then end with SERVER_SHUTDOWN, and wait for it."""
        try:
            async with asyncio.timeout(timeout_s):
                while self.session.busy:
                    self._quiet.clear()
                    await self._quiet.wait()
        except TimeoutError:
            logger.info("session %s: cut by the drain", self.session.setup.session_id)
        self.end(EndReason.SERVER_SHUTDOWN)
        await self.wait_closed()

    async def wait_closed(self) -> None:
        """Returns when everything is flushed, closed and the observer told."""
        await self._closed.wait()

    # Advancing the machine.

    def _advance(self, step: Callable[..., list[Effect]], *arguments: Any) -> None:
        """Take one step of the session, now, and perform what it asks, in order."""
        if self.is_ending:
            return
        try:
            self._perform(step(*arguments, self._clock()))
        except Exception as error:
            self._fail(error)
            return
        if not self.session.busy:
            self._quiet.set()
        if not self.session.held_bytes:
            self._room.set()
        self._watch_deadline()

    def _perform(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            match effect:
                case SendUpstream():
                    self._uplink.put(effect.raw)
                case OpenUpstream():
                    self._spawn_dial(effect.delay_s)
                case CloseUpstream():
                    self._hang_up()
                case EndSession():
                    self._finish_with(effect)
                case _:
                    self._downlink.put(effect)

    def _fail(self, error: Exception) -> None:
        """A bug of ours: the one way to 1011."""
        self._log_bug(error)
        if not self.is_ending:
            self._finish_with(EndSession(EndReason.SERVER_LOST, 1011, "internal_error"))

    def _log_bug(self, error: Exception) -> None:
        """Where it happened, not what it said: its message may quote what people said."""
        place = "".join(traceback.format_tb(error.__traceback__))
        logger.error(
            "session %s: %s\n%s", self.session.setup.session_id, type(error).__name__, place
        )

    def _watch_deadline(self) -> None:
        """Keep one timer at the earliest deadline. One that moved away just rings for nothing."""
        at = self._next_deadline()
        if at is None or self.is_ending or (self._timer_at is not None and self._timer_at <= at):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = at
        delay_s = max(0.0, at - self._clock())
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._ring)

    def _next_deadline(self) -> float | None:
        deadline = self.session.next_deadline()
        stalled_since = self._downlink.stalled_since
        if stalled_since is None:
            return deadline
        stalled_at = stalled_since + CLIENT_STALLED_TIMEOUT_S
        return stalled_at if deadline is None else min(deadline, stalled_at)

    def _ring(self) -> None:
        self._timer = self._timer_at = None
        stalled_since = self._downlink.stalled_since
        if stalled_since is not None and self._clock() - stalled_since >= CLIENT_STALLED_TIMEOUT_S:
            self.end(EndReason.CLIENT_LOST)
        else:
            self._advance(self.session.tick)

    # The client's side.

    def _backlog_bytes(self) -> int:
        return self._uplink.byte_count + self.session.held_bytes

    async def _wait_for_room(self) -> None:
        try:
            async with asyncio.timeout(UPLINK_FULL_TIMEOUT_S):
                while self._backlog_bytes() >= UPLINK_MAX_BYTES and not self.is_ending:
                    self._room.clear()
                    await self._room.wait()
        except TimeoutError:
            error = LimitReached(
                "The client sends faster than it can be heard.", code="uplink_full"
            )
            self.end(EndReason.POLICY_BLOCKED, error)

    async def _pause(self, wait_s: float) -> None:
        try:
            async with asyncio.timeout(wait_s):
                await self._closed.wait()
        except TimeoutError:
            return

    def _session_started(self) -> None:
        self._started_task = asyncio.create_task(
            self._tell(self._observer.session_started()), name="session started"
        )

    async def _run_downlink(self) -> None:
        try:
            await self._downlink.run()
        except Exception as error:
            self._fail(error)

    # The provider's side.

    def _spawn_dial(self, delay_s: float) -> None:
        task = asyncio.create_task(self._run_upstream(delay_s), name="upstream")
        self._dials.add(task)
        task.add_done_callback(self._dials.discard)

    def _hang_up(self) -> None:
        for task in self._dials:
            task.cancel()

    async def _run_upstream(self, delay_s: float) -> None:
        """One provider session from dial to close. Reports its end before it has hung up, so that
        the next dial need not wait for that."""
        await asyncio.sleep(delay_s)
        upstream: Upstream | None = None
        try:
            upstream = self._upstream_factory(self._target)
            await upstream.open()
            self._advance(self.session.upstream_opened)
            await self._pump(upstream)
        except (UpstreamFailed, UpstreamTimedOut) as error:
            self._advance(self.session.upstream_failed, error)
        except UpstreamClosed as closed:
            self._upstream_closed(closed.code, closed.reason)
        except Exception as error:  # a broken provider is a provider that went away
            self._log_bug(error)
            self._upstream_closed(1011, "internal_error")
        finally:
            if upstream is not None:
                await upstream.aclose()

    def _upstream_closed(self, code: int, reason: str) -> None:
        closed = partial(self.session.upstream_closed, code, reason)
        self._advance(partial(closed, unsent=self._uplink.take_unsent()))

    async def _pump(self, upstream: Upstream) -> None:
        sending = asyncio.create_task(self._uplink.run(upstream), name="uplink")
        try:
            while True:
                raw = await upstream.receive()
                self._advance(self.session.receive_from_upstream, raw)
                if self._downlink.byte_count > _YIELD_ABOVE_BYTES:
                    await asyncio.sleep(0)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    # The end.

    def _finish_with(self, end: EndSession) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._room.set()
        self._quiet.set()
        self._downlink.put(end)
        self._finish_task = asyncio.create_task(self._finish(end), name="finish")

    async def _finish(self, end: EndSession) -> None:
        """Flush, close both sides, write what is left, tell the observer; whatever fails, go on."""
        self._hang_up()
        hanging_up = [*self._dials]
        try:
            await self._flush(wait=not self._client_is_gone and end.close_code not in (1011, 4408))
            await self._step(self._client.close(end.close_code, end.close_reason), CLOSE_TIMEOUT_S)
            await self._step(self._downlink.close(CLOSE_TIMEOUT_S), 2 * CLOSE_TIMEOUT_S)
            await asyncio.gather(*hanging_up, return_exceptions=True)
            if self._started_task is not None:
                await self._started_task
            await self._tell(self._observer.session_ended(end.reason))
        finally:
            self._closed.set()

    async def _flush(self, wait: bool) -> None:
        """Let the downlink reach its end, but wait for no client that is gone or does not read."""
        task = self._downlink_task
        if task is None:
            return
        if wait:
            await asyncio.wait({task}, timeout=FLUSH_TIMEOUT_S)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def _tell(self, telling: Coroutine[Any, Any, None]) -> None:
        await self._step(telling, OBSERVER_TIMEOUT_S)

    async def _step(self, step: Coroutine[Any, Any, None], timeout_s: float) -> None:
        """Await something that may fail or hang without keeping the rest from being done."""
        try:
            async with asyncio.timeout(timeout_s):
                await step
        except Exception as error:
            session_id = self.session.setup.session_id
            logger.warning("session %s: %s while closing", session_id, type(error).__name__)
