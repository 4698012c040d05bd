"""The lane to the client: stores before it forwards, and never waits for a slow reader.

Design laws 2 and 5: effects leave in list order; while a Store that holds is pending, and only
then, audio may overtake; past the bound the oldest audio is dropped, anything else never.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from realtime.core.effects import EndSession, SendClient, SessionStarted, Store
from realtime.core.records import ItemOpened, Record
from realtime.runtime.client_line import ClientLine
from realtime.runtime.company import COMPANY
from realtime.runtime.latch import Latch
from realtime.runtime.ledger import Ledger
from realtime.runtime.meters import METERS
from realtime.runtime.ports import StorePort
from realtime.runtime.short_queue import ShortQueue

MAX_BYTES: Final = 2 * 1024 * 1024
# How long sound waits with the frames that announce it, while a Store holds those back. A write
# takes milliseconds; a database that takes longer must not silence the answer (design law 4).
ANNOUNCEMENT_PATIENCE_S: Final = 0.25

DownlinkEffect: TypeAlias = SendClient | Store | SessionStarted | EndSession


class Downlink:
    """One task runs `run`; `put` may be called from anywhere on its loop.

    started: `session.created` has been handed to the client.
    client_gone: sending failed; `mute` unless the client may come back.
    audio_dropped: called at the first audio dropped since the client last kept up.
    set_aside: records cannot be stored.
    stalled_since: when the client fell behind, by `clock`; None while it keeps up.
    """

    __slots__ = (
        "_announcements",
        "_arrived",
        "_audio",
        "_audio_dropped",
        "_client_gone",
        "_clock",
        "_is_due",
        "_is_idle",
        "_ledger",
        "_line",
        "_muted",
        "_ordered",
        "_sequence",
        "_started",
        "_timed",
        "_unwritten",
        "_write_along",
        "_writer",
        "byte_count",
        "stalled_since",
    )

    def __init__(
        self,
        line: ClientLine,
        store: StorePort,
        session_id: str,
        clock: Callable[[], float],
        *,
        started: Callable[[], None],
        client_gone: Callable[[], None],
        audio_dropped: Callable[[], None],
        set_aside: Callable[[], None],
    ) -> None:
        self._line = line
        self._clock = clock
        self._started = started
        self._client_gone = client_gone
        self._audio_dropped = audio_dropped
        self._ledger = Ledger(store, session_id, set_aside=set_aside, release=self._put_again)
        self._sequence = 0
        self._ordered: ShortQueue[tuple[int, DownlinkEffect]] = ShortQueue()
        self._audio: ShortQueue[tuple[int, SendClient]] = ShortQueue()
        self._announcements: ShortQueue[int] = ShortQueue()
        self._unwritten: list[Record] = []
        self._writer: asyncio.Task[None] | None = None
        self._write_along = self._write_now  # made once: it is how COMPANY knows us
        self._is_due = False
        self._arrived = Latch()
        self._muted = False
        # Everything so far has been done, so that the next may be done at once.
        self._is_idle = False
        # One frame of sound at a time whose way to the client is timed, and since when it waits.
        self._timed: tuple[SendClient, float] | None = None
        self.byte_count = 0
        self.stalled_since: float | None = None

    def put(self, effect: DownlinkEffect) -> None:
        if self._is_idle and self._perform_now(effect):
            return
        self._is_idle = False
        self._sequence += 1
        if not isinstance(effect, SendClient):
            self._ordered.append((self._sequence, effect))
        elif not self._muted:
            self.byte_count += len(effect.raw)
            if effect.droppable:
                self._audio.append((self._sequence, effect))
                if self._timed is None:
                    self._timed = (effect, self._clock())
            else:
                self._ordered.append((self._sequence, effect))
                if effect.opens:
                    self._announcements.append(self._sequence)
            if self.byte_count > MAX_BYTES:
                self._drop_audio()
        self._arrived.set()

    def _perform_now(self, effect: DownlinkEffect) -> bool:
        """Do what would be done next in any case, if it takes no waiting. False: it does."""
        if isinstance(effect, SendClient):
            if self._muted or self._ledger.is_behind or not self._line.send_now(effect):
                return False
            if effect.droppable:
                METERS.relay.observe_none()
            return True
        if isinstance(effect, Store) and not effect.holds:
            self._unwritten.append(effect.record)
            self._write_unheld()
            return True
        return False

    def pass_on(self, text: bytes, event_id: str, *, droppable: bool) -> bool:
        """`put` for an event that is there as UTF-8 and untold to the tap, if it can leave at once.
        False: nothing was done."""
        if (
            not self._is_idle
            or self._muted
            or self._ledger.is_behind
            or not self._line.pass_on(text, event_id, droppable=droppable)
        ):
            return False
        if droppable:
            METERS.relay.observe_none()
        return True

    def mute(self) -> None:
        """The client is gone: store what is to be stored, send nothing more."""
        self._muted = True

    def forgive(self) -> None:
        """Count anew how long the client has been behind: it is another one, or none."""
        self.stalled_since = None

    async def run(self) -> None:
        """Perform effects until EndSession comes up."""
        while True:
            effect = self._take_next()
            if effect is None:
                self._arrived.clear()
                self._is_idle = True
                try:
                    await self._arrived.wait()
                finally:
                    self._is_idle = False
            elif isinstance(effect, SendClient):
                await self._send(effect)
            elif isinstance(effect, Store):
                await self._store(effect)
            elif isinstance(effect, SessionStarted):
                self._started()
            else:
                self._write_now()
                await self._written()
                return

    async def close(self, timeout_s: float) -> None:
        """Write every record that is still queued. Call when `run` has ended or was cancelled."""
        COMPANY.leave(self._write_along)
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
        queued = [effect.record for _, effect in self._ordered if isinstance(effect, Store)]
        await self._ledger.close([*self._unwritten, *queued], timeout_s)

    def _take_next(self) -> DownlinkEffect | None:
        if self._audio and (not self._ordered or self._audio[0][0] < self._ordered[0][0]):
            return self._audio.popleft()[1]
        if not self._ordered:
            return None
        sequence, effect = self._ordered.popleft()
        if self._announcements and self._announcements[0] <= sequence:
            self._announcements.popleft()
        return effect

    async def _store(self, store: Store) -> None:
        """Hand the record and those that follow at once to the writer; wait for one that holds."""
        holds = store.holds
        self._unwritten.append(store.record)
        while self._ordered:
            follower = self._ordered[0][1]
            if not isinstance(follower, Store):
                break
            self._ordered.popleft()
            self._unwritten.append(follower.record)
            holds = holds or follower.holds
        if holds:
            self._write_now()
            await self._written()
        else:
            self._write_unheld()

    def _write_unheld(self) -> None:
        """Nobody waits for what is unwritten. That items were opened may wait for company: their
        text tells it again. What an answer cost may not: the next one may be one too many."""
        if all(isinstance(record, ItemOpened) for record in self._unwritten):
            COMPANY.wait(self._write_along)
        else:
            self._write_now()

    def _write_now(self) -> None:
        """Write in the background, and so does who has waited for company for long enough."""
        self._is_due = bool(self._unwritten)
        if self._is_due and (self._writer is None or self._writer.done()):
            self._writer = asyncio.create_task(self._write(), name="store")
        COMPANY.leave(self._write_along)
        COMPANY.set_out()

    async def _write(self) -> None:
        """Write in order, and what has gathered meanwhile in one transaction."""
        try:
            while self._is_due:
                self._is_due = False
                batch = tuple(self._unwritten)
                await self._ledger.write(batch)
                del self._unwritten[: len(batch)]
        finally:
            if not self._is_idle:  # then it is waited for, in `_written`
                self._arrived.set()

    async def _written(self) -> None:
        """Until every record is written or set aside; only audio is sent meanwhile, and that of an
        answer still to be announced not at once."""
        impatient_at = self._clock() + ANNOUNCEMENT_PATIENCE_S
        while self._writer is not None and not self._writer.done():
            patience_s = impatient_at - self._clock()
            if self._audio and (patience_s <= 0 or self._is_announced(self._audio[0][0])):
                await self._send(self._audio.popleft()[1])
                continue
            self._arrived.clear()
            if self._audio:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(patience_s):
                        await self._arrived.wait()
            else:
                await self._arrived.wait()
        if self._writer is not None:
            self._writer.result()

    def _is_announced(self, sequence: int) -> bool:
        """Whether nothing that announces an answer waits in front of this frame."""
        return not self._announcements or sequence < self._announcements[0]

    async def _send(self, frame: SendClient) -> None:
        if not self._muted and not self._ledger.withholds(frame):
            try:
                if not self._line.send_now(frame):
                    await self._line.send(frame)
            except Exception:  # however a face says that its client is gone
                self._client_gone()
        if self._timed is not None and self._timed[0] is frame:
            METERS.relay.observe(self._clock() - self._timed[1])
            self._timed = None
        self.byte_count -= len(frame.raw)
        if self.byte_count < MAX_BYTES // 2:
            self.stalled_since = None

    def _drop_audio(self) -> None:
        dropped = False
        self._timed = None
        while self._audio and self.byte_count > MAX_BYTES:
            self.byte_count -= len(self._audio.popleft()[1].raw)
            dropped = True
        first = self.stalled_since is None
        if first:
            self.stalled_since = self._clock()
        if first and dropped:
            self._audio_dropped()

    def _put_again(self, frames: Sequence[SendClient]) -> None:
        for frame in frames:
            self.put(frame)
