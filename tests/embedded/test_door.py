"""Who gets in to the provider's server, how the others are told, and the REST beside it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
import pytest_asyncio
from openai import AsyncOpenAI
from openai.types.realtime import ClientSecretCreateResponse
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server
from websockets.exceptions import ConnectionClosed, InvalidStatus

from realtime.upstream.embedded.audio_format import AudioFormat
from realtime.upstream.embedded.client_secrets import ClientSecrets
from realtime.upstream.embedded.ports import Heard, Origin, SpokenWord
from realtime.upstream.embedded.provider import EmbeddedProvider
from realtime.upstream.embedded.server import start_server
from tests.embedded.wire import check_event

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY = {"Authorization": "Bearer any"}
MODEL = "model=gpt-realtime-2.1"


class DeafEars:
    async def hear(self, audio: bytes, audio_format: AudioFormat) -> Heard:
        return Heard("", Origin.NOTHING, 0)


class SilentVoice:
    async def speak(
        self, text: str, *, voice: str, speed: float, audio_format: AudioFormat
    ) -> Sequence[SpokenWord]:
        return [SpokenWord(text, bytes(audio_format.bytes_per_ms * 20))]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[Server]:
    provider = EmbeddedProvider(ears=DeafEars(), voice=SilentVoice())
    server = await start_server(provider, "127.0.0.1", 0)
    yield server
    server.close()
    await server.wait_closed()
    await provider.aclose()


def port(server: Server) -> int:
    return int(next(iter(server.sockets)).getsockname()[1])


def socket_url(server: Server, query: str) -> str:
    return f"ws://127.0.0.1:{port(server)}/v1/realtime?{query}"


async def first_event(connection: ClientConnection) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(await asyncio.wait_for(connection.recv(), 10))
    check_event(event)
    return event


async def refused_with(connection: ClientConnection, code: str) -> None:
    """101, one `error`, close 4000 whose reason names it."""
    error = (await first_event(connection))["error"]
    assert (error["type"], error["code"]) == ("invalid_request_error", code)
    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(connection.recv(), 10)
    assert connection.close_code == 4000
    assert connection.close_reason == f"invalid_request_error.{code}"


async def test_without_a_key_the_handshake_is_refused_in_openai_s_words(server: Server) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(socket_url(server, MODEL))
    response = refused.value.response
    assert response.status_code == 401
    assert response.body is not None
    assert json.loads(response.body)["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("headers", [KEY, {"api-key": "azure"}])
async def test_any_key_opens_a_session(server: Server, headers: dict[str, str]) -> None:
    async with connect(socket_url(server, MODEL), additional_headers=headers) as connection:
        created = await first_event(connection)
        assert created["type"] == "session.created"
        assert created["session"]["model"] == "gpt-realtime-2.1"
        assert connection.subprotocol is None


async def test_a_browser_shows_its_key_as_a_subprotocol_that_is_never_echoed(
    server: Server,
) -> None:
    offered: Any = ["realtime", "openai-insecure-api-key.ek_secret"]
    async with connect(socket_url(server, MODEL), subprotocols=offered) as connection:
        assert connection.subprotocol == "realtime"
        assert (await first_event(connection))["type"] == "session.created"


async def test_the_withdrawn_beta_is_refused_as_openai_refuses_it(server: Server) -> None:
    url = socket_url(server, MODEL)
    beta = {**KEY, "OpenAI-Beta": "realtime=v1"}
    async with connect(url, additional_headers=beta) as connection:
        await refused_with(connection, "beta_api_shape_disabled")
    offered: Any = ["realtime", "openai-insecure-api-key.k", "openai-beta.realtime-v1"]
    async with connect(url, subprotocols=offered) as connection:
        await refused_with(connection, "beta_api_shape_disabled")


@pytest.mark.parametrize(
    ("query", "code"),
    [("", "missing_model"), ("model=", "missing_model"), ("model=whisper-1", "invalid_model")],
)
async def test_a_wrong_model_is_told_and_closes(server: Server, query: str, code: str) -> None:
    async with connect(socket_url(server, query), additional_headers=KEY) as connection:
        await refused_with(connection, code)


async def test_a_binary_frame_costs_an_error(server: Server) -> None:
    async with connect(socket_url(server, MODEL), additional_headers=KEY) as connection:
        await first_event(connection)
        await connection.send(b'{"type":"input_audio_buffer.clear"}')
        error = (await first_event(connection))["error"]
        assert error["code"] == "invalid_event"
        await connection.send('{"type":"input_audio_buffer.clear"}')
        assert (await first_event(connection))["type"] == "input_audio_buffer.cleared"


async def test_an_hour_can_be_made_shorter(server: Server) -> None:
    provider = EmbeddedProvider(ears=DeafEars(), voice=SilentVoice(), max_session_s=0.05)
    short = await start_server(provider, "127.0.0.1", 0)
    try:
        async with connect(socket_url(short, MODEL), additional_headers=KEY) as connection:
            created = await first_event(connection)
            assert created["session"]["expires_at"] <= time.time() + 1
            assert (await first_event(connection))["error"]["code"] == "session_expired"
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(connection.recv(), 10)
            assert connection.close_code == 1001
    finally:
        short.close()
        await short.wait_closed()


@pytest_asyncio.fixture(loop_scope="module")
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    base_url = f"http://127.0.0.1:{port(server)}/v1"
    async with httpx.AsyncClient(base_url=base_url, headers=KEY) as client:
        yield client


def error_of(answer: httpx.Response) -> dict[str, Any]:
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) == {"message", "type", "code", "param"}
    return error


async def test_models_are_listed_for_whoever_shows_a_key(
    server: Server, http: httpx.AsyncClient
) -> None:
    client = AsyncOpenAI(api_key="any", base_url=str(http.base_url))
    names = [model.id async for model in client.models.list()]
    assert "gpt-realtime-2.1" in names
    assert (await client.models.retrieve("gpt-realtime-2.1")).object == "model"
    await client.close()
    assert error_of(await http.get("/models/gpt-9"))["code"] == "model_not_found"
    unkeyed = await http.get("/models", headers={"Authorization": ""})
    assert unkeyed.status_code == 401


async def test_a_client_secret_binds_a_session_and_opens_several(
    server: Server, http: httpx.AsyncClient
) -> None:
    session = {
        "type": "realtime",
        "model": "gpt-realtime-2.1-mini",
        "instructions": "Be brief.",
        "audio": {"output": {"voice": "cedar"}},
    }
    life = {"anchor": "created_at", "seconds": 60}
    body = {"expires_after": life, "session": session}
    answer = await http.post("/realtime/client_secrets", json=body)
    assert answer.status_code == 200
    minted = ClientSecretCreateResponse.model_validate(answer.json())
    assert minted.value.startswith("ek_")
    assert 58 <= minted.expires_at - time.time() <= 61
    assert answer.json()["session"]["expires_at"] == 0
    offered: Any = ["realtime", f"openai-insecure-api-key.{minted.value}"]
    for _ in range(2):
        async with connect(socket_url(server, ""), subprotocols=offered) as connection:
            shown = (await first_event(connection))["session"]
            assert shown["model"] == "gpt-realtime-2.1-mini"
            assert shown["instructions"] == "Be brief."
            assert shown["audio"]["output"]["voice"] == "cedar"
            assert shown["expires_at"] > time.time()


async def test_a_secret_of_a_transcription_session_opens_one(
    server: Server, http: httpx.AsyncClient
) -> None:
    body = {"session": {"type": "transcription"}}
    secret = (await http.post("/realtime/client_secrets", json=body)).json()["value"]
    headers = {"Authorization": f"Bearer {secret}"}
    async with connect(socket_url(server, ""), additional_headers=headers) as connection:
        shown = (await first_event(connection))["session"]
        assert shown["object"] == "realtime.transcription_session"


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"session": {}}, "missing_required_parameter", "session.type"),
        ({"session": {"type": "video"}}, "invalid_value", "session.type"),
        (
            {"session": {"type": "realtime", "voice": "ash"}},
            "unknown_parameter",
            "session.voice",
        ),
        ({"expires_after": {"seconds": 5}}, "integer_below_min_value", "expires_after.seconds"),
        ({"expires_after": {"seconds": 7201}}, "integer_above_max_value", "expires_after.seconds"),
        ({"expires_after": {"anchor": "now"}}, "invalid_value", "expires_after.anchor"),
        ({"ttl": 5}, "unknown_parameter", "ttl"),
        ([], "invalid_type", "body"),
    ],
)
async def test_a_wrong_mint_is_refused_with_its_field(
    http: httpx.AsyncClient, body: Any, code: str, param: str
) -> None:
    answer = await http.post("/realtime/client_secrets", json=body)
    assert answer.status_code == 400
    assert (error_of(answer)["code"], error_of(answer)["param"]) == (code, param)


async def test_an_expired_secret_starts_nothing(server: Server) -> None:
    now = 1000.0
    secrets = ClientSecrets("gpt-realtime-2.1", clock=lambda: now)
    value = secrets.mint({"expires_after": {"seconds": 10}})["value"]
    assert secrets.session_of(value) is not None
    assert secrets.session_of("sk-any") is None
    now += 10
    with pytest.raises(Exception, match="expired"):
        secrets.session_of(value)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "unknown_url"),
        ("DELETE", "/models", 405, "method_not_allowed"),
        ("POST", "/realtime", 400, "beta_api_shape_disabled"),
    ],
)
async def test_other_requests_get_openai_s_error_bodies(
    http: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await http.request(method, path, content=b"v=0" if method == "POST" else None)
    assert answer.status_code == status
    assert error_of(answer)["code"] == code


async def test_a_body_that_is_no_json_or_too_long_is_refused(http: httpx.AsyncClient) -> None:
    answer = await http.post("/realtime/client_secrets", content=b"{")
    assert error_of(answer)["code"] == "invalid_json"
    too_long = await http.post("/realtime/client_secrets", content=bytes(2**20 + 1))
    assert too_long.status_code == 413

    async def chunks() -> AsyncIterator[bytes]:
        yield b"{}"

    chunked = await http.post("/realtime/client_secrets", content=chunks())
    assert chunked.status_code == 411


async def test_a_page_of_any_origin_may_ask(http: httpx.AsyncClient) -> None:
    asked = {"Origin": "https://a.test", "Access-Control-Request-Headers": "x-stainless-os"}
    answer = await http.options("/realtime/client_secrets", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Headers"] == "x-stainless-os"
