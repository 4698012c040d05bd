"""Four server processes and a real Redis: every request may arrive anywhere."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from scripts.test_services import free_port, wait_for_port
from tests.contract.gateway import Gateway
from tests.headless.person import Call, Person, is_answered
from tests.headless.recordings import GO_FORWARD, SPEECH

pytestmark = pytest.mark.skipif(
    "REDIS_URL" not in os.environ, reason="runs once, on the side of `make test` that has Redis"
)
NAMES = (
    *("Ada", "Alan", "Barbara", "Claude", "Donald", "Edsger", "Frances", "Grace", "Hedy", "Ivan"),
    *("Jean", "Katherine", "Linus", "Margaret", "Niklaus", "Ole", "Peter", "Radia", "Tim", "Vint"),
)


class OwnRedis:
    """A Redis that can be stopped and started again at the same address."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        where = ("--port", str(self.port), "--bind", "127.0.0.1")
        command = ("redis-server", *where, "--save", "", "--appendonly", "no")
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_for_port(self.port, self._process, "Redis")

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(timeout=10)


@pytest.fixture(scope="module")
def redis() -> Iterator[OwnRedis]:
    redis = OwnRedis()
    redis.start()
    yield redis
    redis.stop()


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory, redis: OwnRedis) -> Iterator[list[Gateway]]:
    """All on one database; the first one knows the people."""
    settings = {"LIMIT_SESSIONS_PER_USER": "40", "LIMIT_DAY_SEC": "80000", "REDIS_URL": redis.url}
    with Gateway(tmp_path_factory.mktemp("four"), **settings) as first:
        with ThreadPoolExecutor() as pool:
            twins = list(pool.map(lambda _: first.twin(), range(3)))
        try:
            yield [first, *twins]
        finally:
            for twin in twins:
                twin.close()


@pytest.fixture
def person(servers: list[Gateway]) -> Iterator[Person]:
    with Person(servers[0]) as person:
        yield person


def test_twenty_sessions_of_which_two_talk_at_a_time_are_never_mixed_up(
    servers: list[Gateway], person: Person, tmp_path: Path
) -> None:
    def anywhere(number: int) -> Gateway:
        return servers[number % len(servers)]

    calls = [person.start(at=anywhere(number), modalities=["text"]) for number in range(len(NAMES))]

    def talk(number: int) -> str:
        call = calls[number]
        call.say(f"my name is {NAMES[number]}", at=anywhere(number + 1))
        told = call.turn(at=anywhere(number + 2))
        call.say("what is my name", at=anywhere(number + 3))
        heard = call.turn(after=told.last_id, at=anywhere(number + 2))
        return heard.words("response.output_text.done", "text")

    with ThreadPoolExecutor(max_workers=2) as two:
        answers = list(two.map(talk, range(len(calls))))
    for name, answer in zip(NAMES, answers, strict=True):
        assert [known for known in NAMES if known in answer] == [name]
    listed = person.ask("GET", "/api/voice/sessions/", at=servers[3]).json()["results"]
    assert {session["state"] for session in listed} == {"live"}


def test_two_speak_at_once_and_each_hears_their_own_answer_elsewhere(
    servers: list[Gateway], person: Person, tmp_path: Path
) -> None:
    def talk(recording: Path, at: int) -> tuple[str, str, bytes, bytes]:
        call = person.start(at=servers[at])
        elsewhere = servers[at + 2]
        saved = tmp_path / f"{recording.stem}.wav"
        saving = call.keep_sound(saved, at=elsewhere)
        call.speak(recording, at=servers[at + 1])
        heard = call.turn(at=elsewhere)
        path = f"{call.path}/audio.wav?item_id={heard.item_id}"
        finished = person.ask("GET", path, at=servers[at + 1]).content
        assert call.post("stop", at=elsewhere).json()["state"] == "ended"
        saving.join(20)
        return heard.user, heard.assistant, saved.read_bytes()[44:], finished[44:]

    with ThreadPoolExecutor(max_workers=2) as two:
        one = two.submit(talk, GO_FORWARD, 0)
        other = two.submit(talk, SPEECH / "cards-001.wav", 1)
        results = one.result(), other.result()
    assert results[0][:2] == ("go forward ten meters", "Going forward ten meters.")
    assert results[1][0] == "ten of clubs"
    for _user, _assistant, streamed, finished in results:
        assert len(finished) > 24_000
        assert streamed == finished


@asynccontextmanager
async def live_floor(server: Gateway, token: str) -> AsyncIterator[ClientConnection]:
    """A reviewer's tab on the live floor of this process."""
    url = f"ws://127.0.0.1:{server.process.port}/ws/review/live"
    offered = [Subprotocol("voiceassist.feed"), Subprotocol(f"voiceassist.token.{token}")]
    async with connect(url, subprotocols=offered) as tab:
        yield tab


async def shown(tab: ClientConnection, enough: Callable[[dict[str, Any]], object]) -> None:
    async with asyncio.timeout(30):
        while not enough(json.loads(await tab.recv())):
            continue


