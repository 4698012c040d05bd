"""Runs one embedded session: does its effects with ears, voice and mind, and keeps its time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from realtime.upstream.embedded.effects import Abandon, Close, Effect, Hear, Send, Speak, Think
from realtime.upstream.embedded.ports import Ears, EarsFailed, Mind, MindFailed, Voice, VoiceFailed
from realtime.upstream.embedded.session import EmbeddedSession

logger = logging.getLogger(__name__)

MAX_QUEUED_EVENTS = 4096
THINKING_TIMEOUT_S = 60.0
SOUND = "input_audio_buffer.append"


def has_sound(raw: str | bytes) -> bool:
    """Whether a client's frame looks like one with sound in it."""
    return SOUND in raw if isinstance(raw, str) else SOUND.encode() in raw


class SessionOver(Exception):
    """No more server events will come; `code` and `reason` as a WebSocket close has them."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"session over with {code}")
        self.code = code
        self.reason = reason


class SessionDriver:
    """Call `start`, then `receive` client frames and `next_event` server frames; end by `aclose`.

    on_first_sound: called once, before what is said needs ears.
    A client that reads no events for long enough to fill the queue is dropped with 1013.
    """

    def __init__(
        self,
        session: EmbeddedSession,
        ears: Ears,
        voice: Voice,
        mind: Mind,
        clock: Callable[[], float] = time.monotonic,
        *,
        on_first_sound: Callable[[], None] | None = None,
    ) -> None:
        self._session = session
        self._ears = ears
        self._voice = voice
        self._mind = mind
        self._clock = clock
        self._on_first_sound = on_first_sound
        self._events: asyncio.Queue[str | SessionOver] = asyncio.Queue()
        self._over: SessionOver | None = None
        self._jobs: dict[asyncio.Task[None], str | None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._receiving = asyncio.Lock()

    def start(self) -> None:
        """Queue `session.created` and start keeping time."""
        self._perform(self._session.open())

    async def receive(self, raw: str | bytes) -> None:
        """One client frame; returns once it is fully taken in. Raises SessionOver."""
        async with self._receiving:
            if self._over is not None:
                raise self._over
            if self._on_first_sound is not None and has_sound(raw):
                self._on_first_sound()
                self._on_first_sound = None
            self._perform(self._session.receive(raw, self._clock()))
            while self._session.busy and self._over is None:
                await asyncio.sleep(0)
                self._perform(self._session.work(self._clock()))

    def hear(self, pcm: bytes) -> None:
        """A call's microphone: the next 24 kHz PCM16, at most one second."""
        if self._over is None and (effects := self._session.append_media(pcm, self._clock())):
            self._perform(effects)

    def play(self, duration_ms: int) -> bytes:
        """A call's loudspeaker: the next 24 kHz PCM16 in real time; shorter where it is silent."""
        if self._over is not None:
            return b""
        audio, effects = self._session.play(duration_ms)
        if effects:
            self._perform(effects)
        return audio

    async def next_event(self) -> str:
        """The next server event. Raises SessionOver after the last one."""
        if self._over is not None and self._events.empty():
            raise self._over
        event = await self._events.get()
        if isinstance(event, SessionOver):
            raise event
        return event

    async def aclose(self) -> None:
        """Stop all work of this session; idempotent."""
        self._end(SessionOver(1000))
        jobs = tuple(self._jobs)
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)

    def _perform(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if self._over is not None:
                return
            if isinstance(effect, Send):
                self._queue(effect.raw)
            elif isinstance(effect, Hear):
                self._run(self._hear(effect), None)
            elif isinstance(effect, Think):
                self._run(self._think(effect), effect.response_id)
            elif isinstance(effect, Speak):
                self._run(self._speak(effect), effect.response_id)
            elif isinstance(effect, Abandon):
                self._abandon(effect.response_id)
            elif isinstance(effect, Close):
                self._end(SessionOver(effect.code, effect.reason))
        self._set_timer()

    def _queue(self, raw: str) -> None:
        if self._events.qsize() >= MAX_QUEUED_EVENTS:
            self._end(SessionOver(1013, "reading too slowly"))
        else:
            self._events.put_nowait(raw)

    def _end(self, over: SessionOver) -> None:
        if self._over is not None:
            return
        self._over = over
        self._events.put_nowait(over)
        if self._timer is not None:
            self._timer.cancel()

    def _run(self, job: Coroutine[Any, Any, None], response_id: str | None) -> None:
        task = asyncio.get_running_loop().create_task(job)
        self._jobs[task] = response_id
        task.add_done_callback(self._job_done)

    def _job_done(self, task: asyncio.Task[None]) -> None:
        self._jobs.pop(task, None)
        if not task.cancelled() and task.exception() is not None:
            logger.error("embedded session job failed", exc_info=task.exception())
            self._end(SessionOver(1011, "internal error"))

    def _abandon(self, response_id: str) -> None:
        current = asyncio.current_task()
        for task, owner in self._jobs.items():
            if owner == response_id and task is not current:
                task.cancel()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._over is not None:
            return
        now = self._clock()
        delay_s = max(0.0, self._session.next_deadline(now) - now)
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._tick)

    def _tick(self) -> None:
        self._perform(self._session.tick(self._clock()))

    async def _hear(self, effect: Hear) -> None:
        try:
            heard = await self._ears.hear(effect.audio, effect.audio_format)
        except EarsFailed as error:
            effects = self._session.not_heard(effect.item_id, error.code, str(error), self._clock())
        else:
            effects = self._session.heard(effect.item_id, heard, self._clock())
        self._perform(effects)

    async def _think(self, effect: Think) -> None:
        response_id = effect.response_id
        try:
            async with asyncio.timeout(THINKING_TIMEOUT_S):
                async for thought in self._mind.think(effect.context):
                    self._perform(self._session.thought(response_id, thought, self._clock()))
        except (MindFailed, TimeoutError):
            self._perform(self._session.thinking_failed(response_id, self._clock()))
        else:
            self._perform(self._session.thinking_ended(response_id, self._clock()))

    async def _speak(self, effect: Speak) -> None:
        try:
            words = await self._voice.speak(
                effect.text,
                voice=effect.voice,
                speed=effect.speed,
                audio_format=effect.audio_format,
            )
        except VoiceFailed:
            effects = self._session.speaking_failed(effect.response_id, self._clock())
        else:
            effects = self._session.spoken(effect.response_id, words, self._clock())
        self._perform(effects)
