"""One headless session of this process: the commands it takes and what listeners read of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Final

from realtime.core.errors import NotFound
from realtime.headless.answers import Cursor, Sound
from realtime.headless.commands import Commands
from realtime.headless.errors import SessionOver
from realtime.headless.event_log import Batch
from realtime.headless.face import HeadlessClient
from realtime.headless.listening import Listeners, Ticket
from realtime.runtime.attachment import Attachment

logger = logging.getLogger(__name__)

STOP_TIMEOUT_S: Final = 12.0


class LiveHeadless:
    """A HeadlessPort where the session is. Use on the event loop; run `carry` as its task."""

    is_here = True

    def __init__(
        self,
        public_id: str,
        client: HeadlessClient,
        attachment: Attachment,
        *,
        is_push_to_talk: bool,
    ) -> None:
        self.public_id = public_id
        self.client = client
        self._attachment = attachment
        self._is_push_to_talk = is_push_to_talk
        self._commands = Commands(attachment, is_push_to_talk=is_push_to_talk)
        self._listeners = Listeners()
        self._over = asyncio.Event()
        client.heard = self._commands.heard

    async def carry(self) -> None:
        """Hand over commands until the session is over."""
        handing_over = asyncio.create_task(self._commands.run(), name="headless commands")
        try:
            await self._attachment.wait_over()
        finally:
            handing_over.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await handing_over
            self._over.set()

    async def text(self, text: str) -> None:
        self._require_running()
        self._commands.text(text)

    async def audio(self, pcm: bytes) -> None:
        self._require_running()
        self._commands.audio(pcm)
        if self._is_push_to_talk:  # with voice detection a microphone may send nothing but silence
            self._attachment.client_active()

    async def commit(self) -> None:
        self._require_running()
        self._commands.commit()

    async def stop(self) -> None:
        """Hang up, and wait until everything is written. Repeating it is fine."""
        self._attachment.client_closed(1000)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), STOP_TIMEOUT_S)

    async def read_events(
        self, after: int | None, *, captions: bool, wait_s: float, ticket: Ticket
    ) -> Batch:
        """What followed `after`; waits up to `wait_s` for there to be something.

        Raises NotAuthenticated for a ticket that does not hold any more.
        """
        self._listeners.admit(ticket)
        until = time.monotonic() + wait_s
        lost = False
        while True:
            batch = self.client.log.after(after, captions=captions)
            lost, after = lost or batch.lost, batch.after
            left_s = until - time.monotonic()
            if batch.events or batch.over or left_s <= 0:
                return Batch(batch.events, batch.after, lost, batch.over)
            await self.client.wait_changed(left_s)

    async def read_sound(
        self, cursor: Cursor | None, *, item_id: str, wait_s: float, ticket: Ticket
    ) -> Sound:
        """The sound at `cursor`, or from where a new listener begins; waits up to `wait_s` for it.

        item_id: this answer alone ("": all from now on). Raises NotFound for an unknown one, and
        NotAuthenticated.
        """
        self._listeners.admit(ticket)
        answers = self.client.answers
        if cursor is None:
            cursor = (
                answers.position_of(item_id) if item_id else answers.position_now(time.monotonic())
            )
        if cursor is None:
            raise NotFound("There is no sound of such an item.", code="item_not_found")
        until = time.monotonic() + wait_s
        while True:
            sound = answers.read(cursor, one=bool(item_id))
            left_s = until - time.monotonic()
            if sound.pcm or sound.over or left_s <= 0:
                return sound
            cursor = sound.cursor
            await self.client.wait_changed(left_s)

    def _require_running(self) -> None:
        if self.client.is_over:
            raise SessionOver("This session has ended. Start another one.")