async def read_along(tab: ClientConnection, session_id: str, words: str) -> None:
    """Open the call and wait until these words of it are shown."""
    asked = {"type": "open", "session_id": session_id, "reason": "shift"}
    await tab.send(json.dumps(asked))
    await shown(tab, lambda frame: words in json.dumps(frame["captions"].get(session_id, [])))


async def test_the_live_floor_sees_and_ends_a_call_wherever_it_runs(
    servers: list[Gateway], redis: OwnRedis
) -> None:
    admin = await asyncio.to_thread(servers[1].access, "admin")
    one, other = [
        await asyncio.to_thread(lambda: servers[0].mint(modalities=["text"])) for _ in range(2)
    ]
    async with servers[0].call(one) as talk, servers[3].call(other) as next_talk:
        async with live_floor(servers[1], admin) as tab:
            await talk.say("my name is Ada")
            await read_along(tab, one["session_id"], "my name is Ada")
            end = f"/api/review/sessions/{one['session_id']}/end"
            asked_at = time.monotonic()
            ending = asyncio.to_thread(
                servers[2].request, "POST", end, token=admin, json={"reason": "shift is over"}
            )
            answered, closed = await asyncio.gather(ending, talk.closed(timeout_s=10))
            assert time.monotonic() - asked_at < 1
            assert (answered.status_code, closed) == (200, (4410, "session_ended"))
            assert "shift is over" in talk.events[-1]["error"]["message"]
            await shown(tab, lambda frame: one["session_id"] in frame["gone"])

            redis.stop()
            with pytest.raises(ConnectionClosed) as lost:
                await shown(tab, lambda _: False)
            assert lost.value.rcvd is not None
            assert lost.value.rcvd.code == 1013
        polled = await asyncio.to_thread(
            servers[1].request, "GET", "/api/review/live/", token=admin
        )
        assert other["session_id"] in [call["session_id"] for call in polled.json()["calls"]]
        redis.start()
        await next_talk.say("my name is Grace")
        async with asyncio.timeout(30):
            while True:  # each process finds Redis again in its own time
                try:
                    async with live_floor(servers[1], admin) as tab:
                        await read_along(tab, other["session_id"], "my name is Grace")
                        break
                except ConnectionClosed:
                    await asyncio.sleep(0.2)


def test_redis_restarted_in_the_middle_costs_no_session_and_no_event(
    servers: list[Gateway], person: Person, redis: OwnRedis
) -> None:
    call = person.start(modalities=["text"])
    with call.listen(at=servers[1]) as events:
        heard = [next(events)]
        call.say("my name is Ada", at=servers[2])
        while not is_answered(heard):
            heard.append(next(events))
        redis.stop()
        call.say("hello", at=servers[0])  # where the session is nothing is missing
        with ThreadPoolExecutor() as pool:
            next_command = pool.submit(call.say, "what is my name", at=servers[3])
            redis.start()
            next_command.result()
        while [event.name for event in heard].count("response.done") < 3:
            heard.append(next(events))
    assert [event.id for event in heard] == list(range(1, heard[-1].id + 1))
    assert "Ada" in [e for e in heard if e.name == "response.output_text.done"][-1].data["text"]
    told = [(item["role"], item["text"]) for item in servers[0].items(call.conversation_id)]
    assert [text for role, text in told if role == "user"] == [
        "my name is Ada",
        "hello",
        "what is my name",
    ]


def test_a_refusal_there_is_the_same_here(servers: list[Gateway], person: Person) -> None:
    call = person.start()
    nothing = call.post("commit", at=servers[2])
    assert (nothing.status_code, nothing.json()["code"]) == (422, "nothing_to_commit")
    path = f"{call.path}/audio.wav?item_id=item_none"
    assert person.ask("GET", path, at=servers[1]).json()["code"] == "item_not_found"
    with Person(servers[0], "admin") as bob:
        for verb in ("text", "audio", "commit", "stop"):
            theirs = bob.ask("POST", f"{call.path}/{verb}", at=servers[3], json={"text": "hello"})
            assert theirs.status_code == 404
    assert call.post("stop", at=servers[1]).json()["end_reason"] == "user_hangup"
    late = call.post("text", at=servers[2], json={"text": "hello"})
    assert (late.status_code, late.json()["code"]) == (409, "session_ended")


def test_a_session_whose_server_died_is_over_everywhere(
    servers: list[Gateway], person: Person
) -> None:
    """Last in this file: it costs a server."""
    call: Call = person.start(at=servers[3])
    servers[3].process.kill()
    refused = call.post("text", at=servers[1], json={"text": "hello"}, timeout=30)
    assert refused.status_code in (409, 503)
    until = time.monotonic() + 20
    while call.post("text", at=servers[1], json={"text": "hello"}, timeout=30).status_code != 409:
        assert time.monotonic() < until
        time.sleep(0.2)
    assert servers[0].session(call.id)["end_reason"] == "server_lost"
