"""Lines of our own pages that break: nothing is missed, nothing comes twice, no slot is held."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.contract.conftest import MakeGateway
from tests.contract.gateway import Gateway, Socket, ended, in_state
from tests.fakes import events
from tests.fakes.events import Event

PRIVATE = ["voiceassist.v1"]


async def dial(gateway: Gateway, minted: dict[str, Any], after: str | None = None) -> Socket:
    query = "" if after is None else f"?after={after}"
    return await gateway.dial(minted["api_key"], query=query, subprotocols=PRIVATE)


async def opened(gateway: Gateway, minted: dict[str, Any]) -> Socket:
    socket = await dial(gateway, minted)
    await socket.wait_for("session.created")
    return socket


def cut(socket: Socket) -> None:
    """No goodbye of any kind: the connection is gone."""
    socket.connection.transport.abort()


def mixed_turn(numbers: itertools.count[int]) -> list[Event]:
    """Half written, half spoken; every event with an id of its own that says its place."""
    turn = [
        *[events.text_delta("r1", "a1", "word ") for _ in range(3)],
        # small enough that a stalled machine never makes it worth dropping any
        *[events.audio_delta("r1", "a2", 5) for _ in range(3)],
    ]
    return [{**event, "event_id": f"event_{next(numbers)}"} for event in turn]


@asynccontextmanager
async def provider_that_never_stops() -> AsyncIterator[tuple[int, list[int]]]:
    """Sets a session up, then sends numbered events until it is left; counts its sessions."""
    sessions: list[int] = []

    async def answer(connection: ServerConnection) -> None:
        sessions.append(1)
        numbers = itertools.count()
        try:
            await connection.send(events.text(events.session_created()))
            await connection.recv()
            await connection.send(events.text(events.session_updated()))
            while True:
                for event in mixed_turn(numbers):
                    await connection.send(events.text(event))
                await asyncio.sleep(0.01)
        except ConnectionClosed:
            return

    async with serve(answer, "127.0.0.1", 0, max_size=None, close_timeout=1) as server:
        yield server.sockets[0].getsockname()[1], sessions


async def test_sixty_random_cuts_leave_no_gap_and_no_double(make_gateway: MakeGateway) -> None:
    chance = random.Random(7)
    async with provider_that_never_stops() as (port, sessions):
        gateway = make_gateway(
            REALTIME_PROVIDER="openai",
            OPENAI_API_KEY="sk-canary-0123456789",
            REALTIME_BASE_URL=f"ws://127.0.0.1:{port}/v1/realtime",
        )
        minted = gateway.mint()
        socket = await opened(gateway, minted)
        seen: list[str] = []
        for _ in range(60):
            for _ in range(chance.randrange(40)):
                seen.append((await socket.next_event())["event_id"])
            if chance.random() < 0.8:
                cut(socket)
                await asyncio.sleep(chance.random() * 0.05)
            # else: the newer line takes over one that still stands
            after = seen[-1] if seen else socket.events[0]["event_id"]
            socket = await dial(gateway, minted, after)
            greeting = await socket.next_event()
            assert (greeting["type"], greeting["recovered"]) == (
                "voiceassist.session.resumed",
                True,
            )
            assert greeting["session_id"] == minted["session_id"]
            if chance.random() < 0.3:
                seen.append(greeting["event_id"])
        await socket.connection.close()
        # asked while the provider still stands: its own going would be another end
        session = await ended(gateway, minted["session_id"])
    relayed = [event_id for event_id in seen if event_id.removeprefix("event_").isdigit()]
    assert relayed == [f"event_{number}" for number in range(len(relayed))]
    assert len(relayed) > 500
    assert sessions == [1]
    assert session["end_reason"] == "user_hangup"


async def resume(gateway: Gateway, minted: dict[str, Any], seen: list[Event]) -> Socket:
    """Cut and come back, until it worked; `seen` is everything the client has read so far."""
    socket = await dial(gateway, minted, seen[-1]["event_id"])
    greeting = await socket.next_event()
    assert greeting["recovered"] is True
    return socket


@pytest.mark.parametrize("modality", ["text", "audio"])
async def test_an_answer_cut_many_times_is_whole_and_stored(
    gateway: Gateway, modality: str
) -> None:
    chance = random.Random(modality)
    minted = gateway.mint(modalities=["text"] if modality == "text" else ["text", "audio"])
    socket = await opened(gateway, minted)
    seen = [*socket.events]
    await socket.say("count to twenty", answer=False)
    await socket.send(type="response.create", response={"output_modalities": [modality]})
    while seen[-1]["type"] != "response.done":
        for _ in range(chance.randrange(1, 12)):
            seen.append(await socket.next_event())
            if seen[-1]["type"] == "response.done":
                break
        else:
            cut(socket)
            socket = await resume(gateway, minted, seen)
    await socket.connection.close()
    ids = [event["event_id"] for event in seen]
    assert len(set(ids)) == len(ids)
    kind, words = ("text", "text") if modality == "text" else ("audio_transcript", "transcript")
    deltas = [e["delta"] for e in seen if e["type"] == f"response.output_{kind}.delta"]
    (final,) = [e for e in seen if e["type"] == f"response.output_{kind}.done"]
    assert "".join(deltas) == final[words]
    stored = {item["item_id"]: item["text"] for item in gateway.items(minted["conversation_id"])}
    assert stored[final["item_id"]] == final[words]
    await ended(gateway, minted["session_id"])


async def test_a_detached_session_holds_no_slot_and_takes_one_again(
    make_gateway: MakeGateway,
) -> None:
    gateway = make_gateway(LIMIT_SESSIONS_PER_USER="1")
    minted = gateway.mint(modalities=["text"])
    socket = await opened(gateway, minted)
    after = socket.events[-1]["event_id"]
    cut(socket)
    await in_state(gateway, minted["session_id"], "detached")
    other = gateway.mint(modalities=["text"])
    async with gateway.call(other):
        with pytest.raises(InvalidStatus) as refused:
            await dial(gateway, minted, after)
        assert refused.value.response.status_code == 429
        offered = [*PRIVATE, "realtime", f"openai-insecure-api-key.{minted['api_key']}"]
        page = await gateway.dial(query=f"?after={after}", subprotocols=offered)
        assert await page.closed() == (4429, "too_many_sessions")
        assert gateway.session(minted["session_id"])["state"] == "detached"
    await ended(gateway, other["session_id"])
    socket = await dial(gateway, minted, after)
    assert (await socket.next_event())["recovered"] is True
    assert gateway.session(minted["session_id"])["state"] == "live"
    refused_mint = gateway.request("POST", "/api/voice/realtime-session", json={})
    assert refused_mint.json()["code"] == "too_many_sessions"
    await socket.connection.close()
    await ended(gateway, minted["session_id"])


async def test_a_client_that_stays_away_was_lost_and_its_secret_is_used_up(
    make_gateway: MakeGateway,
) -> None:
    gateway = make_gateway(LIMIT_RESUME_SEC="1")
    minted = gateway.mint(modalities=["text"])
    cut(await opened(gateway, minted))
    await in_state(gateway, minted["session_id"], "detached")
    session = await ended(gateway, minted["session_id"], within_s=5)
    assert session["end_reason"] == "client_lost"
    with pytest.raises(InvalidStatus) as refused:
        await dial(gateway, minted, "event_x")
    assert refused.value.response.status_code == 401


async def test_a_client_of_the_public_protocol_ends_when_its_line_breaks(gateway: Gateway) -> None:
    minted = gateway.mint(modalities=["text"])
    socket = await gateway.dial(minted["api_key"])
    await socket.wait_for("session.created")
    cut(socket)
    session = await ended(gateway, minted["session_id"], within_s=15)
    assert session["end_reason"] == "client_lost"


async def test_leaving_with_1001_may_come_back_and_hanging_up_with_1000_may_not(
    gateway: Gateway,
) -> None:
    minted = gateway.mint(modalities=["text"])
    socket = await opened(gateway, minted)
    await socket.connection.close(1001)
    await in_state(gateway, minted["session_id"], "detached")
    socket = await resume(gateway, minted, socket.events)
    await socket.connection.close(1000)
    assert (await ended(gateway, minted["session_id"]))["end_reason"] == "user_hangup"


async def test_an_event_nobody_knows_is_not_recovered_and_the_session_goes_on(
    gateway: Gateway,
) -> None:
    minted = gateway.mint(modalities=["text"])
    cut(await opened(gateway, minted))
    for after in ("event_of_nobody", "", None):
        socket = await dial(gateway, minted, after)
        greeting = await socket.next_event()
        assert (greeting["type"], greeting["recovered"]) == ("voiceassist.session.resumed", False)
    await socket.say("hello")
    await socket.wait_for("response.output_text.done")
    assert "session.created" not in {event["type"] for event in socket.events}
    await socket.connection.close()
    await ended(gateway, minted["session_id"])


async def test_a_newer_line_closes_the_older_one_with_4409_and_goes_on(gateway: Gateway) -> None:
    minted = gateway.mint(modalities=["text"])
    older = await opened(gateway, minted)
    newer = await dial(gateway, minted, older.events[-1]["event_id"])
    assert (await newer.next_event())["recovered"] is True
    assert await older.closed(timeout_s=5) == (4409, "superseded")
    assert older.errors() == ["superseded"]
    await newer.say("hello")
    await newer.wait_for("response.done")
    assert gateway.session(minted["session_id"])["state"] == "live"
    await newer.connection.close()
    await ended(gateway, minted["session_id"])


async def test_somebody_elses_secret_resumes_nothing_of_mine(gateway: Gateway) -> None:
    mine = gateway.mint(modalities=["text"])
    socket = await opened(gateway, mine)
    await socket.say("my name is Alice")
    done = await socket.wait_for("response.done")
    cut(socket)
    theirs = gateway.mint(person="admin", modalities=["text"])
    stranger = await dial(gateway, theirs, socket.events[0]["event_id"])
    first = await stranger.next_event()
    assert (first["recovered"], first["session_id"]) == (False, theirs["session_id"])
    await stranger.wait_for("session.created")
    assert "Alice" not in json.dumps(stranger.events)
    assert done["event_id"] not in {event["event_id"] for event in stranger.events}
    await stranger.connection.close()
    await (await resume(gateway, mine, socket.events)).connection.close()
    await ended(gateway, mine["session_id"])


async def test_a_detached_session_can_be_ended_by_signing_out(gateway: Gateway) -> None:
    phone = gateway.sign_in()
    minted = gateway.mint(token=phone["access"], modalities=["text"])
    cut(await opened(gateway, minted))
    await in_state(gateway, minted["session_id"], "detached")
    answer = gateway.http.post("/api/token/logout/", json={"refresh": phone["refresh"]})
    assert answer.status_code < 300, answer.text
    assert (await ended(gateway, minted["session_id"]))["end_reason"] == "auth_expired"


async def test_an_admin_can_end_a_detached_session(gateway: Gateway) -> None:
    minted = gateway.mint(modalities=["text"])
    cut(await opened(gateway, minted))
    await in_state(gateway, minted["session_id"], "detached")
    path = f"/api/review/sessions/{minted['session_id']}/end"
    answer = gateway.request("POST", path, person="admin", json={"reason": "a test"})
    assert answer.status_code in (200, 202), answer.text
    assert (await ended(gateway, minted["session_id"]))["end_reason"] == "admin_ended"


async def test_a_clean_stop_ends_a_detached_session(make_gateway: MakeGateway) -> None:
    gateway = make_gateway()
    minted = gateway.mint(modalities=["text"])
    cut(await opened(gateway, minted))
    await in_state(gateway, minted["session_id"], "detached")
    assert await asyncio.to_thread(gateway.process.stop) == 0
    gateway.process.start()
    session = gateway.session(minted["session_id"])
    assert (session["state"], session["end_reason"]) == ("ended", "server_shutdown")
