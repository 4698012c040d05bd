"""The whole provider with real ears and a real voice, over a socket and in process."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server
from websockets.exceptions import ConnectionClosedError

from realtime.runtime.ports import Upstream, UpstreamClosed, UpstreamTarget
from realtime.upstream.embedded.audio_format import AudioFormat
from realtime.upstream.embedded.g711 import decode_samples, encode_samples
from realtime.upstream.embedded.ports import VoiceFailed
from realtime.upstream.embedded.provider import EmbeddedProvider
from realtime.upstream.embedded.server import start_server
from realtime.upstream.embedded.voice.process_voice import ProcessVoice
from tests.embedded.conftest import Samples, human_speech
from tests.embedded.studio import find
from tests.embedded.wire import check_event, order, recorded_order
from tests.fakes.recordings import CHECKOUT

pytestmark = [pytest.mark.speech, pytest.mark.asyncio(loop_scope="module")]

TURN_TIMEOUT_S = 60
TARGET = UpstreamTarget(model="gpt-realtime-2.1", safety_identifier="test")
KEY = {"Authorization": "Bearer any"}
LISTEN = {"audio": {"input": {"transcription": {"model": "gpt-realtime-whisper"}}}}


class Caller:
    """One client of the server, by WebSocket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, event_type: str, **fields: Any) -> None:
        await self.connection.send(json.dumps({"type": event_type, **fields}))

    async def until(self, event_type: str) -> list[dict[str, Any]]:
        """Events up to and including the first of a type; each is checked."""
        events: list[dict[str, Any]] = []
        async with asyncio.timeout(TURN_TIMEOUT_S):
            while not events or events[-1]["type"] != event_type:
                events.append(json.loads(await self.connection.recv()))
                check_event(events[-1])
        return events

    async def speak(self, speech: Samples) -> None:
        silence = np.zeros(24 * 700, dtype=np.int16)
        audio = np.concatenate((silence, speech, silence)).tobytes()
        for start in range(0, len(audio), 4800):
            chunk = base64.b64encode(audio[start : start + 4800]).decode()
            await self.send("input_audio_buffer.append", audio=chunk)

    async def ask(self, text: str, **response: Any) -> list[dict[str, Any]]:
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content}
        await self.send("conversation.item.create", item=item)
        await self.send("response.create", response=response)
        return await self.until("response.done")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(provider: EmbeddedProvider) -> AsyncIterator[Server]:
    server = await start_server(provider, "127.0.0.1", 0)
    yield server
    server.close()
    await server.wait_closed()


def address(server: Server) -> str:
    port = next(iter(server.sockets)).getsockname()[1]
    return f"ws://127.0.0.1:{port}/v1/realtime?model=gpt-realtime-2.1"


@pytest_asyncio.fixture(loop_scope="module")
async def caller(server: Server) -> AsyncIterator[Caller]:
    async with connect(address(server), additional_headers=KEY, max_size=None) as connection:
        yield Caller(connection)


async def test_a_person_is_heard_and_answered_with_sound(caller: Caller) -> None:
    await caller.until("session.created")
    await caller.send("session.update", session={"type": "realtime", **LISTEN})
    await caller.speak(human_speech("goforward"))
    events = await caller.until("rate_limits.updated")
    completed = find(events, "conversation.item.input_audio_transcription.completed")
    assert completed["transcript"] == "go forward ten meters"
    said = find(events, "response.output_audio_transcript.done")["transcript"]
    assert said == "Going forward ten meters."
    deltas = [e for e in events if e["type"] == "response.output_audio_transcript.delta"]
    assert "".join(delta["delta"] for delta in deltas) == said
    samples = audio_of(events)
    assert 1.0 < samples.size / 24_000 < 3.0
    assert np.sqrt(np.mean(samples.astype(float) ** 2)) > 500
    turn = recorded_order(
        "test_openai_ws__test_audio_in_server_vad_turn",
        "input_audio_buffer.speech_started",
        "response.done",
    )
    assert order(events) == ["session.updated", *turn, "rate_limits.updated"]


def audio_of(events: list[dict[str, Any]]) -> Samples:
    deltas = [e["delta"] for e in events if e["type"] == "response.output_audio.delta"]
    return np.frombuffer(b"".join(map(base64.b64decode, deltas)), dtype=np.int16)


async def test_the_second_turn_knows_the_first(
    caller: Caller, flite: Callable[[str], Samples]
) -> None:
    await caller.speak(flite("my name is marguerite"))
    await caller.until("response.done")
    await caller.speak(flite("what is my name"))
    events = await caller.until("response.done")
    said = find(events, "response.output_audio_transcript.done")["transcript"]
    assert said == "Your name is Marguerite."


async def test_speaking_over_a_long_answer_cancels_it(
    caller: Caller, flite: Callable[[str], Samples]
) -> None:
    content = [{"type": "input_text", "text": "count to twenty"}]
    item = {"type": "message", "role": "user", "content": content}
    await caller.send("conversation.item.create", item=item)
    await caller.send("response.create")
    await caller.until("response.output_audio.delta")
    await caller.speak(flite("goodbye"))
    events = await caller.until("response.done")
    assert "input_audio_buffer.speech_started" in order(events)
    assert events[-1]["response"]["status"] == "cancelled"
    assert audio_of(events).size / 24_000 < 8.0


