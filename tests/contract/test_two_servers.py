"""Limits, orders and takeovers hold across processes that share nothing but the database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing

import pytest
from websockets.exceptions import InvalidStatus

from tests.contract.gateway import Gateway, ended


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """With room for one session: each test waits until its own has ended."""
    with Gateway(tmp_path_factory.mktemp("one"), LIMIT_SESSIONS_PER_USER="1") as gateway:
        yield gateway


@pytest.fixture(scope="module")
def other(one: Gateway) -> Iterator[Gateway]:
    """A second server on the first one's database, as behind a load balancer."""
    with closing(one.twin()) as twin:
        yield twin


async def test_a_session_live_there_fills_the_limit_here(one: Gateway, other: Gateway) -> None:
    waiting = other.mint()
    minted = one.mint()
    async with one.call(minted):
        refused = other.request("POST", "/api/voice/realtime-session", json={})
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_sessions")
        with pytest.raises(InvalidStatus) as closed_door:
            await other.dial(waiting["api_key"])
        assert closed_door.value.response.status_code == 429
    await ended(one, minted["session_id"])


async def test_an_admins_end_there_closes_the_socket_here(one: Gateway, other: Gateway) -> None:
    minted = one.mint()
    async with one.call(minted) as socket:
        path = f"/api/review/sessions/{minted['session_id']}/end"
        answer = other.request("POST", path, person="admin", json={"reason": "a test"})
        assert answer.status_code < 300, answer.text
        assert (await socket.closed(timeout_s=5))[0] == 4410
    await ended(one, minted["session_id"])


def test_what_an_administrator_sets_there_holds_for_the_next_session_here(
    one: Gateway, other: Gateway
) -> None:
    def set_there(**changes: object) -> None:
        answer = other.request("PATCH", "/api/admin/voice/", person="admin", json=changes)
        assert answer.status_code == 200, answer.text

    set_there(voice="cedar", enabled=False)
    refused = one.request("POST", "/api/voice/realtime-session", json={})
    assert (refused.status_code, refused.json()["code"]) == (503, "realtime_disabled")
    set_there(enabled=None)
    assert one.mint()["voice_config"]["voice"] == "cedar"
    set_there(voice=None)
    assert one.mint()["voice_config"]["voice"] == "marin"


async def test_signing_out_there_closes_the_socket_here(one: Gateway, other: Gateway) -> None:
    tokens = one.sign_in()
    minted = one.mint(token=tokens["access"])
    async with one.call(minted) as socket:
        answer = other.http.post("/api/token/logout/", json={"refresh": tokens["refresh"]})
        assert answer.status_code < 300, answer.text
        assert (await socket.closed(timeout_s=5))[0] == 4401
    await ended(one, minted["session_id"])


async def test_a_takeover_there_closes_the_older_connection_here(
    one: Gateway, other: Gateway
) -> None:
    minted = one.mint(modalities=["text"])
    older = await one.dial(minted["api_key"])
    await older.wait_for("session.created")
    async with other.call(minted) as newer:
        assert (await older.closed(timeout_s=5))[0] == 4409
        await newer.say("hello")
        await newer.wait_for("response.done")
        assert one.session(minted["session_id"])["state"] == "live"
    session = await ended(one, minted["session_id"])
    assert session["end_reason"] == "user_hangup"


async def test_a_line_that_comes_back_there_gets_a_new_run_that_knows_what_was_said_here(
    one: Gateway, other: Gateway
) -> None:
    minted = one.mint(modalities=["text"])
    lost = await one.dial(minted["api_key"], subprotocols=["voiceassist.v1"])
    await lost.wait_for("session.created")
    await lost.say("my name is Alice")
    done = await lost.wait_for("response.done")
    lost.connection.transport.abort()
    query = f"?after={done['event_id']}"
    back = await other.dial(minted["api_key"], query=query, subprotocols=["voiceassist.v1"])
    first = await back.next_event()
    assert (first["type"], first["recovered"]) == ("voiceassist.session.resumed", False)
    await back.wait_for("session.created")
    await back.say("what is my name")
    assert "Alice" in (await back.wait_for("response.output_text.done"))["text"]
    await asyncio.sleep(2)  # the former run has seen by now that it was taken over
    assert one.session(minted["session_id"])["state"] == "live"
    await back.connection.close()
    session = await ended(one, minted["session_id"])
    assert session["end_reason"] == "user_hangup"


async def test_a_server_that_starts_ends_what_another_one_left_when_it_was_killed(
    one: Gateway, other: Gateway
) -> None:
    minted = one.mint()
    socket = await one.dial(minted["api_key"])
    await socket.wait_for("session.created")
    one.process.kill()
    session = await ended(other, minted["session_id"], within_s=15)
    assert session["end_reason"] == "server_lost"
    async with other.call(other.mint()):
        pass
