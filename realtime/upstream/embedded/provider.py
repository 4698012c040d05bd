"""The embedded provider: a talking partner that needs no key, no network and no model download."""

from __future__ import annotations

import time

from realtime.runtime.ports import Upstream, UpstreamTarget
from realtime.upstream.embedded.driver import SessionDriver
from realtime.upstream.embedded.ears.process_ears import ProcessEars
from realtime.upstream.embedded.in_process import EmbeddedUpstream
from realtime.upstream.embedded.mind.rules import RuleMind
from realtime.upstream.embedded.ports import Ears, Mind, Voice
from realtime.upstream.embedded.response import Pace
from realtime.upstream.embedded.session import EmbeddedSession
from realtime.upstream.embedded.voice.process_voice import ProcessVoice

DEFAULT_PACE = Pace()


class EmbeddedProvider:
    """One per server process and event loop: it owns the speech processes all sessions share.

    Call `start` early (it returns at once and may be called again) and `await aclose()` at the
    end. Parts not given are the built-in ones.
    """

    def __init__(
        self,
        *,
        ears: Ears | None = None,
        voice: Voice | None = None,
        mind: Mind | None = None,
        pace: Pace = DEFAULT_PACE,
        ears_workers: int = 2,
    ) -> None:
        self._own_ears = ProcessEars(ears_workers) if ears is None else None
        self._own_voice = ProcessVoice() if voice is None else None
        self._ears: Ears | None = ears or self._own_ears
        self._voice: Voice | None = voice or self._own_voice
        self._mind = mind or RuleMind()
        self._pace = pace

    def start(self) -> None:
        """Start the speech processes; they load beside the event loop."""
        if self._own_ears is not None:
            self._own_ears.start()
        if self._own_voice is not None:
            self._own_voice.start()

    def upstream(self, target: UpstreamTarget) -> Upstream:
        """A new provider session, not yet opened; usable as an UpstreamFactory."""
        return EmbeddedUpstream(
            lambda: self.new_session(target.model, transcription_only=target.only_listens)
        )

    def new_session(self, model: str, *, transcription_only: bool = False) -> SessionDriver:
        """A session to drive directly; the WebSocket face uses it."""
        self.start()
        session = EmbeddedSession(
            model,
            time.monotonic(),
            int(time.time()),
            transcription_only=transcription_only,
            pace=self._pace,
        )
        assert self._ears is not None
        assert self._voice is not None
        return SessionDriver(session, self._ears, self._voice, self._mind)

    async def aclose(self) -> None:
        """End the speech processes; sessions still open fail their next utterance."""
        if self._own_ears is not None:
            await self._own_ears.aclose()
        if self._own_voice is not None:
            await self._own_voice.aclose()
