"""The Voice port on top of the voice process: bounded, with time-outs, restarted when it dies."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from realtime.upstream.embedded.audio_format import AudioFormat
from realtime.upstream.embedded.ports import SpokenWord, VoiceFailed
from realtime.upstream.embedded.processes.launch import SpeechProcess
from realtime.upstream.embedded.processes.link import WorkerLink, WorkerLost

logger = logging.getLogger(__name__)

MAX_WAITING = 64
ANSWER_TIMEOUT_S = 10.0
MAX_TEXT_CHARACTERS = 2000
_MODULE = "realtime.upstream.embedded.voice.worker"


class ProcessVoice:
    """Call `start` early (it returns at once) and `aclose` at the end."""

    def __init__(self) -> None:
        self._process: SpeechProcess | None = None
        self._link: WorkerLink | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._closed = False

    def start(self) -> None:
        """Start the process if it is not running."""
        if self._process is None and not self._closed:
            self._process = SpeechProcess(_MODULE)
            self._link = WorkerLink(self._process.socket)

    async def speak(
        self, text: str, *, voice: str, speed: float, audio_format: AudioFormat
    ) -> Sequence[SpokenWord]:
        """Raises VoiceFailed: too many waiting, too slow, or dead twice in a row."""
        if self._waiting >= MAX_WAITING:
            raise VoiceFailed("too many sentences are waiting to be spoken")
        self._waiting += 1
        try:
            words: list[SpokenWord] = []
            for start in range(0, len(text), MAX_TEXT_CHARACTERS):
                piece = text[start : start + MAX_TEXT_CHARACTERS]
                question: dict[str, object] = {
                    "text": piece,
                    "voice": voice,
                    "speed": speed,
                    "format": audio_format.value,
                }
                # An interrupted speaker goes away; the answer under way must still be read.
                asking = asyncio.ensure_future(self._ask(question))
                asking.add_done_callback(_ignore_failure)
                words += await asyncio.shield(asking)
            return words
        finally:
            self._waiting -= 1

    async def aclose(self) -> None:
        self._closed = True
        await self._drop_process()

    async def _ask(self, question: dict[str, object]) -> list[SpokenWord]:
        async with self._turn:
            for attempt in (1, 2):
                if self._closed:
                    raise VoiceFailed("the voice is closed")
                self.start()
                assert self._link is not None
                try:
                    answer, audio = await self._link.ask(question, b"", ANSWER_TIMEOUT_S)
                except WorkerLost:
                    logger.warning("voice process lost", extra={"attempt": attempt})
                    await self._drop_process()
                    continue
                if "error" in answer:
                    raise VoiceFailed(answer["error"])
                return _cut(answer["words"], audio)
        raise VoiceFailed("the voice process died twice")

    async def _drop_process(self) -> None:
        process, self._process = self._process, None
        link, self._link = self._link, None
        if link is not None:
            link.close()
        if process is not None:
            await process.aclose()


def _ignore_failure(asking: asyncio.Future[list[SpokenWord]]) -> None:
    """Whoever still waits sees the failure; when nobody does it is no error."""
    if not asking.cancelled():
        asking.exception()


def _cut(slices: list[tuple[str, int]], audio: bytes) -> list[SpokenWord]:
    words = []
    position = 0
    for text, size in slices:
        words.append(SpokenWord(text, audio[position : position + size]))
        position += size
    return words