async def test_every_word_s_transcript_comes_right_before_its_audio(caller: Caller) -> None:
    events = await caller.ask("my name is alice")
    names = [e["type"] for e in events if e["type"].endswith("delta")]
    assert names[0] == "response.output_audio_transcript.delta"
    for first, second in itertools.pairwise(names):
        if first == "response.output_audio_transcript.delta":
            assert second == "response.output_audio.delta"


async def test_a_transcription_session_listens_and_makes_no_responses(server: Server) -> None:
    url = address(server).replace("model=gpt-realtime-2.1", "intent=transcription")
    async with connect(url, additional_headers=KEY) as connection:
        caller = Caller(connection)
        created = json.loads(await connection.recv())
        assert created["session"]["object"] == "realtime.transcription_session"
        await caller.speak(human_speech("cards-001"))
        done = "conversation.item.input_audio_transcription.completed"
        events = await caller.until(done)
        assert events[-1]["transcript"] == "ten of clubs"
        assert "response.created" not in order(events)
        await caller.send("response.create")
        assert (await caller.until("error"))[-1]["error"]["code"] == "invalid_event"


async def test_in_process_it_is_an_upstream(provider: EmbeddedProvider) -> None:
    upstream: Upstream = provider.upstream(TARGET)
    await upstream.open()
    assert json.loads(await upstream.receive())["session"]["model"] == "gpt-realtime-2.1"
    content = [{"type": "input_text", "text": "2+2"}]
    item = {"type": "message", "role": "user", "content": content}
    await upstream.send(json.dumps({"type": "conversation.item.create", "item": item}))
    options = {"output_modalities": ["text"]}
    await upstream.send(json.dumps({"type": "response.create", "response": options}))
    events: list[dict[str, Any]] = []
    while not events or events[-1]["type"] != "response.done":
        events.append(json.loads(await upstream.receive()))
    assert find(events, "response.output_text.done")["text"] == "Two plus two is four."
    await upstream.aclose()
    await upstream.aclose()
    with pytest.raises(UpstreamClosed):
        await drain(upstream)
    with pytest.raises(UpstreamClosed):
        await upstream.send("{}")


async def drain(upstream: Upstream) -> None:
    while True:
        await upstream.receive()


async def test_a_long_append_does_not_hold_up_the_event_loop(provider: EmbeddedProvider) -> None:
    upstream = provider.upstream(TARGET)
    await upstream.open()
    audio = base64.b64encode(bytes(48 * 60_000)).decode()
    raw = json.dumps({"type": "input_audio_buffer.append", "audio": audio})
    steps = 0

    async def others() -> None:
        nonlocal steps
        while True:
            steps += 1
            await asyncio.sleep(0)

    running = asyncio.create_task(others())
    await upstream.send(raw)
    running.cancel()
    assert steps >= 59  # others ran between any two seconds of audio
    await upstream.aclose()


async def test_a_voice_process_that_dies_is_replaced() -> None:
    voice = ProcessVoice()
    voice.start()
    assert voice._process is not None
    os.kill(voice._process.pid, signal.SIGKILL)
    words = await voice.speak(
        "Hello there.", voice="cedar", speed=1.0, audio_format=AudioFormat.PCM
    )
    assert "".join(word.text for word in words) == "Hello there."
    await voice.aclose()
    with pytest.raises(VoiceFailed):
        await voice.speak("Hello.", voice="cedar", speed=1.0, audio_format=AudioFormat.PCM)


async def test_speed_and_format_change_the_audio() -> None:
    voice = ProcessVoice()
    text = "Once upon a time a lighthouse keeper lived alone on a small grey rock."
    durations_ms = {}
    for speed, audio_format in (
        (1.0, AudioFormat.PCM),
        (1.5, AudioFormat.PCM),
        (1.0, AudioFormat.PCMU),
    ):
        words = await voice.speak(text, voice="sage", speed=speed, audio_format=audio_format)
        assert "".join(word.text for word in words) == text
        size = sum(len(word.audio) for word in words)
        durations_ms[speed, audio_format] = audio_format.duration_ms(size)
    await voice.aclose()
    normal = durations_ms[1.0, AudioFormat.PCM]
    assert 3000 < normal < 6500
    assert durations_ms[1.5, AudioFormat.PCM] < 0.8 * normal
    assert durations_ms[1.0, AudioFormat.PCMU] == pytest.approx(normal, rel=0.02)


@pytest.mark.parametrize("name", [AudioFormat.PCMU, AudioFormat.PCMA])
async def test_telephone_codes_survive_a_round_trip(name: AudioFormat) -> None:
    codes = bytes(range(256))
    linear = decode_samples(codes, name)
    again = decode_samples(encode_samples(linear, name), name)
    assert np.array_equal(linear, again)


async def test_the_command_serves_and_stops_cleanly() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "manage.py",
        "embedded_provider",
        "--port",
        "0",
        cwd=CHECKOUT,
        env={**os.environ, "SECRET_KEY": "only-for-this-test-" * 4},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode().strip()
        assert line.startswith("Embedded provider ready: ws://127.0.0.1:")
        url = line.rsplit(" ", 1)[1] + "?model=gpt-realtime-2.1"
        async with connect(url, additional_headers=KEY) as connection:
            caller = Caller(connection)
            events = await caller.ask("my name is dave")
            assert audio_of(events).size > 24_000
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(ConnectionClosedError):  # 1012 is no normal closure
                async for _ in connection:
                    pass
            assert connection.close_code == 1012
        assert await asyncio.wait_for(process.wait(), 15) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
