"""A session between a raw client and a raw provider over real sockets, on either path."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState

from realtime.consumers import DirectWebSocketClient, WebSocketClient, direct_frames, serve
from realtime.core.effects import EndReason
from realtime.core.limits import SessionLimits
from realtime.core.records import Record
from realtime.core.session import Session
from realtime.core.tally import Tally
from realtime.runtime.runner import SessionRunner
from realtime.upstream.realtime_ws import (
    DirectRealtimeWebSocketUpstream,
    RealtimeWebSocketUpstream,
)
from tests.fakes import events
from tests.fakes.raw_frames import PONG, TEXT, RawPeer, Scrambler
from tests.fakes.runs import TARGET
from tests.fakes.sessions import make_setup
from tests.fakes.store import MemoryStore, RecordingObserver
from voiceassist.keepalive import DirectWebSocketProtocol

NO_RETRIES = SessionLimits(
    events_per_s=100_000, audio_bytes_per_s=10**9, audio_burst_bytes=10**9, redial_delays_s=()
)
RANDOM_ID = re.compile(rb'"event_id":"event_[0-9a-f]{32}",')  # of what is said outside a session


@dataclass
class Outcome:
    """What left, in order."""

    at_provider: list[tuple[int, bytes]] = field(default_factory=list)
    at_client: list[tuple[int, bytes]] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    ended: list[EndReason] = field(default_factory=list)
    tally: Tally | None = None

    @property
    def lanes(self) -> list[list[tuple[int, bytes]]]:
        return by_lane(self.at_provider) + by_lane(self.at_client)


Script = Callable[["Call"], Awaitable[None]]


class Call:
    """One session between a raw client and a raw provider, over real sockets."""

    def __init__(self, client: RawPeer, provider: RawPeer) -> None:
        self.client = client
        self.provider = provider


async def run(
    script: Script, *, fast: bool, clock: Callable[[], float] = lambda: 0.0, **setup: Any
) -> Outcome:
    """Play the script on a session that has been set up; it must end it.

    clock: stands still, or records would tell one path from the other.
    """
    outcome, store, observer = Outcome(), MemoryStore(), RecordingObserver()
    dialled: asyncio.Future[RawPeer] = asyncio.get_running_loop().create_future()
    session = Session(make_setup(**{"limits": NO_RETRIES, **setup}), clock())

    async def provide(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        dialled.set_result(await RawPeer.accept(reader, writer))

    provider_server = await asyncio.start_server(provide, "127.0.0.1", 0)
    url = f"ws://127.0.0.1:{provider_server.sockets[0].getsockname()[1]}/v1/realtime"
    dial = DirectRealtimeWebSocketUpstream if fast else RealtimeWebSocketUpstream
    over = asyncio.Event()

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        frames = direct_frames(scope)
        assert (frames is not None) == fast
        client = DirectWebSocketClient(send, frames) if frames else WebSocketClient(send)
        runner = SessionRunner(
            session,
            lambda target: dial(url, "", target),
            TARGET,
            store,
            client,
            observer,
            clock,
        )
        await serve(receive, runner.start(), client, frames)
        over.set()

    async with server_of(application) as port:
        client = await RawPeer.connect(port)
        provider = await dialled
        plain = Scrambler(0, masked=False)
        await provider.send([plain.whole(TEXT, events.text(events.session_created()).encode())])
        await provider.saw(b"session.update")
        await provider.send([plain.whole(TEXT, events.text(events.session_updated()).encode())])
        await client.saw(b"session.created")
        await script(Call(client, provider))
        await client.over()
        await over.wait()
        await provider.over()
    provider_server.close()
    outcome.at_provider, outcome.at_client = provider.frames, client.frames
    outcome.records, outcome.ended, outcome.tally = store.records, observer.ended, session.tally
    return outcome


@asynccontextmanager
async def server_of(application: Any) -> AsyncIterator[int]:
    config = Config(
        application, ws_max_size=1_000_000, ws_per_message_deflate=False, ws_ping_interval=None,
        log_config=None, lifespan="off",
    )  # fmt: skip
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: DirectWebSocketProtocol(config, state, {}), "127.0.0.1", 0
    )
    yield int(server.sockets[0].getsockname()[1])
    server.close()


def by_lane(frames: list[tuple[int, bytes]]) -> list[list[tuple[int, bytes]]]:
    """What comes in one order: texts and the close; sound, which may overtake what waits for the
    store; and pongs, which the library answers at once."""
    lanes: list[list[tuple[int, bytes]]] = [[], [], []]
    for first, payload in frames:
        lane = 2 if first == PONG else 1 if b"output_audio.delta" in payload else 0
        lanes[lane].append((first, RANDOM_ID.sub(b"", payload)))
    return lanes
