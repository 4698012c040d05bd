"""A telephone line on one side (8 kHz µ-law, 20 ms frames), a voice session on the other.

    pip install httpx numpy soxr
    VOICEASSIST_KEY=va_… python telephony_bridge.py <caller.ulaw >answer.ulaw

The caller is heard from standard input and answered on standard output, raw µ-law both ways, as a
media gateway gives and takes it. Turns are found by the server (`turn_detection`), so nobody has to
press anything; when the caller interrupts, what was not played yet is thrown away. The call ends
when the input has ended and the last answer was played.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import BinaryIO

import httpx
import numpy as np
import numpy.typing as npt
import soxr

BASE_URL = os.environ.get("VOICEASSIST_URL", "http://127.0.0.1:8000")
LINE_HZ, SESSION_HZ = 8_000, 24_000
FRAME_BYTES = 160  # 20 ms of the line
FRAMES_PER_POST = 10
SILENCE = b"\xff"
QUIET_AFTER_S = float(os.environ.get("QUIET_AFTER_S", "3"))
Samples = npt.NDArray[np.int16]


def ulaw_decode(ulaw: bytes) -> Samples:
    """ITU-T G.711 µ-law → PCM16."""
    code = ~np.frombuffer(ulaw, dtype=np.uint8)
    exponent, mantissa = (code >> 4) & 7, (code & 15).astype(np.int32)
    magnitude = (((mantissa << 3) + 132) << exponent) - 132
    return np.where(code & 128, -magnitude, magnitude).astype(np.int16)


def ulaw_encode(samples: Samples) -> bytes:
    """PCM16 → ITU-T G.711 µ-law."""
    magnitude = np.minimum(np.abs(samples.astype(np.int32)), 32_635) + 132
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 15
    sign = np.where(samples < 0, 128, 0)
    return bytes((~(sign | (exponent << 4) | mantissa) & 255).astype(np.uint8).tobytes())


class Bridge:
    """Two threads listen (events, sound); the caller's frames go out on the thread of `run`."""

    def __init__(self, client: httpx.Client, wishes: dict[str, object]) -> None:
        self._client = client
        started = client.post("/api/voice/sessions/", json=wishes).raise_for_status().json()
        self._at = f"/api/voice/sessions/{started['session_id']}"
        self._to_play = bytearray()
        self._lock = threading.Lock()
        self._quiet_since = time.monotonic()
        self._answering = False

    def run(self, caller: BinaryIO, line: BinaryIO) -> None:
        """Until the caller's input has ended and everything was answered and played."""
        for listen in (self._hear_events, self._hear_sound):
            threading.Thread(target=listen, daemon=True).start()
        upsample = soxr.ResampleStream(LINE_HZ, SESSION_HZ, 1, dtype="int16")
        hung_up = False
        next_at = time.monotonic()
        try:
            while not (hung_up and self._is_quiet()):
                heard = b"" if hung_up else caller.read(FRAME_BYTES * FRAMES_PER_POST)
                hung_up = hung_up or not heard
                frames = heard.ljust(FRAME_BYTES * FRAMES_PER_POST, SILENCE)
                pcm = upsample.resample_chunk(ulaw_decode(frames)).astype("<i2").tobytes()
                self._client.post(
                    f"{self._at}/audio",
                    content=pcm,
                    headers={"Content-Type": "audio/pcm;rate=24000"},
                ).raise_for_status()
                line.write(self._next_frames(len(frames)))
                line.flush()
                next_at += len(frames) / LINE_HZ
                time.sleep(max(0.0, next_at - time.monotonic()))
        finally:
            self._client.post(f"{self._at}/stop")

    def _next_frames(self, length: int) -> bytes:
        with self._lock:
            frames = bytes(self._to_play[:length])
            del self._to_play[:length]
            if frames:
                self._quiet_since = time.monotonic()
        return frames.ljust(length, SILENCE)

    def _is_quiet(self) -> bool:
        with self._lock:
            quiet_s = time.monotonic() - self._quiet_since
            return not self._answering and not self._to_play and quiet_s > QUIET_AFTER_S

    def _hear_sound(self) -> None:
        downsample = soxr.ResampleStream(SESSION_HZ, LINE_HZ, 1, dtype="int16")
        rest = b""
        with self._client.stream("GET", f"{self._at}/audio.wav", timeout=None) as answer:
            header = 44
            for chunk in answer.iter_bytes():
                pcm, header = rest + chunk[header:], max(0, header - len(chunk))
                rest = pcm[len(pcm) // 2 * 2 :]
                samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2")
                with self._lock:
                    self._to_play += ulaw_encode(downsample.resample_chunk(samples))

    def _hear_events(self) -> None:
        with self._client.stream("GET", f"{self._at}/events", timeout=None) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    self._follow(json.loads(line.removeprefix("data: ")))

    def _follow(self, event: dict[str, object]) -> None:
        with self._lock:
            match event["type"]:
                case "input_audio_buffer.speech_started":
                    self._to_play.clear()  # the caller interrupts
                    self._answering = True
                case "response.done":
                    self._answering = False
                    self._quiet_since = time.monotonic()
                case "error":
                    print(event["error"], file=sys.stderr)


if __name__ == "__main__":
    authorization = {"Authorization": f"Bearer {os.environ['VOICEASSIST_KEY']}"}
    with httpx.Client(base_url=BASE_URL, headers=authorization, timeout=30) as http:
        Bridge(http, {"turn_detection": {"type": "server_vad"}}).run(
            sys.stdin.buffer, sys.stdout.buffer
        )
