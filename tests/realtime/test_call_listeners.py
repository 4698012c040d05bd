"""A listener that does not read loses its line, and nothing else."""

from __future__ import annotations

import asyncio

from realtime.call_listeners import QUEUE_MAX_BYTES, CallListener
from tests.fakes.client import RecordingClient


async def nowhere(raw: str | bytes) -> None:
    """Takes a frame."""


async def test_a_listener_that_does_not_read_is_closed_and_forgotten() -> None:
    client = RecordingClient()
    gone: list[CallListener] = []
    client.stop_reading()
    listener = CallListener(client, nowhere, gone.append)
    frame = "x" * (QUEUE_MAX_BYTES // 4)
    for _ in range(6):
        listener.tell(frame)
        await asyncio.sleep(0)
    await listener.wait_over()
    assert client.closed == (4408, "client_too_slow")
    assert gone


async def test_a_listener_hears_everything_before_it_is_closed() -> None:
    client = RecordingClient()
    listener = CallListener(client, nowhere, lambda _: None)
    for number in range(3):
        listener.tell(str(number))
    listener.end(4410, "session_ended")
    await listener.wait_over()
    assert (client.frames, client.closed) == (["0", "1", "2"], (4410, "session_ended"))


async def test_a_listener_whose_line_broke_is_over() -> None:
    client = RecordingClient()
    client.is_gone = True
    listener = CallListener(client, nowhere, lambda _: None)
    listener.tell("x")
    await listener.wait_over()


async def test_frames_after_the_end_go_nowhere() -> None:
    taken: list[str | bytes] = []

    async def take(raw: str | bytes) -> None:
        taken.append(raw)

    listener = CallListener(RecordingClient(), take, lambda _: None)
    await listener.from_client("a")
    listener.end(1000, "")
    await listener.from_client("b")
    listener.client_closed()
    await listener.wait_over()
    assert taken == ["a"]
