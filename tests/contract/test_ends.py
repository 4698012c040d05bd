"""How sessions end, and what each end looks like from the client and afterwards."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import InvalidStatus
from websockets.http11 import Request, Response

from scripts.test_services import free_port
from tests.contract.conftest import MakeGateway
from tests.contract.gateway import EVENT_TIMEOUT_S, Gateway, ended


async def test_an_admins_end_closes_with_4410_and_is_remembered(gateway: Gateway) -> None:
    minted = gateway.mint()
    async with gateway.call(minted) as socket:
        path = f"/api/review/sessions/{minted['session_id']}/end"
        answer = gateway.request("POST", path, person="admin", json={"reason": "a test"})
        assert answer.status_code in (200, 202), answer.text
        assert (await socket.closed(timeout_s=5))[0] == 4410
    session = await ended(gateway, minted["session_id"])
    assert session["end_reason"] == "admin_ended"


async def test_signing_out_closes_that_sign_ins_sockets_with_4401(gateway: Gateway) -> None:
    phone, laptop = gateway.sign_in(), gateway.sign_in()
    minted = gateway.mint(token=phone["access"])
    unused = gateway.mint(token=phone["access"])
    other = gateway.mint(token=laptop["access"])
    async with gateway.call(minted) as socket, gateway.call(other) as bystander:
        answer = gateway.http.post("/api/token/logout/", json={"refresh": phone["refresh"]})
        assert answer.status_code < 300, answer.text
        assert (await socket.closed(timeout_s=5))[0] == 4401
        with pytest.raises(InvalidStatus) as refused:
            await gateway.dial(unused["api_key"])
        assert refused.value.response.status_code == 401
        await bystander.say("hello")
        await bystander.wait_for("response.output_text.done")
    assert (await ended(gateway, minted["session_id"]))["end_reason"] == "auth_expired"


async def test_a_deleted_conversation_closes_its_session_with_4404(gateway: Gateway) -> None:
    minted = gateway.mint(modalities=["text"])
    async with gateway.call(minted) as socket:
        await socket.say("hello")
        await socket.wait_for("response.done")
        path = f"/api/conversations/{minted['conversation_id']}/"
        assert gateway.request("DELETE", path).status_code == 204
        assert (await socket.closed(timeout_s=5))[0] == 4404
    assert (await ended(gateway, minted["session_id"]))["conversation_id"] is None


async def test_the_session_cap_closes_with_1001(make_gateway: MakeGateway) -> None:
    gateway = make_gateway(LIMIT_SESSION_SEC="2")
    minted = gateway.mint()
    async with gateway.call(minted) as socket:
        assert (await socket.closed(timeout_s=10))[0] == 1001
        assert socket.errors() == ["session_expired"]
    assert (await ended(gateway, minted["session_id"]))["end_reason"] == "max_duration"


async def test_silence_ends_a_session(make_gateway: MakeGateway) -> None:
    gateway = make_gateway(LIMIT_IDLE_SEC="1")
    minted = gateway.mint()
    async with gateway.call(minted) as socket:
        await socket.closed(timeout_s=10)
    assert (await ended(gateway, minted["session_id"]))["end_reason"] == "idle_timeout"


async def test_used_up_voice_minutes_end_the_call_with_4402_and_text_goes_on(
    make_gateway: MakeGateway,
) -> None:
    gateway = make_gateway(LIMIT_DAY_SEC="3")
    minted = gateway.mint()
    async with gateway.call(minted) as socket:
        await socket.say("hello", answer=False)
        await socket.send(type="response.create")
        said = await socket.wait_for("response.output_audio_transcript.done")
        await socket.wait_for("response.done")
        assert (await socket.closed(timeout_s=60))[0] == 4402
        assert socket.errors() == ["quota_exhausted"]
    assert (await ended(gateway, minted["session_id"]))["end_reason"] == "budget_exhausted"
    answer = gateway.items(minted["conversation_id"])[-1]
    assert (answer["text"], answer["status"]) == (said["transcript"], "completed")
    refused = gateway.request("POST", "/api/voice/realtime-session", json={})
    assert (refused.status_code, refused.json()["code"]) == (429, "quota_exhausted")
    async with gateway.call(gateway.mint(modalities=["text"])) as socket:
        await socket.say("hello")
        await socket.wait_for("response.output_text.done")


async def test_a_clean_stop_closes_with_1012(make_gateway: MakeGateway) -> None:
    gateway = make_gateway()
    minted = gateway.mint()
    async with gateway.call(minted) as socket:
        stopping = asyncio.create_task(asyncio.to_thread(gateway.process.stop))
        assert (await socket.closed(timeout_s=25))[0] == 1012
        await stopping
    gateway.process.start()
    session = gateway.session(minted["session_id"])
    assert (session["state"], session["end_reason"]) == ("ended", "server_shutdown")


async def test_a_killed_server_has_every_final_and_marks_its_session_lost_on_restart(
    make_gateway: MakeGateway,
) -> None:
    gateway = make_gateway()
    minted = gateway.mint(modalities=["text"])
    socket = await gateway.dial(minted["api_key"])
    await socket.wait_for("session.created")
    await socket.say("my name is Alice")
    first = await socket.wait_for("response.output_text.done")
    await socket.wait_for("response.done")
    await socket.say("what is my name")
    second = await socket.wait_for("response.output_text.done")
    gateway.process.kill()
    gateway.process.start()
    session = gateway.session(minted["session_id"])
    assert (session["state"], session["end_reason"]) == ("ended", "server_lost")
    texts = [item["text"] for item in gateway.items(minted["conversation_id"])]
    assert texts == ["my name is Alice", first["text"], "what is my name", second["text"]]
    assert "in_progress" not in {
        item["status"] for item in gateway.items(minted["conversation_id"])
    }
    later = gateway.mint(modalities=["text"], conversation_id=minted["conversation_id"])
    async with gateway.call(later) as again:
        await again.say("what is my name")
        assert "Alice" in (await again.wait_for("response.output_text.done"))["text"]


@asynccontextmanager
async def provider_that_refuses(status: HTTPStatus) -> AsyncIterator[int]:
    """A Realtime server that answers every handshake with this status; yields its port."""

    async def refuse(connection: ServerConnection, request: Request) -> Response:
        body = {"error": {"message": "no", "type": "x", "code": "invalid_api_key", "param": None}}
        return connection.respond(status, json.dumps(body))

    async def never(_: ServerConnection) -> None:
        raise AssertionError

    async with serve(never, "127.0.0.1", 0, process_request=refuse) as server:
        yield server.sockets[0].getsockname()[1]


def using(port: int) -> dict[str, str]:
    return {
        "REALTIME_PROVIDER": "openai",
        "OPENAI_API_KEY": "sk-canary-0123456789",
        "REALTIME_BASE_URL": f"ws://127.0.0.1:{port}/v1/realtime",
    }


async def refused_call(gateway: Gateway, minted: dict[str, Any]) -> tuple[int, list[str]]:
    socket = await gateway.dial(minted["api_key"])
    code, _ = await socket.closed()
    assert "sk-canary" not in json.dumps(socket.events)
    assert "session.created" not in {event["type"] for event in socket.events}
    return code, socket.errors()


async def test_a_provider_that_refuses_our_key_ends_with_4502_and_the_secret_stays_good(
    make_gateway: MakeGateway,
) -> None:
    async with provider_that_refuses(HTTPStatus.UNAUTHORIZED) as port:
        gateway = make_gateway(**using(port))
        minted = gateway.mint()
        for _ in range(2):
            code, errors = await refused_call(gateway, minted)
            assert code == 4502
            assert len(errors) == 1
        deadline = time.monotonic() + EVENT_TIMEOUT_S  # the row follows the close
        while not (session := gateway.session(minted["session_id"]))["end_reason"]:
            assert time.monotonic() < deadline, "no reason was told"
            await asyncio.sleep(0.1)
    assert (session["state"], session["end_reason"]) == ("minted", "upstream_error")
    assert "sk-canary" not in gateway.process.log()


async def test_an_unreachable_provider_ends_with_4502(make_gateway: MakeGateway) -> None:
    gateway = make_gateway(**using(free_port()))
    code, errors = await refused_call(gateway, gateway.mint())
    assert code == 4502
    assert len(errors) == 1


async def test_three_calls_side_by_side_end_within_the_minutes_they_share(
    make_gateway: MakeGateway,
) -> None:
    gateway = make_gateway(LIMIT_DAY_SEC="15")
    minted = [gateway.mint() for _ in range(3)]
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(gateway.call(one)) for one in minted]
        closed = await asyncio.gather(*(socket.closed(timeout_s=30) for socket in sockets))
    assert {code for code, _ in closed} == {4402}
    sessions = [await ended(gateway, one["session_id"]) for one in minted]
    assert {session["end_reason"] for session in sessions} == {"budget_exhausted"}
    talked_s = sum(session["duration_ms"] for session in sessions) / 1000
    assert 9 < talked_s < 16  # each is ended a moment after its time
