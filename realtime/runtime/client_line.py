"""The client's end of the downlink: one line after another, each going on where the last one broke.

In a session that can be resumed every event is put into a ring before it is sent, also while nobody
is there; a line is then nothing but a client and a position in that ring. The turn to send is
contended only while a client is sent what it missed: on the way of live sound it is free (law 4).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

from realtime.core.effects import Effect, SendClient
from realtime.core.ring import EventRing
from realtime.runtime.latch import Latch
from realtime.runtime.ports import ClientPort, DirectClient
from realtime.runtime.tap import NO_TAP, NoTap
from realtime.runtime.telling import bounded

CLOSE_TIMEOUT_S: Final = 6.0


class ClientLine:
    """Use on one event loop. `ring` None: the first client is the only one.

    client: who is there now; None while the session is detached.
    over: set once that client has been closed.
    gone: called when sending what it missed to a client failed.
    """

    __slots__ = (
        "_clock",
        "_direct",
        "_gone",
        "_greeting",
        "_position",
        "_ring",
        "_sending",
        "_session_id",
        "_tap",
        "_tasks",
        "_turn",
        "client",
        "over",
    )

    def __init__(
        self,
        client: ClientPort,
        ring: EventRing | None,
        clock: Callable[[], float],
        session_id: str,
        *,
        gone: Callable[[], None],
        tap: NoTap = NO_TAP,
    ) -> None:
        self.client: ClientPort | None = client
        self._direct = client if isinstance(client, DirectClient) else None
        self.over = Latch()
        self._ring = ring
        self._session_id = session_id
        self._gone = gone
        self._tap = tap
        self._tasks: list[asyncio.Task[None]] = []
        self._clock = clock
        self._greeting: SendClient | None = None
        self._position = 0
        self._turn = asyncio.Lock()
        self._sending: asyncio.Timeout | None = None

    async def send(self, frame: SendClient) -> None:
        """Keep the event and send it; waits while the client reads slowly, never for nobody.

        Raises whatever the client raises when it is gone.
        """
        if self._ring is None:
            if self.client is not None:
                await self.client.send(frame.raw)
                self._tap.to_client(frame.raw)
            return
        async with self._turn:
            self._ring.add(frame, self._clock(), may_expire=self.client is not None)
            await self._catch_up(self._ring)

    def send_now(self, frame: SendClient) -> bool:
        """Keep the event and send it without waiting. False: that cannot be, and nothing was done;
        `send` it. Call only while no `send` is waiting."""
        if self._direct is None or not self.pass_on(
            frame.raw.encode(), frame.event_id, droppable=frame.droppable
        ):
            return False
        self._tap.to_client(frame.raw)
        return True

    def pass_on(self, text: bytes, event_id: str, *, droppable: bool) -> bool:
        """`send_now` for an event that is there as UTF-8, untold to the tap."""
        client = self._direct
        if client is None:
            return False
        ring, send_now = self._ring, client.send_now
        if ring is None:
            return send_now(text)
        if self._turn.locked() or self._greeting is not None or self._position != ring.end:
            return False
        if not send_now(text):
            return False
        kept = SendClient(text.decode(), droppable=droppable, event_id=event_id)
        ring.add(kept, self._clock(), may_expire=True)
        self._position = ring.end
        return True

    def position_after(self, event_id: str) -> int | None:
        """Where a client goes on that saw this event last; None: nobody knows any more."""
        return None if self._ring is None else self._ring.position_after(event_id)

    def lacks_sound_from(self, position: int) -> bool:
        """Sound that a client at `position` has missed is lost."""
        return self._ring is not None and self._ring.lacks_sound_from(position)

    def part(self, code: int, reason: str, last_words: Sequence[Effect] = ()) -> None:
        """Let go of the client, even in the middle of a frame, and close it; nothing waits."""
        client, self.client = self.client, None
        self._greeting = self._direct = None
        if self._sending is not None:
            self._sending.reschedule(0)
        if client is not None:
            over, self.over = self.over, Latch()
            self._spawn(self._say_goodbye(client, over, code, reason, last_words))

    def join(self, client: ClientPort, greeting: SendClient, position: int | None) -> None:
        """Go on with this client at `position` (None: with what comes from now on), `greeting`
        first. Call `part` before."""
        if self._ring is None:
            raise RuntimeError("this session cannot be resumed")
        self._position = self._ring.end if position is None else position
        self._ring.mark(greeting.event_id, self._position)
        self._greeting = greeting
        self.client = client
        self._direct = client if isinstance(client, DirectClient) else None
        self._spawn(self._send_missed(self._ring))

    async def close(self, code: int, reason: str) -> None:
        """The session has ended: close the client that is there, and wait for all goodbyes."""
        over = self.over
        self.part(code, reason)
        await asyncio.gather(*self._tasks)
        over.set()

    async def _send_missed(self, ring: EventRing) -> None:
        try:
            async with self._turn:
                await self._catch_up(ring)
        except Exception:  # however a face says that its client is gone
            self._gone()

    async def _say_goodbye(
        self,
        client: ClientPort,
        over: Latch,
        code: int,
        reason: str,
        last_words: Sequence[Effect],
    ) -> None:
        for effect in last_words:
            if isinstance(effect, SendClient):
                await bounded(client.send(effect.raw), CLOSE_TIMEOUT_S, self._session_id)
        await bounded(client.close(code, reason), CLOSE_TIMEOUT_S, self._session_id)
        over.set()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="client line")
        self._tasks.append(task)
        task.add_done_callback(self._tasks.remove)

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """Sending what was missed, and goodbyes."""
        return [*self._tasks]

    async def _catch_up(self, ring: EventRing) -> None:
        """Until the client has everything; a client that changes meanwhile is gone on with."""
        while self.client is not None:
            client, greeting = self.client, self._greeting
            if greeting is not None:
                if await self._deliver(client, greeting.raw):
                    self._greeting = None
                continue
            missed = ring.next_from(self._position)
            if missed is None:
                self._position = ring.end
                return
            position, raw = missed
            if await self._deliver(client, raw):
                self._position = position + 1

    async def _deliver(self, client: ClientPort, raw: str) -> bool:
        """False when another client (or none) is there by now."""
        try:
            async with asyncio.timeout(None) as self._sending:
                await client.send(raw)
            self._tap.to_client(raw)
        except Exception:
            if client is self.client:
                raise
        finally:
            self._sending = None
        return client is self.client
