"""Opening `/v1/realtime`: who gets in, how, and what those see who do not."""

from __future__ import annotations

import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.contract.conftest import MakeGateway
from tests.contract.gateway import Gateway, Socket, ended, in_state


async def test_a_secret_in_the_header_opens_its_session(gateway: Gateway) -> None:
    minted = gateway.mint()
    async with gateway.call(minted) as socket:
        created = socket.events[-1]["session"]
        assert created["id"] == minted["session_id"]
        assert created["model"] == minted["model"]
        assert socket.connection.subprotocol is None
        await in_state(gateway, minted["session_id"], "live")


@pytest.mark.parametrize(
    ("others", "selected"),
    [
        (["realtime"], "realtime"),
        (["realtime", "voiceassist.v1"], "realtime"),
        (["voiceassist.v1"], "voiceassist.v1"),
    ],
)
async def test_a_browser_opens_with_the_secret_as_subprotocol(
    gateway: Gateway, others: list[str], selected: str
) -> None:
    minted = gateway.mint()
    offered = [*others, f"openai-insecure-api-key.{minted['api_key']}"]
    origin = gateway.process.url
    socket = await gateway.dial(subprotocols=offered, origin=origin)
    assert socket.connection.subprotocol == selected
    created = await socket.wait_for("session.created")
    assert created["session"]["id"] == minted["session_id"]
    await socket.connection.close()


async def test_an_access_token_opens_a_new_session_in_a_given_conversation(
    gateway: Gateway,
) -> None:
    conversation = gateway.request("POST", "/api/conversations/", json={}).json()["id"]
    socket = await gateway.dial(gateway.access(), query=f"?conversation_id={conversation}&model=x")
    created = await socket.wait_for("session.created")
    session = gateway.session(created["session"]["id"])
    assert session["conversation_id"] == conversation
    assert created["session"]["model"] == session["model"] != "x"
    await socket.connection.close()


async def test_another_users_conversation_is_not_found(gateway: Gateway) -> None:
    theirs = gateway.request("POST", "/api/conversations/", person="admin", json={}).json()["id"]
    with pytest.raises(InvalidStatus) as refused:
        await gateway.dial(gateway.access(), query=f"?conversation_id={theirs}")
    assert refused.value.response.status_code == 404


@pytest.mark.parametrize("key", ["", "ek_unknown", "va_unknown", "sk-foreign", "a.b.c"])
async def test_a_program_that_may_not_open_gets_http_401_in_openais_shape(
    gateway: Gateway, key: str
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await gateway.dial(key)
    response = refused.value.response
    assert response.status_code == 401
    assert response.body is not None
    error = json.loads(response.body)["error"]
    assert set(error) == {"message", "type", "code", "param"}


async def test_a_browser_that_may_not_open_is_told_before_the_close(gateway: Gateway) -> None:
    socket = await gateway.dial(subprotocols=["realtime", "openai-insecure-api-key.ek_unknown"])
    assert await socket.closed() == (4401, "invalid_client_secret")
    assert socket.errors() == ["invalid_client_secret"]
    assert socket.connection.subprotocol == "realtime"


async def test_a_page_that_forgot_its_key_is_told_before_the_close(gateway: Gateway) -> None:
    socket = await gateway.dial(subprotocols=["realtime"], origin=gateway.process.url)
    assert await socket.closed() == (4401, "missing_credential")
    assert socket.errors() == ["missing_credential"]


async def test_a_foreign_page_is_forbidden_even_with_a_good_secret(gateway: Gateway) -> None:
    minted = gateway.mint()
    with pytest.raises(InvalidStatus) as refused:
        await gateway.dial(minted["api_key"], origin="http://evil.example")
    assert refused.value.response.status_code == 403
    offered = ["realtime", f"openai-insecure-api-key.{minted['api_key']}"]
    socket = await gateway.dial(subprotocols=offered, origin="http://evil.example")
    assert await socket.closed() == (4403, "origin_not_allowed")
    async with gateway.call(minted):
        pass


async def test_cookies_open_nothing(gateway: Gateway) -> None:
    cookies = {"Cookie": f"sessionid=x; access={gateway.access()}"}
    with pytest.raises(InvalidStatus) as refused:
        await gateway.dial(headers=cookies)
    assert refused.value.response.status_code == 401


async def test_a_secret_is_refused_once_its_session_has_ended(gateway: Gateway) -> None:
    minted = gateway.mint()
    async with gateway.call(minted):
        pass
    await ended(gateway, minted["session_id"])
    with pytest.raises(InvalidStatus) as refused:
        await gateway.dial(minted["api_key"])
    assert refused.value.response.status_code == 401
    offered = ["realtime", f"openai-insecure-api-key.{minted['api_key']}"]
    socket = await gateway.dial(subprotocols=offered)
    assert await socket.closed() == (4401, "client_secret_used")


async def test_an_expired_secret_is_refused(make_gateway: MakeGateway) -> None:
    gateway = make_gateway(REALTIME_TOKEN_EXPIRY_SEC="1")
    minted = gateway.mint()
    await asyncio.sleep(1.1)
    offered = ["realtime", f"openai-insecure-api-key.{minted['api_key']}"]
    socket = await gateway.dial(subprotocols=offered)
    assert await socket.closed() == (4401, "client_secret_expired")


async def test_the_secret_presented_again_takes_the_live_session_over(gateway: Gateway) -> None:
    minted = gateway.mint(modalities=["text"])
    older = await gateway.dial(minted["api_key"])
    await older.wait_for("session.created")
    await older.say("my name is Alice")
    await older.wait_for("response.done")
    async with gateway.call(minted) as newer:
        assert (await older.closed())[0] == 4409
        assert newer.events[-1]["session"]["id"] == minted["session_id"]
        assert gateway.session(minted["session_id"])["state"] == "live"
        await newer.say("what is my name")
        done = await newer.wait_for("response.output_text.done")
        assert "Alice" in done["text"]


async def test_fifty_parallel_opens_at_a_limit_of_two_leave_exactly_two_live(
    make_gateway: MakeGateway,
) -> None:
    gateway = make_gateway(LIMIT_SESSIONS_PER_USER="2")
    keys = [gateway.mint(modalities=["text"])["api_key"] for _ in range(50)]

    async def attempt(key: str) -> Socket | int:
        try:
            socket = await gateway.dial(key)
        except InvalidStatus as refused:
            return refused.response.status_code
        await socket.wait_for("session.created")
        return socket

    outcomes = await asyncio.gather(*map(attempt, keys))
    live = [outcome for outcome in outcomes if isinstance(outcome, Socket)]
    assert len(live) == 2
    assert [outcome for outcome in outcomes if outcome not in live] == [429] * 48
    answer = gateway.request("POST", "/api/voice/realtime-session", json={})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_sessions")
    assert int(answer.headers["Retry-After"]) > 0
    for socket in live:
        await socket.connection.close()


@pytest.mark.parametrize(
    "path", ["/v1/realtime/", "/v1/realtime/translations", "/v1/nothing", "/socket"]
)
async def test_a_socket_at_an_unknown_address_is_404_and_no_error_of_ours(
    gateway: Gateway, path: str
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(gateway.process.url.replace("http", "ws", 1) + path, proxy=None)
    assert refused.value.response.status_code == 404
    assert json.loads(refused.value.response.body)["error"]["code"] == "unknown_url"
    assert " ERROR " not in gateway.process.log_path.read_text()
