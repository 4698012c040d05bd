"""Reading a client: one frame ahead, a disconnect never hidden, nothing too big."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import pytest
from pytest_django.fixtures import Settings

from realtime.consumers import WebSocketClient, disconnect_code, is_too_big, read_frames
from realtime.runtime.attachment import Attachment


class SlowRunner:
    """Takes a frame only when told to."""

    def __init__(self) -> None:
        self.taken: list[str | bytes] = []
        self.room = asyncio.Event()
        self.closed_with: int | None = None

    def take(self, frame: str | bytes) -> bool:
        if self.room.is_set():
            self.taken.append(frame)
        return self.room.is_set()

    async def from_client(self, frame: str | bytes) -> None:
        await self.room.wait()
        self.taken.append(frame)

    def client_closed(self, code: int = 1000) -> None:
        self.closed_with = code


class Connection:
    """An ASGI socket whose messages the test puts."""

    def __init__(self) -> None:
        self.incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sent: list[dict[str, Any]] = []
        self.runner = SlowRunner()
        self.client = WebSocketClient(self._send)

    async def _send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    def text(self, frame: str) -> None:
        self.incoming.put_nowait({"type": "websocket.receive", "text": frame})

    def start(self) -> asyncio.Task[None]:
        runner = cast(Attachment, self.runner)
        return asyncio.create_task(read_frames(self.incoming.get, runner, self.client))


async def test_a_full_way_to_the_provider_stops_the_reading_after_one_frame_ahead() -> None:
    connection = Connection()
    for number in range(5):
        connection.text(str(number))
    reading = connection.start()
    await asyncio.sleep(0.01)
    assert connection.incoming.qsize() == 3
    assert connection.runner.taken == []
    connection.runner.room.set()
    await asyncio.sleep(0.01)
    assert connection.runner.taken == ["0", "1", "2", "3", "4"]
    connection.incoming.put_nowait({"type": "websocket.disconnect", "code": 1000, "reason": ""})
    await asyncio.wait_for(reading, 1)
    assert connection.runner.closed_with == 1000


async def test_a_disconnect_is_noticed_while_the_runner_makes_us_wait() -> None:
    connection = Connection()
    connection.text("stuck")
    connection.incoming.put_nowait({"type": "websocket.disconnect", "code": 1005})
    await asyncio.wait_for(connection.start(), 1)
    assert connection.runner.closed_with == 1006
    assert connection.runner.taken == []


async def test_a_binary_frame_is_handed_on_for_the_session_to_judge() -> None:
    connection = Connection()
    connection.runner.room.set()
    connection.incoming.put_nowait({"type": "websocket.receive", "bytes": b"\x00"})
    connection.incoming.put_nowait({"type": "websocket.disconnect", "code": 1001, "reason": ""})
    await asyncio.wait_for(connection.start(), 1)
    assert connection.runner.taken == [b"\x00"]


async def test_a_frame_over_the_cap_is_named_and_closes_with_1009(settings: Settings) -> None:
    settings.LIMIT_FRAME_BYTES = 10
    connection = Connection()
    connection.text("x" * 11)
    await asyncio.wait_for(connection.start(), 1)
    told, closed = connection.sent
    error = json.loads(told["text"])["error"]
    assert (error["type"], error["code"]) == ("invalid_request_error", "frame_too_big")
    assert closed == {"type": "websocket.close", "code": 1009, "reason": "frame_too_big"}
    assert connection.runner.closed_with == 1009


@pytest.mark.parametrize(
    ("frame", "too_big"),
    [("x" * 10, False), ("x" * 11, True), ("ä" * 5, False), ("ä" * 6, True), (b"x" * 11, True)],
)
def test_frames_are_measured_in_bytes(
    settings: Settings, frame: str | bytes, too_big: bool
) -> None:
    settings.LIMIT_FRAME_BYTES = 10
    assert is_too_big(frame) is too_big


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"code": 1000, "reason": ""}, 1000),
        ({"code": 1005, "reason": ""}, 1005),
        ({"code": 1005}, 1006),
        ({"code": 1006}, 1006),
        ({}, 1006),
    ],
)
def test_a_broken_connection_is_told_from_a_goodbye(message: dict[str, Any], code: int) -> None:
    assert disconnect_code({"type": "websocket.disconnect", **message}) == code


async def test_closing_twice_closes_once_and_a_reason_fits_its_frame() -> None:
    connection = Connection()
    await connection.client.close(4410, "ä" * 100)
    await connection.client.close(1000, "")
    assert len(connection.sent) == 1
    assert len(connection.sent[0]["reason"].encode()) <= 123
