"""A provider that keeps failing is left alone for a while; once it is back, calls come through."""

from __future__ import annotations

import asyncio
import time

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus

from scripts.test_services import free_port
from tests.contract.conftest import MakeGateway
from tests.fakes import events

pytestmark = pytest.mark.calm


async def answer(connection: ServerConnection) -> None:
    try:
        await connection.send(events.text(events.session_created()))
        await connection.recv()
        await connection.send(events.text(events.session_updated()))
        await connection.wait_closed()
    except ConnectionClosed:
        return


async def test_five_failures_open_the_breaker_and_one_success_closes_it(
    make_gateway: MakeGateway,
) -> None:
    port = free_port()
    gateway = make_gateway(
        REALTIME_PROVIDER="openai",
        OPENAI_API_KEY="sk-canary-0123456789",
        REALTIME_BASE_URL=f"ws://127.0.0.1:{port}/v1/realtime",
    )
    minted = gateway.mint(modalities=["text"])
    for _ in range(5):
        socket = await gateway.dial(minted["api_key"])
        assert (await socket.closed())[0] == 4502

    refused_mint = gateway.request("POST", "/api/voice/realtime-session", json={})
    assert refused_mint.status_code == 503
    assert refused_mint.json()["code"] == "upstream_unavailable"
    assert 1 <= int(refused_mint.headers["Retry-After"]) <= 5
    offered = ["realtime", f"openai-insecure-api-key.{minted['api_key']}"]
    page = await gateway.dial(subprotocols=offered)
    assert await page.closed() == (1013, "upstream_unavailable")
    took_s = []
    for _ in range(5):
        began = time.monotonic()
        with pytest.raises(InvalidStatus) as refused:
            await gateway.dial(minted["api_key"])
        took_s.append(time.monotonic() - began)
        assert refused.value.response.status_code == 503
        assert int(refused.value.response.headers["Retry-After"]) >= 1
    assert sorted(took_s)[2] < 0.05

    async with serve(answer, "127.0.0.1", port, close_timeout=1):
        await asyncio.sleep(5)
        async with gateway.call(minted):
            pass
        async with gateway.call(gateway.mint(modalities=["text"])):
            pass
