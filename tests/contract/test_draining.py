"""A server that was told to stop: what it still does, and what it sends elsewhere."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
from websockets.exceptions import InvalidStatus

from scripts.test_services import free_port
from tests.contract.conftest import MakeGateway
from tests.fakes import events
from tests.fakes.realtime_server import fake_realtime_server
from tests.fakes.upstream import SET_UP, Emit, Expect


async def test_while_an_answer_is_finished_nothing_new_is_minted_or_opened(
    make_gateway: MakeGateway,
) -> None:
    endless = [*SET_UP, Expect("response.create"), Emit(tuple(events.answer_begins("r1", "a1")))]
    port = free_port()
    gateway = make_gateway(
        REALTIME_PROVIDER="openai",
        OPENAI_API_KEY="sk-canary-0123456789",
        REALTIME_BASE_URL=f"ws://127.0.0.1:{port}/v1/realtime",
    )
    minted, waiting = gateway.mint(), gateway.mint()
    access = gateway.access()
    async with fake_realtime_server(endless, port=port), gateway.call(minted) as socket:
        await socket.send(type="response.create")
        await socket.wait_for("response.created")
        os.kill(gateway.process.pid, signal.SIGTERM)
        for _ in range(200):
            if gateway.http.get("/readyz").status_code == 503:
                break
            await asyncio.sleep(0.02)
        for path in ("/api/voice/realtime-session", "/v1/realtime/client_secrets"):
            answer = gateway.request("POST", path, token=access, json={})
            body = answer.json()
            assert answer.status_code == 503, path
            assert body.get("error", body)["code"] == "server_draining", path
            assert int(answer.headers["Retry-After"]) > 0, path
        with pytest.raises(InvalidStatus) as refused:
            await gateway.dial(waiting["api_key"])
        assert refused.value.response.status_code == 503
        assert int(refused.value.response.headers["Retry-After"]) > 0
        offered = ["realtime", f"openai-insecure-api-key.{waiting['api_key']}"]
        browser = await gateway.dial(subprotocols=offered)
        assert await browser.closed() == (1012, "server_draining")
        gateway.process.kill()  # the answer would hold it for 20 s
