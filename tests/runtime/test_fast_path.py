"""The fast path and the slow one: the same bytes in, the same frames out, both ways and hostile."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from realtime.consumers import DirectWebSocketClient, WebSocketClient, direct_frames, serve
from realtime.core.effects import EndReason
from realtime.core.limits import SessionLimits
from realtime.core.records import Record
from realtime.core.session import Session
from realtime.core.tally import Tally
from realtime.runtime.fast_path import DirectConnection, DirectFrames
from realtime.runtime.runner import SessionRunner
from realtime.upstream.realtime_ws import (
    DirectRealtimeWebSocketUpstream,
    RealtimeWebSocketUpstream,
)
from tests.fakes import events
from tests.fakes.raw_frames import BINARY, CLOSE, PONG, TEXT, RawPeer, Scrambler, append
from tests.fakes.runs import TARGET
from tests.fakes.sessions import make_setup
from tests.fakes.store import MemoryStore, RecordingObserver
from voiceassist.keepalive import DirectWebSocketProtocol

NO_RETRIES = SessionLimits(
    events_per_s=100_000, audio_bytes_per_s=10**9, audio_burst_bytes=10**9, redial_delays_s=()
)
FRAME_LIMIT = 150_000
UP_SEEDS = range(80)
DOWN_SEEDS = range(1000, 1080)
RANDOM_ID = re.compile(rb'"event_id":"event_[0-9a-f]{32}",')  # of what is said outside a session
# Answered with an error that names it: whoever sees that has seen all before.
SO_FAR = b'{"type":"no.such.event","event_id":"so_far"}'
LAST = events.text({"type": "the.end", "event_id": "the_end"}).encode()


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


Script = Callable[["Call"], Any]


class Call:
    """One session between a raw client and a raw provider, over real sockets."""

    def __init__(self, client: RawPeer, provider: RawPeer) -> None:
        self.client = client
        self.provider = provider


async def run(script: Script, *, fast: bool, **setup: Any) -> Outcome:
    """Play the script on a session that has been set up; the client hangs up where nobody has."""
    outcome, store, observer = Outcome(), MemoryStore(), RecordingObserver()
    dialled: asyncio.Future[RawPeer] = asyncio.get_running_loop().create_future()
    session = Session(make_setup(**{"limits": NO_RETRIES, **setup}), 0.0)

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
            clock=lambda: 0.0,  # or records would tell one path from the other
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


@dataclass
class Paths:
    """Runs a script on both paths. `at_once` counts what the fast one let pass at once: else a test
    could pass by comparing the slow path with itself."""

    settings: Any
    at_once: dict[str, int] = field(default_factory=lambda: {"up": 0, "down": 0})

    async def compare(
        self, script: Script, *, is_cut: bool = False, **setup: Any
    ) -> tuple[Outcome, Outcome]:
        """is_cut: the client closes right behind its frames, so the last of them, and answers to
        them, may not leave any more; on the fast path those do that the slow one had no time for.
        """
        outcomes = []
        for path in ("off", "auto"):
            self.settings.REALTIME_FAST_PATH = path
            async with asyncio.timeout(30):
                outcomes.append(await run(script, fast=path == "auto", **setup))
        slow, fast = outcomes
        for quick, patient in zip(fast.lanes, slow.lanes, strict=True):
            if is_cut and quick:
                assert quick[-1] == patient[-1]
                quick[len(patient) - 1 : -1] = []
            assert quick == patient
        assert fast.records == slow.records
        if not is_cut:
            assert (fast.ended, fast.tally) == (slow.ended, slow.tally)
        return slow, fast


@pytest.fixture
def paths(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Paths:
    settings.LIMIT_FRAME_BYTES = FRAME_LIMIT
    paths = Paths(settings)

    def counted(owner: Any, name: str, way: str) -> None:
        wrapped = getattr(owner, name)

        def count(self: Any, text: str) -> Any:
            paths.at_once[way] += 1
            return wrapped(self, text)

        monkeypatch.setattr(owner, name, count)

    counted(DirectConnection, "send_now", "up")
    counted(DirectFrames, "send_now", "down")
    return paths


def by_lane(frames: list[tuple[int, bytes]]) -> list[list[tuple[int, bytes]]]:
    """What comes in one order: texts and the close; sound, which may overtake what waits for the
    store; and pongs, which the library answers at once."""
    lanes: list[list[tuple[int, bytes]]] = [[], [], []]
    for first, payload in frames:
        lane = 2 if first == PONG else 1 if b"output_audio.delta" in payload else 0
        lanes[lane].append((first, RANDOM_ID.sub(b"", payload)))
    return lanes


def client_texts(scrambler: Scrambler) -> list[bytes]:
    """What a microphone sends, and what somebody sends who wants past the policy."""
    draw = scrambler.random
    sound = draw.randbytes(2 * draw.randint(0, 1500))
    encoded = base64.b64encode(sound)
    head = b'{"type":"input_audio_buffer.append","audio":"'
    tool = b'{"type":"session.update","session":{"type":"realtime","tools":[{"type":"mcp"}]}}'
    hostile = [
        head + encoded + b'","type":"session.update"}',
        head + encoded + b'","type":"input_audio_buffer.append"}',
        head + encoded + b'","session":{"type":"realtime","tools":[{"type":"mcp"}]}}',
        head + encoded + b'\\u0022,\\u0022type\\u0022:1"}',
        head + encoded + b'"} ',
        head + encoded + b'","audio":"AAAA"}',
        head + b"AAA" + b'"}',
        head + b"}",
        head + "ÄÄ==".encode() + b'"}',
        append(sound + b"x"),
        b'{"typ\\u0065":"session.update","session":{"type":"realtime","tools":[{"type":"mcp"}]}}',
        b'{"type":"session.update","type":"input_audio_buffer.append","audio":"AAAA"}',
        b'{"Type":"session.update","type":"input_audio_buffer.append","audio":"AAA="}',
        b'{"type":"response.create","response":{"tools":[{"type":"mcp"}]}}',
        b'{"type":"response.create","response":{"tools":[]},"response":{"tools":[{"type":"mcp"}]}}',
        b'{"type":"session.update","session":{"type":"realtime","instructions":"Be loud."}}',
        tool,
        b" " * draw.randint(0, 9) + tool,
        b"[" * 200,
        b"",
        b"null",
        b'{"type":"conversation.item.create","item":{"type":"message","role":"user"}}',
        b'{"type":"x"}' + b" " * 70_000,
        append(draw.randbytes(60_000)),
    ]
    shapes = (
        '{"type":"input_audio_buffer.append","audio":"%s"}',
        '{"type": "input_audio_buffer.append", "audio": "%s"}',
        '{"audio":"%s","type":"input_audio_buffer.append"}',
        '{"event_id":"c1","type":"input_audio_buffer.append","audio":"%s"}',
        '\n{"type":"input_audio_buffer.append","audio":"%s"}',
    )
    plain = [append(sound, draw.choice(shapes)) for _ in range(draw.randint(2, 8))]
    texts = plain + draw.sample(hostile, draw.randint(0, 6))
    draw.shuffle(texts)
    return texts


@pytest.mark.parametrize("first_seed", UP_SEEDS[::40])
async def test_whatever_a_client_sends_leaves_alike(paths: Paths, first_seed: int) -> None:
    for seed in range(first_seed, first_seed + 40):

        async def speak(call: Call, seed: int = seed) -> None:
            scrambler = Scrambler(seed, masked=True)
            stream = scrambler.sent(client_texts(scrambler))
            if seed % 4 == 1:
                stream += scrambler.whole(BINARY, b"\0\1")
            stream += scrambler.whole(TEXT, SO_FAR)
            end = scrambler.whole(CLOSE, (1000).to_bytes(2, "big"))
            if seed % 2:
                end = scrambler.violation()
            elif seed % 10 == 4:
                end = scrambler.whole(TEXT, b" " * (FRAME_LIMIT + 1))
            if seed % 3:
                await call.client.send(scrambler.chunks(stream))
                await call.client.saw(b"so_far")
                await call.client.send(scrambler.chunks(end))
            else:
                await call.client.send(scrambler.chunks(stream + end))

        slow, _ = await paths.compare(speak, is_cut=not seed % 3)
        assert len(slow.at_provider) > 1, seed
    assert paths.at_once["up"] > 50


def provider_texts(scrambler: Scrambler) -> list[bytes]:
    """A turn as a provider tells it, with what none should send strewn in."""
    draw = scrambler.random
    turn: list[Any] = [events.speech_started("u1"), events.committed("u1")]
    turn += [events.item_event("added", events.user_speech("u1"))]
    turn += events.answer_begins("r1", "a1", "u1")
    for _ in range(draw.randint(3, 10)):
        turn.append(events.audio_delta("r1", "a1", draw.randint(1, 200)))
        turn.append(events.transcript_delta("r1", "a1", " word"))
    turn.insert(draw.randint(3, len(turn)), events.transcription_completed("u1", "Gutən Täg"))
    turn += events.answer_ends("r1", "a1", "word")
    turn.append(events.truncated("a1", 40))
    texts = [events.text(event).encode() for event in turn]
    odd = [
        b"no json",
        b"",
        b"[]",
        b'{"type":7}',
        b'{"type":"unknown.event", "x" : "\xc3\xa4\\u00e4"}',
        b'{"type":"session.updated","session":{"instructions":"Server secret."}}',
        b'{"type":"error","event_id":"e1","error":{"message":"Server secret.","code":null}}',
        b'{"type":"response.output_audio.delta","delta":7}',
        b'{"type":"response.output_audio.delta","response_id":"r1","item_id":"a1","delta":"AAA=","delta":"x"}',
        b'{"type":"x","text":"' + b"y" * 70_000 + b'"}',
    ]
    for text in draw.sample(odd, draw.randint(0, 5)):
        texts.insert(draw.randint(0, len(texts)), text)
    return texts


@pytest.mark.parametrize("first_seed", DOWN_SEEDS[::40])
async def test_whatever_a_provider_sends_leaves_alike(paths: Paths, first_seed: int) -> None:
    for seed in range(first_seed, first_seed + 40):

        async def answer(call: Call, seed: int = seed) -> None:
            scrambler = Scrambler(seed, masked=False)
            stream = scrambler.sent(provider_texts(scrambler))
            if seed % 3 == 1:
                stream += scrambler.whole(BINARY, b'{"type":"in.binary"}')
            stream += scrambler.whole(TEXT, LAST)
            if seed % 3 == 2:
                stream += scrambler.violation()
            await call.provider.send(scrambler.chunks(stream))
            await call.client.saw(b"the.end")
            if seed % 3 == 2:
                await call.provider.over()
            else:
                hang_up = Scrambler(seed, masked=True).whole(CLOSE, (1000).to_bytes(2, "big"))
                await call.client.send([hang_up])

        slow, _ = await paths.compare(answer, private_events=seed % 2 == 0)
        assert len(slow.at_client) > 10, seed
        assert slow.records, seed
    assert paths.at_once["down"] > 50
