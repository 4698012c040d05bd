"""The fast path and the slow one: the same bytes in, the same frames out, both ways and hostile."""

from __future__ import annotations

import asyncio
import base64
import time
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from realtime.runtime.downlink import MAX_BYTES, Downlink
from realtime.runtime.fast_path import DirectConnection, DirectFrames
from realtime.runtime.passage import Passage
from tests.fakes import events
from tests.fakes.raw_frames import BINARY, CLOSE, TEXT, Scrambler, append
from tests.fakes.two_paths import NO_RETRIES, Call, Outcome, Script, by_lane, run

FRAME_LIMIT = 150_000
UP_SEEDS = range(80)
DOWN_SEEDS = range(1000, 1080)
# Answered with an error that names it: whoever sees that has seen all before.
SO_FAR = b'{"type":"no.such.event","event_id":"so_far"}'
LAST_UP = b'{"type":"input_audio_buffer.clear","event_id":"last_up"}'
LAST = events.text({"type": "the.end", "event_id": "the_end"}).encode()


@dataclass
class Paths:
    """Runs a script on both paths, the slow one every second time without the short ways of
    `Passage`: so these are compared with the long one, too. `at_once` counts what the fast one let
    pass at once: else a test could pass by comparing the slow path with itself."""

    settings: Any
    monkeypatch: pytest.MonkeyPatch
    at_once: dict[str, int] = field(default_factory=lambda: {"up": 0, "down": 0})
    compared: int = 0

    async def compare(
        self, script: Script, *, is_cut: bool = False, **setup: Any
    ) -> tuple[Outcome, Outcome]:
        """is_cut: the client closes right behind its frames, so the last of them, and answers to
        them, may not leave any more; on the fast path those do that the slow one had no time for.
        """
        self.compared += 1
        outcomes = []
        for path in ("off", "auto"):
            self.settings.REALTIME_FAST_PATH = path
            with self.monkeypatch.context() as patched:
                if path == "off" and self.compared % 2:
                    take_no_short_way(patched)
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


def take_no_short_way(patched: pytest.MonkeyPatch) -> None:
    """Have every frame parsed, made into effects and performed."""
    for name in ("up", "heard", "down"):
        patched.setattr(Passage, name, lambda _passage, _frame: False)


@pytest.fixture
def paths(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Paths:
    settings.LIMIT_FRAME_BYTES = FRAME_LIMIT
    paths = Paths(settings, monkeypatch)

    def counted(owner: Any, name: str, way: str) -> None:
        wrapped = getattr(owner, name)

        def count(self: Any, text: str) -> Any:
            paths.at_once[way] += 1
            return wrapped(self, text)

        monkeypatch.setattr(owner, name, count)

    counted(DirectConnection, "send_now", "up")
    counted(DirectFrames, "send_now", "down")
    return paths


async def heard(call: Call) -> None:
    """All that the client said has come to where it leads."""
    await call.client.saw(b"so_far")
    await call.provider.saw(b"last_up")


async def hang_up(call: Call) -> None:
    await call.client.send([Scrambler(0, masked=True).whole(CLOSE, (1000).to_bytes(2, "big"))])


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
            stream += scrambler.sent([LAST_UP, SO_FAR])
            end = scrambler.whole(CLOSE, (1000).to_bytes(2, "big"))
            if seed % 2:
                end = scrambler.violation()
            elif seed % 10 == 4:
                end = scrambler.whole(TEXT, b" " * (FRAME_LIMIT + 1))
            if seed % 3:
                await call.client.send(scrambler.chunks(stream))
                await heard(call)
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
                await hang_up(call)

        slow, _ = await paths.compare(answer, private_events=seed % 2 == 0)
        assert len(slow.at_client) > 10, seed
        assert slow.records, seed
    assert paths.at_once["down"] > 50


async def test_a_client_that_must_wait_is_heard_in_order(paths: Paths) -> None:
    limits = replace(NO_RETRIES, events_per_s=2000)
    appends = [append(number.to_bytes(4, "big")) for number in range(2500)]

    async def flood(call: Call) -> None:
        scrambler = Scrambler(7, masked=True)
        await call.client.send(scrambler.chunks(scrambler.sent([*appends, LAST_UP, SO_FAR])))
        await heard(call)
        await hang_up(call)

    slow, _ = await paths.compare(flood, limits=limits, clock=time.monotonic)
    assert [text for _, text in by_lane(slow.at_provider)[0]][1:-2] == appends
    assert paths.at_once["up"] > 1000


async def test_a_provider_that_does_not_read_gets_all_in_order_once_it_does(paths: Paths) -> None:
    appends = [append(bytes(40_000 + 20_000 * (number % 2))) for number in range(150)]

    async def talk(call: Call) -> None:
        scrambler = Scrambler(8, masked=True)
        call.provider.stop_reading()
        sending = asyncio.create_task(
            call.client.send([scrambler.sent([*appends, LAST_UP, SO_FAR])])
        )
        await asyncio.wait({sending}, timeout=0.3)
        call.provider.read_again()
        await sending
        await heard(call)
        await hang_up(call)

    slow, _ = await paths.compare(talk)
    assert [text for _, text in by_lane(slow.at_provider)[0]][1:-2] == appends


async def test_a_client_that_does_not_read_loses_old_sound_and_no_word(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting_bytes: list[int] = []
    all_said = asyncio.Event()
    put = Downlink.put

    def watched(self: Downlink, effect: Any) -> None:
        put(self, effect)
        waiting_bytes.append(self.byte_count)
        if "the.end" in getattr(effect, "raw", ""):
            all_said.set()

    monkeypatch.setattr(Downlink, "put", watched)
    delta = events.audio_delta("r1", "a1", 200)
    turn = [*events.answer_begins("r1", "a1"), *[delta] * 900, *events.answer_ends("r1", "a1", "x")]
    texts = [events.text(event).encode() for event in turn]

    async def tell(call: Call) -> None:
        call.client.stop_reading()
        stream = Scrambler(9, masked=False).sent([*texts, LAST])
        await call.provider.send([stream])
        await all_said.wait()
        call.client.read_again()
        await call.client.saw(b"the.end")
        await hang_up(call)

    words = []
    for fast in (False, True):
        paths.settings.REALTIME_FAST_PATH = "auto" if fast else "off"
        all_said.clear()
        async with asyncio.timeout(30):
            outcome = await run(tell, fast=fast)
        told, sound, _ = by_lane(outcome.at_client)
        assert 0 < len(sound) < 901
        words.append(sorted(told))
    assert words[0] == words[1]
    assert max(waiting_bytes) <= MAX_BYTES
    assert any(b"output_audio_dropped" in text for _, text in words[0])
    assert sum(b"audio_transcript.done" in text for _, text in words[0]) == 1
