"""The headless face: a ClientPort that keeps what the session says, for whoever listens."""

from __future__ import annotations

import asyncio
import binascii
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from realtime.core import names
from realtime.core.errors import VoiceError
from realtime.core.frames import dump
from realtime.headless.answers import Answers
from realtime.headless.captions import caption_of
from realtime.headless.errors import error_of_close
from realtime.headless.event_log import EventLog

SESSION_ENDED: Final = "voiceassist.session.ended"  # the last event of every stream


class HeadlessClient:
    """Never makes the session wait: it keeps a bounded past and wakes the listeners.

    heard: told every server event but the sound, in order.
    """

    def __init__(
        self,
        session_id: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.log = EventLog(clock)
        self.answers = Answers()
        self.heard: Callable[[Mapping[str, Any]], None] = lambda _event: None
        self.ended_by: VoiceError | None = None
        self._session_id = session_id
        self._clock = clock
        self._changed = asyncio.Event()
        self._live = asyncio.Event()
        self._latest_error: Mapping[str, Any] = {}

    @property
    def is_over(self) -> bool:
        return self.log.is_over

    async def send(self, raw: str) -> None:
        """One server event."""
        event = orjson.loads(raw)
        kind = event["type"]
        if kind == names.OUTPUT_AUDIO_DELTA:
            self._keep_sound(event)
        else:
            self._keep(kind, raw, event)
        self._wake()

    async def close(self, code: int, reason: str) -> None:
        """The session has ended; listeners are told how, since no close code reaches them."""
        if self.is_over:
            return
        message = str(self._latest_error.get("message") or "The session has ended.")
        self.ended_by = error_of_close(code, reason or "session_ended", message)
        ended = {
            "type": SESSION_ENDED,
            "session_id": self._session_id,
            "close_code": code,
            "code": reason,
        }
        self.answers.finish_all()
        self.answers.is_over = True
        self.log.add(SESSION_ENDED, dump(ended))
        self.log.is_over = True
        self._live.set()
        self._wake()

    async def wait_live(self) -> None:
        """Returns when `session.created` has come. Raises what ended the session before."""
        await self._live.wait()
        if self.ended_by is not None:
            raise self.ended_by

    async def wait_changed(self, timeout_s: float) -> None:
        """Returns when there is something new, or after `timeout_s`."""
        changed = self._changed
        try:
            async with asyncio.timeout(timeout_s):
                await changed.wait()
        except TimeoutError:
            return

    def _keep(self, kind: str, raw: str, event: Mapping[str, Any]) -> None:
        if kind == names.SESSION_CREATED:
            self._live.set()
        elif kind == names.ERROR:
            self._latest_error = event.get("error") or {}
        elif kind == names.OUTPUT_ITEM_DONE:
            self.answers.finish(str((event.get("item") or {}).get("id")))
        elif kind == names.RESPONSE_DONE:
            self.answers.finish_all()
        self.log.add(kind, raw, caption_of(event))
        self.heard(event)

    def _keep_sound(self, event: Mapping[str, Any]) -> None:
        try:
            pcm = binascii.a2b_base64(event.get("delta") or "")
        except ValueError:
            return  # a provider's nonsense; there is nothing in it that could be heard
        if pcm:
            self.answers.add(str(event.get("item_id")), pcm, self._clock())

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
