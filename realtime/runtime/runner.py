"""Runs one Session: performs its effects on a client, a provider and a store.

Tasks, and who releases them: the downlink lane and those of the `ProviderLine`, all cancelled by
`_finish`, which is the one task that outlives the session and ends with `_closed`.
Everything runs on one event loop, so the machine needs no lock.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from realtime.core.allowance import Allowance
from realtime.core.effects import (
    CloseUpstream,
    DetachClient,
    Effect,
    EndReason,
    EndSession,
    OpenUpstream,
    SendClient,
    SendUpstream,
)
from realtime.core.errors import LimitReached, VoiceError
from realtime.core.ring import EventRing
from realtime.core.session import Session
from realtime.runtime.alarm import Alarm
from realtime.runtime.attachment import Attachment
from realtime.runtime.client_line import CLOSE_TIMEOUT_S, ClientLine
from realtime.runtime.downlink import Downlink
from realtime.runtime.latch import Latch
from realtime.runtime.pace import Pace
from realtime.runtime.passage import Passage
from realtime.runtime.ports import (
    ClientPort,
    SessionObserver,
    StorePort,
    UpstreamFactory,
    UpstreamTarget,
)
from realtime.runtime.provider_line import ProviderLine
from realtime.runtime.tap import NO_TAP, NoTap
from realtime.runtime.telling import OBSERVER_TIMEOUT_S, Telling, bounded, log_bug
from realtime.runtime.uplink import Uplink

logger = logging.getLogger(__name__)

CLIENT_STALLED_TIMEOUT_S: Final = 10.0
FLUSH_TIMEOUT_S: Final = 10.0


class SessionRunner:
    """Call `start` on the event loop, serve the client through the Attachment it returns, `attach`
    another when the client comes back, and await `wait_closed` before forgetting the session."""

    def __init__(
        self,
        session: Session,
        upstream_factory: UpstreamFactory,
        target: UpstreamTarget,
        store: StorePort,
        client: ClientPort,
        observer: SessionObserver,
        clock: Callable[[], float] = time.monotonic,
        tap: NoTap = NO_TAP,
    ) -> None:
        self.session = session
        self.tap = tap
        self._observer = observer
        self._clock = clock
        self._quiet = Latch()
        self._over = Latch()
        self._closed = Latch()
        self._forget: Callable[[], None] = _nobody_keeps_it
        self._uplink = Uplink(tap)
        self._pace = Pace(session, self._uplink, clock, self._over, self._uplink_full)
        session_id = session.setup.session_id
        may_resume = session.setup.private_events and session.setup.limits.resume_s > 0
        gone = partial(self.client_closed, 1006)
        self.line = ClientLine(
            client,
            EventRing() if may_resume else None,
            clock,
            session_id,
            gone=gone,
            tap=tap,
        )
        self._first_client = client
        self._expected = 0
        self._telling = Telling(session_id)
        self._downlink = Downlink(
            self.line,
            store,
            session_id,
            clock,
            started=self._started,
            client_gone=gone,
            audio_dropped=partial(self._advance, session.audio_dropped),
            set_aside=partial(self._advance, session.persistence_failed),
        )
        self._downlink_task: asyncio.Task[None] | None = None
        self._provider_line = ProviderLine(
            upstream_factory,
            target,
            self._uplink,
            self._downlink,
            session_id,
            opened=self._upstream_opened,
            failed=self._upstream_failed,
            closed=self._upstream_closed,
            take=self._from_upstream,
        )
        self._finish_task: asyncio.Task[None] | None = None
        self._alarm = Alarm(clock, self._ring)
        self._client_is_gone = False
        self.passage = Passage(
            session, self._uplink, self._downlink, tap, clock, self._watch_deadline
        )

    @property
    def is_ending(self) -> bool:
        return self._finish_task is not None

    def start(self) -> Attachment:
        """Dial the provider and start the lanes. Call once, on the loop that will run it."""
        self._downlink_task = asyncio.create_task(self._run_downlink(), name="downlink")
        self._advance(lambda _now: self.session.open())
        return Attachment(self, self._first_client, self.line.over)

    def attach(self, client: ClientPort, after: str) -> Attachment | None:
        """Go on with this client, which saw the event `after` last ("": none); an older one is
        closed with 4409. None when the session has ended or cannot be resumed."""
        if self.is_ending or not self.session.can_resume:
            return None
        position = self.line.position_after(after)
        self.line.part(4409, "superseded", self.session.client_superseded())
        greeting = self.session.client_resumed(self._clock(), recovered=position is not None)
        for effect in greeting:
            if isinstance(effect, SendClient):
                self.line.join(client, effect, position)
        self._downlink.forgive()
        if position is not None and self.line.lacks_sound_from(position):
            self._advance(self.session.audio_dropped)
        return Attachment(self, client, self.line.over)

    def _started(self) -> None:
        self._telling.tell(self._observer.session_started())

    @property
    def client(self) -> ClientPort:
        """The one that it was started with."""
        return self._first_client

    def is_client(self, client: ClientPort) -> bool:
        """Whether this one is there now, neither lost nor superseded."""
        return self.line.client is client

    async def expect_client(self) -> None:
        """A client is about to `attach`: from when this returns until `expect_no_more` the observer
        is not told that there is none, so that a slot taken for it is not freed."""
        self._expected += 1
        await self._telling.told()

    def expect_no_more(self) -> None:
        """It has attached, or will not."""
        self._expected -= 1
        self._tell_if_detached()

    async def from_client(self, raw: str | bytes) -> None:
        """Hand over one frame; waits while the way to the provider is full or the client too fast.

        Frames must come one after the other. Cancelling is safe; frames after the end are ignored.
        """
        if not self.take(raw):
            await self._pace.wait_out()
            await self._pace.wait_for_room()
            self._hand_over(raw)
        await self._pace.wait_out()

    def take(self, raw: str | bytes) -> bool:
        """Hand over one frame at once. False: it would have to wait, and nothing was done; then it
        and all that follow go through `from_client`, until that has taken the last of them."""
        if self.is_ending:
            return True
        if not self._pace.may_go_on(self._clock()):
            return False
        self._hand_over(raw)
        return True

    def _hand_over(self, raw: str | bytes) -> None:
        self.tap.from_client(raw)
        if not self.passage.heard(raw):
            self._advance(self.session.receive_from_client, raw)

    def client_active(self) -> None:
        """The client is there and does something that is no event."""
        self._advance(self.session.client_active)

    def client_closed(self, code: int = 1000) -> None:
        """The client is gone, with this WebSocket close code (1006: without one)."""
        self._advance(partial(self.session.client_closed, code=code))
        if not self.session.detached:
            self._client_is_gone = True
            self._downlink.mute()

    def end(self, reason: EndReason, error: VoiceError | None = None) -> None:
        """End from outside; returns at once. `error` brings a closer code and sentence."""
        self._advance(partial(self.session.end, reason, error=error))

    def allow(self, allowance: Allowance) -> None:
        """What the user's quota leaves the session from now on."""
        self._advance(self.session.allow, allowance)

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

    def when_closed(self, forget: Callable[[], None]) -> None:
        """Have `forget` called then; at once if it is closed. For the one who keeps the runner."""
        if self._closed.is_set():
            forget()
        else:
            self._forget = forget

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
            self._uplink.room.set()
        self._watch_deadline()

    def _perform(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            match effect:
                case SendUpstream():
                    self._uplink.put(effect.raw)
                case OpenUpstream():
                    self._provider_line.dial(effect.delay_s)
                case CloseUpstream():
                    self._provider_line.hang_up()
                case DetachClient():
                    self._detach()
                case EndSession():
                    self._finish_with(effect)
                case _:
                    self._downlink.put(effect)

    def _fail(self, error: Exception) -> None:
        """A bug of ours: the one way to 1011."""
        log_bug(self.session.setup.session_id, error)
        if not self.is_ending:
            self._finish_with(EndSession(EndReason.SERVER_LOST, 1011, "internal_error"))

    def _watch_deadline(self) -> None:
        if self.is_ending:
            return
        deadline = self.session.next_deadline()
        if deadline is not None:
            self._alarm.set(deadline)
        if self._downlink.stalled_since is not None:
            self._alarm.set(self._downlink.stalled_since + CLIENT_STALLED_TIMEOUT_S)

    def _ring(self) -> None:
        stalled_since = self._downlink.stalled_since
        if stalled_since is not None and self._clock() - stalled_since >= CLIENT_STALLED_TIMEOUT_S:
            self._client_too_slow()
        else:
            self._advance(self.session.tick)

    # The client's side.

    @property
    def queued_bytes(self) -> tuple[int, int]:
        """What waits for the provider, and what for the client."""
        return self._pace.waiting_bytes, self._downlink.byte_count

    def _uplink_full(self) -> None:
        error = LimitReached("The client sends faster than it can be heard.", code="uplink_full")
        self.end(EndReason.POLICY_BLOCKED, error)

    def _client_too_slow(self) -> None:
        """Where it can come back it only loses its line: that may be all that is wrong with it."""
        if not self.session.can_resume:
            self.end(EndReason.CLIENT_LOST)
            return
        self._downlink.forgive()
        self.line.part(4408, "client_too_slow")
        self.client_closed(1006)

    def _detach(self) -> None:
        self.tap.note("client.lost")
        self.line.part(1000, "")
        self._downlink.forgive()
        self._tell_if_detached()

    def _tell_if_detached(self) -> None:
        if self.session.detached and not self._expected:
            self._telling.tell(self._observer.client_detached())

    async def _run_downlink(self) -> None:
        try:
            await self._downlink.run()
        except Exception as error:
            self._fail(error)

    # The provider's side.

    def _upstream_opened(self) -> None:
        self.tap.note("provider.connected")
        self._advance(self.session.upstream_opened)

    def _upstream_failed(self, error: VoiceError) -> None:
        self._advance(self.session.upstream_failed, error)

    def _upstream_closed(self, code: int, reason: str) -> None:
        self.tap.note("provider.lost", code=code)
        closed = partial(self.session.upstream_closed, code, reason)
        self._advance(partial(closed, unsent=self._uplink.take_unsent()))

    def _from_upstream(self, text: bytes, raw: str | None = None) -> None:
        """Raises UnicodeDecodeError for what is no UTF-8; then nothing was done."""
        try:
            if self.passage.down(text):
                return
        except Exception as error:
            self._fail(error)
            return
        raw = raw or text.decode()
        self.tap.from_provider(raw)
        self._advance(self.session.receive_from_upstream, raw)

    # The end.

    def _finish_with(self, end: EndSession) -> None:
        self.tap.note("session.ended", reason=end.reason.value)
        self._alarm.cancel()
        self.passage.is_open = False
        self._over.set()
        self._uplink.room.set()
        self._quiet.set()
        self._downlink.put(end)
        self._finish_task = asyncio.create_task(self._finish(end), name="finish")

    async def _finish(self, end: EndSession) -> None:
        """Flush, close both sides, write what is left, tell the observer; whatever fails, go on."""
        self._provider_line.hang_up()
        hanging_up, session_id = self._provider_line.tasks, self.session.setup.session_id
        try:
            await self._flush(wait=not self._client_is_gone and end.close_code not in (1011, 4408))
            await self.line.close(end.close_code, end.close_reason)
            await bounded(self._downlink.close(CLOSE_TIMEOUT_S), 2 * CLOSE_TIMEOUT_S, session_id)
            await asyncio.gather(*hanging_up, return_exceptions=True)
            await self._telling.told()
            await bounded(self._observer.session_ended(end.reason), OBSERVER_TIMEOUT_S, session_id)
        finally:
            self._closed.set()
            forget, self._forget = self._forget, _nobody_keeps_it
            forget()

    async def _flush(self, wait: bool) -> None:
        """Let the downlink reach its end, but wait for no client that is gone or does not read."""
        task = self._downlink_task
        if task is None:
            return
        if wait:
            await asyncio.wait({task, *self.line.tasks}, timeout=FLUSH_TIMEOUT_S)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _nobody_keeps_it() -> None:
    """A runner that no registry knows of."""
