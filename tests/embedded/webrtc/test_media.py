"""A call's sound on its way in and out, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, CodecContext, Packet

from realtime.upstream.embedded.webrtc import microphone as microphone_module
from realtime.upstream.embedded.webrtc.loudspeaker import Loudspeaker
from realtime.upstream.embedded.webrtc.microphone import Microphone

FRAME = 960  # samples of 20 ms at 48 kHz


class Track(MediaStreamTrack):
    """Frames with these timestamps, each after a wait in seconds; then it ends."""

    kind = "audio"

    def __init__(self, frames: Iterable[tuple[float, int]]) -> None:
        super().__init__()
        self._frames = list(frames)

    async def recv(self) -> AudioFrame:
        if not self._frames:
            raise MediaStreamError
        wait_s, pts = self._frames[0]
        await asyncio.sleep(wait_s)
        del self._frames[0]
        tone = np.sin(2 * np.pi * 440 * np.arange(pts, pts + FRAME) / 48_000) * 8000
        samples = np.repeat(tone.astype(np.int16), 2).reshape(1, -1)
        frame = AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
        frame.sample_rate = 48_000
        frame.pts = pts
        return frame


async def heard_ms(frames: Iterable[tuple[float, int]]) -> float:
    heard = bytearray()
    await Microphone(Track(frames), heard.extend).listen()
    return len(heard) / 48


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(microphone_module, "FILLED_AT_MOST_S", 0.0)


async def test_what_comes_in_at_48_khz_is_heard_at_24() -> None:
    assert await heard_ms((0, n * FRAME) for n in range(50)) == pytest.approx(1000, abs=25)


async def test_lost_packets_leave_silence_of_their_length() -> None:
    timestamps = [n * FRAME for n in range(50) if not 10 <= n < 20]
    assert await heard_ms((0, pts) for pts in timestamps) == pytest.approx(1000, abs=25)


async def test_a_loss_beyond_reason_is_not_filled_whole() -> None:
    assert await heard_ms([(0, 0), (0, 48_000 * 3600)]) < 1100


async def test_timestamps_that_begin_anew_are_no_loss() -> None:
    assert await heard_ms([(0, 90_000), (0, 0), (0, FRAME)]) < 70


async def test_a_track_that_stalls_is_silent_for_that_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(microphone_module, "STARVED_AFTER_S", 0.05)
    monkeypatch.setattr(microphone_module, "FILLED_AT_MOST_S", 0.2)
    stalled = [(0.0, 0), (0.4, FRAME), (0.0, 2 * FRAME)]
    # 0.2 s within the stall, and 0.2 s after the track has ended.
    assert await heard_ms(stalled) == pytest.approx(460, abs=60)


async def decoded(loudspeaker: Loudspeaker, packets: int) -> np.ndarray[Any, Any]:
    decoder = CodecContext.create("libopus", "r")
    heard = []
    for index in range(packets):
        packet = await loudspeaker.recv()
        assert packet.pts == index * FRAME
        for frame in decoder.decode(Packet(bytes(packet))):
            heard.append(frame.to_ndarray().reshape(-1).astype(float))
    return np.concatenate(heard)


async def test_sound_goes_out_encoded_and_silence_costs_three_bytes() -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(4_800) / 24_000) * 8000
    left = tone.astype("<i2").tobytes()

    def take(duration_ms: int) -> bytes:
        nonlocal left
        taken, left = left[: duration_ms * 48], left[duration_ms * 48 :]
        return taken

    loudspeaker = Loudspeaker(take)
    heard = await decoded(loudspeaker, 20)
    half = heard.size // 2
    assert np.std(heard[:half]) > 50 * np.std(heard[-half // 2 :])
    assert len(bytes(await loudspeaker.recv())) == 3


async def test_packets_leave_in_real_time() -> None:
    loudspeaker = Loudspeaker(lambda duration_ms: b"")
    began_at = asyncio.get_running_loop().time()
    for _ in range(11):
        await loudspeaker.recv()
    assert asyncio.get_running_loop().time() - began_at >= 0.199
    loudspeaker.stop()
    with pytest.raises(MediaStreamError):
        await loudspeaker.recv()
