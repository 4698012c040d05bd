"""daphne, which `runserver` serves with: the same session, without lifespan, reasons or denials.

It drops a connection whose frame is over the cap instead of closing it with 1009.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from scripts.test_services import free_port, wait_for_port
from tests.contract.gateway import Gateway
from tests.e2e.server import ROOT, STOP_TIMEOUT_S


class DaphneGateway(Gateway):
    """Mints at the gateway's own server, dials daphne; both serve one database."""

    def __init__(self, gateway: Gateway, port: int) -> None:
        self.__dict__.update(gateway.__dict__)
        self.port = port

    @property
    def socket_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/v1/realtime"


@pytest.fixture(scope="module")
def daphne(gateway: Gateway) -> Iterator[DaphneGateway]:
    port = free_port()
    log = gateway.process.folder / "daphne.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "daphne", "-p", str(port), "voiceassist.asgi:application"],
            cwd=ROOT,
            env=gateway.process.environment(),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_for_port(port, server, "daphne")
            yield DaphneGateway(gateway, port)
        finally:
            server.terminate()
            server.wait(timeout=STOP_TIMEOUT_S)


def test_daphne_serves_http(daphne: DaphneGateway) -> None:
    assert httpx.get(f"http://127.0.0.1:{daphne.port}/healthz").status_code == 200


async def test_a_turn_on_daphne_is_stored_before_it_is_seen(daphne: DaphneGateway) -> None:
    minted = daphne.mint(modalities=["text"])
    async with daphne.call(minted) as socket:
        await socket.say("what is two plus two")
        final = await socket.wait_for("response.output_text.done")
        items = daphne.items(minted["conversation_id"])
    assert [item["text"] for item in items] == ["what is two plus two", final["text"]]


async def test_a_malformed_event_on_daphne_costs_an_error_not_the_session(
    daphne: DaphneGateway,
) -> None:
    async with daphne.call(daphne.mint(modalities=["text"])) as socket:
        await socket.connection.send(b"\x00\x01")
        await socket.connection.send("not json")
        for _ in range(2):
            assert (await socket.wait_for("error"))["error"]["code"] == "invalid_event"
        await socket.say("hello")
        await socket.wait_for("response.done")


async def test_daphne_refuses_a_stranger_at_the_handshake(daphne: DaphneGateway) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await daphne.dial("ek_nobody_minted_this_secret_0123456789")
    assert refused.value.response.status_code in {401, 403}
