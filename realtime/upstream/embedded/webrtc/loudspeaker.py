"""What the caller hears: a track that is paced in real time and encodes only when there is sound.

Packets go out every 20 ms without a pause, as browsers expect of a live track. Silence is one
ready-made packet, so that a call in which nobody speaks costs next to nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioCodecContext, AudioFrame, Packet

from realtime.upstream.embedded.audio_format import AudioFormat

FRAME_MS = 20
RATE_HZ = AudioFormat.PCM.sample_rate_hz
BIT_RATE = 32_000
# Behind by more than this (a stalled process), the clock starts anew instead of hurrying.
LONGEST_CATCH_UP_S = 0.2

_FRAME_BYTES = FRAME_MS * AudioFormat.PCM.bytes_per_ms
_OPUS_CLOCK_HZ = 48_000  # of every Opus stream, whatever rate is inside (RFC 7587 §4.1)
_TIME_BASE = Fraction(1, _OPUS_CLOCK_HZ)
_TICKS = _OPUS_CLOCK_HZ * FRAME_MS // 1000
# One frame of full-band CELT, 20 ms, mono, with its silence flag set (RFC 6716 §3.1 and §4.3).
_SILENCE = bytes.fromhex("f8fffe")
# Silent frames still encoded after sound, so that it fades instead of breaking off.
_FADE_FRAMES = 3


class Loudspeaker(MediaStreamTrack):
    """`take` gives the next 24 kHz PCM16 of at most so many ms; nothing is silence."""

    kind = "audio"

    def __init__(self, take: Callable[[int], bytes]) -> None:
        super().__init__()
        self._take = take
        self._encoder = _encoder()
        self._fading = 0
        self._frames = 0
        self._due_at: float | None = None

    async def recv(self) -> Packet[Any]:
        """The next packet, when it is due."""
        if self.readyState != "live":
            raise MediaStreamError
        await self._wait_until_due()
        audio = self._take(FRAME_MS)
        packet: Packet[Any] = Packet(self._encode(audio))
        packet.pts = self._frames * _TICKS
        packet.time_base = _TIME_BASE
        self._frames += 1
        return packet

    async def _wait_until_due(self) -> None:
        now = time.monotonic()
        if self._due_at is None or now - self._due_at > LONGEST_CATCH_UP_S:
            self._due_at = now
        if self._due_at > now:
            await asyncio.sleep(self._due_at - now)
        self._due_at += FRAME_MS / 1000

    def _encode(self, audio: bytes) -> bytes:
        if audio:
            self._fading = _FADE_FRAMES
        elif self._fading:
            self._fading -= 1
        else:
            return _SILENCE
        return _encode(self._encoder, audio.ljust(_FRAME_BYTES, b"\0"))


def _encoder() -> AudioCodecContext:
    encoder = AudioCodecContext.create("libopus", "w")
    encoder.sample_rate = RATE_HZ
    encoder.layout = "mono"
    encoder.format = "s16"
    encoder.bit_rate = BIT_RATE
    encoder.time_base = Fraction(1, RATE_HZ)
    encoder.options = {"application": "voip", "frame_duration": str(FRAME_MS)}
    return encoder


def _encode(encoder: AudioCodecContext, pcm: bytes) -> bytes:
    samples = np.frombuffer(pcm, dtype="<i2").reshape(1, -1)
    frame = AudioFrame.from_ndarray(samples, format="s16", layout="mono")
    frame.sample_rate = RATE_HZ
    (packet,) = encoder.encode(frame)
    return bytes(packet)
