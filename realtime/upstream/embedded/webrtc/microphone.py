"""The caller's sound: decoded Opus at 48 kHz becomes 24 kHz PCM16 for the session.

Time must go on when packets do not: a caller whose track ended or whose network lost a word is
silent, and a turn ends by silence. Gaps are filled, bounded, so that the session hears as much
sound as time has passed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import soxr
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, Packet
from av.frame import Frame

from realtime.upstream.embedded.audio_format import AudioFormat

FRAME_MS = 20
# Longer than networks stall: sound that is only late must not be cut in two by silence.
STARVED_AFTER_S = 1.0
# Longer than the longest wait for the end of a turn (semantic_vad at low eagerness, 8 s).
FILLED_AT_MOST_S = 10.0
LONGEST_LOSS_MS = 1000

_SILENT_FRAME = bytes(FRAME_MS * AudioFormat.PCM.bytes_per_ms)


class Microphone:
    """Run `listen` as a task; it gives `hear` 24 kHz PCM16 and ends with the track."""

    def __init__(self, track: MediaStreamTrack, hear: Callable[[bytes], None]) -> None:
        self._track = track
        self._hear = hear
        self._resampler: soxr.ResampleStream | None = None
        self._next_pts: int | None = None

    async def listen(self) -> None:
        while True:
            frame: Frame | Packet[Any] | None
            try:
                async with asyncio.timeout(STARVED_AFTER_S):
                    frame = await self._track.recv()
            except TimeoutError:
                frame = await self._wait_in_silence()
            except MediaStreamError:
                break
            if not isinstance(frame, AudioFrame):
                break
            self._fill_loss(frame)
            self._hear(self._as_pcm(frame))
        await self._be_silent()

    async def _wait_in_silence(self) -> Frame | Packet[Any] | None:
        """The next frame of a track that has gone quiet; None when it has ended."""
        silence = asyncio.create_task(self._be_silent())
        try:
            frame = await self._track.recv()
        except MediaStreamError:
            return None
        finally:
            silence.cancel()
        # Time already went by as silence; what the timestamps say of the gap counts no more.
        self._next_pts = None
        return frame

    async def _be_silent(self) -> None:
        """Silence in real time, for as long as a turn may need to end."""
        loop = asyncio.get_running_loop()
        began_at = loop.time()
        given_s = 0.0
        while given_s < FILLED_AT_MOST_S:
            while given_s < loop.time() - began_at:
                self._hear(_SILENT_FRAME)
                given_s += FRAME_MS / 1000
            await asyncio.sleep(FRAME_MS / 1000)

    def _fill_loss(self, frame: AudioFrame) -> None:
        """Silence in place of packets that never came."""
        pts, rate_hz = frame.pts or 0, frame.sample_rate
        if self._next_pts is not None and pts > self._next_pts:
            lost_ms = min((pts - self._next_pts) * 1000 // rate_hz, LONGEST_LOSS_MS)
            if lost_ms:
                self._hear(bytes(lost_ms * AudioFormat.PCM.bytes_per_ms))
        self._next_pts = pts + frame.samples

    def _as_pcm(self, frame: AudioFrame) -> bytes:
        channels = len(frame.layout.channels)
        samples = frame.to_ndarray().reshape(-1, channels)
        # libopus decodes to two channels; a microphone's are the same twice.
        mono = samples[:, 0] if channels == 1 else samples.mean(axis=1).astype(np.int16)
        if self._resampler is None:
            self._resampler = soxr.ResampleStream(
                frame.sample_rate,
                AudioFormat.PCM.sample_rate_hz,
                1,
                dtype="int16",
                quality="LQ",
            )
        return np.asarray(self._resampler.resample_chunk(mono), dtype="<i2").tobytes()
