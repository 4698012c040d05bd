"""The load: sessions that speak 25 frames a second and check every frame that comes back."""

from __future__ import annotations

import asyncio
import base64
import time
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect

from bench.provider import APPEND_PREFIX, DELTA_PREFIX

FRAME_MS = 40
FRAME_BYTES = FRAME_MS * 48  # PCM16 at 24 kHz
OPEN_TIMEOUT_S = 30.0
DRAIN_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Target:
    """Where a session connects, and with which credential."""

    url: str
    secret: str = ""


@dataclass(slots=True)
class Outcome:
    """What arrived. `altered` counts frames that differ from what was sent or came out of order."""

    relayed: int = 0
    altered: int = 0
    round_trip_ms: list[float] = field(default_factory=list)


async def run_load(targets: list[Target], seconds: float) -> Outcome:
    """Open one session per target, talk for `seconds`, wait for every answer."""
    outcome = Outcome()
    sockets = [await open_session(target) for target in targets]
    try:
        await asyncio.gather(
            *(talk(socket, seconds, index, outcome) for index, socket in enumerate(sockets))
        )
    finally:
        await asyncio.gather(*(socket.close() for socket in sockets))
    return outcome


async def open_session(target: Target) -> ClientConnection:
    headers = {"Authorization": f"Bearer {target.secret}"} if target.secret else {}
    socket = await connect(target.url, additional_headers=headers, compression=None, max_size=None)
    async with asyncio.timeout(OPEN_TIMEOUT_S):
        while '"session.created"' not in str(await socket.recv()):
            pass
    return socket


async def talk(socket: ClientConnection, seconds: float, index: int, outcome: Outcome) -> None:
    count = int(seconds * 1000 / FRAME_MS)
    frames = [sequence_stamped(index, number) for number in range(count)]
    sent_at: list[float] = []

    async def listen() -> None:
        for number in range(count):
            frame = await socket.recv()
            outcome.round_trip_ms.append((time.perf_counter() - sent_at[number]) * 1000)
            outcome.relayed += 2
            if frame != DELTA_PREFIX + frames[number][len(APPEND_PREFIX) :]:
                outcome.altered += 1

    listening = asyncio.create_task(listen())
    started = time.perf_counter() + (index % 25) * FRAME_MS / 25_000  # spread over one frame
    for number, frame in enumerate(frames):
        await asyncio.sleep(max(0.0, started + number * FRAME_MS / 1000 - time.perf_counter()))
        sent_at.append(time.perf_counter())
        await socket.send(frame)
    async with asyncio.timeout(DRAIN_TIMEOUT_S):
        await listening


def sequence_stamped(session: int, number: int) -> str:
    stamp = f"{session:08d}{number:08d}".encode()
    audio = base64.b64encode(stamp + bytes(FRAME_BYTES - len(stamp))).decode()
    return f'{APPEND_PREFIX}{audio}"}}'
