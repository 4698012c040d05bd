"""What a client that misbehaves makes the process hold is bounded, however long it goes on."""

from __future__ import annotations

import asyncio
import contextlib
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from realtime.runtime import downlink, pace, tap
from realtime.runtime.tap import EventTap
from tests.fakes import events
from tests.fakes.runs import started

MIB = 1024 * 1024
# Frames in hand, lists of what waits, and what a session notes about what it has seen.
SLACK_BYTES = MIB

pytestmark = pytest.mark.usefixtures("either_path")


@dataclass
class Held:
    """Bytes that Python's objects took while it was measured, and still take."""

    byte_count: int = 0


@contextlib.contextmanager
def measured() -> Iterator[Held]:
    held = Held()
    tracemalloc.start()
    try:
        yield held
        held.byte_count = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


async def test_a_client_that_stops_reading_makes_us_hold_its_lane_and_no_more() -> None:
    run = await started(tap=EventTap())
    run.client.stop_reading()
    with measured() as held:
        for _ in range(100):
            run.upstream.emit_now(events.audio_delta("r1", "a1", 2000))  # 128 kB each
            await asyncio.sleep(0.05)
        assert run.runner.queued_bytes[1] <= downlink.MAX_BYTES

    assert held.byte_count <= downlink.MAX_BYTES + tap.MAX_BYTES + SLACK_BYTES
    await run.hang_up()


async def test_a_client_that_floods_makes_us_hold_one_frame_above_its_lane() -> None:
    run = await started(tap=EventTap())
    run.upstream.stop_taking()
    frame_bytes = MIB // 4

    async def flood() -> None:
        while True:
            audio = "AAAA" * (frame_bytes // 4)
            await run.say(f'{{"type":"input_audio_buffer.append","audio":"{audio}"}}')

    with measured() as held:
        flooding = asyncio.create_task(flood())
        await asyncio.sleep(5)
        assert not flooding.done()
        assert run.runner.queued_bytes[0] <= pace.UPLINK_MAX_BYTES + frame_bytes + 1024

    most = pace.UPLINK_MAX_BYTES + 2 * frame_bytes + tap.MAX_BYTES + SLACK_BYTES
    assert held.byte_count <= most
    flooding.cancel()
    await run.hang_up()


def test_two_of_them_stay_within_their_bound() -> None:
    """16 MiB for the process: lanes and notes leave room for heaps to be uneven."""
    lanes = downlink.MAX_BYTES + pace.UPLINK_MAX_BYTES + 2 * (tap.MAX_BYTES + SLACK_BYTES)

    assert lanes <= 10 * MIB
