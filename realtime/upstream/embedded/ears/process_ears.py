"""The Ears port on top of recogniser processes: queued, bounded, with time-outs."""

from __future__ import annotations

from realtime.upstream.embedded.audio_format import AudioFormat
from realtime.upstream.embedded.ports import EarsBusy, EarsFailed, EarsTimedOut, Heard, Origin
from realtime.upstream.embedded.processes.fork_pool import ForkPool, PoolBusy
from realtime.upstream.embedded.processes.link import WorkerLost, WorkerTooSlow

MAX_WAITING = 16
LOADING_TIMEOUT_S = 20.0
_DECODING_S_PER_AUDIO_S = 3.0
_MODULE = "realtime.upstream.embedded.ears.worker"


class ProcessEars:
    """Call `start` early (it returns at once, models load beside) and `aclose` at the end."""

    def __init__(self, worker_count: int = 2, max_waiting: int = MAX_WAITING) -> None:
        self._pool = ForkPool(_MODULE, worker_count, max_waiting)

    @property
    def host_pid(self) -> int | None:
        """The process that holds the models; None before `start`."""
        return self._pool.host_pid

    def start(self) -> None:
        self._pool.start()

    async def hear(self, audio: bytes, audio_format: AudioFormat) -> Heard:
        audio_ms = audio_format.duration_ms(len(audio))
        timeout_s = LOADING_TIMEOUT_S + audio_ms / 1000 * _DECODING_S_PER_AUDIO_S
        try:
            answer, _ = await self._pool.ask({"format": audio_format.value}, audio, timeout_s)
        except PoolBusy:
            raise EarsBusy("The recogniser is busy; please try again.") from None
        except WorkerTooSlow:
            raise EarsTimedOut("The recogniser took too long.") from None
        except WorkerLost:
            raise EarsFailed("The recogniser failed.") from None
        if "error" in answer:
            raise EarsFailed("The recogniser failed.")
        return Heard(answer["text"], Origin(answer["origin"]), audio_ms)

    async def aclose(self) -> None:
        await self._pool.aclose()
