"""Connections are as lively as their libraries' own, and smaller."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import Opcode

from realtime.consumers import Receive, Send
from realtime.runtime.short_queue import ShortQueue
from realtime.upstream.light_connection import LightConnection, LightDirectConnection
from voiceassist.keepalive import DirectWebSocketProtocol

KINDS = (LightConnection, LightDirectConnection)
WAIT_S = 30


class CountedPings(ServerConnection):
    """What a provider sees of our signs of life."""

    pings: asyncio.Queue[object]

    def process_event(self, event: object) -> None:
        if getattr(event, "opcode", None) == Opcode.PING:
            self.pings.put_nowait(event)
        super().process_event(event)  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def connected(
    kind: type[LightConnection], ping_timeout_s: float
) -> AsyncIterator[tuple[LightConnection, ServerConnection]]:
    arrived: asyncio.Queue[ServerConnection] = asyncio.Queue()

    async def stay(connection: ServerConnection) -> None:
        arrived.put_nowait(connection)
        await connection.wait_closed()

    CountedPings.pings = asyncio.Queue()
    async with serve(stay, "127.0.0.1", 0, create_connection=CountedPings) as server:
        port = server.sockets[0].getsockname()[1]
        client = await connect(
            f"ws://127.0.0.1:{port}/",
            additional_headers={"Authorization": "Bearer sk-secret"},
            create_connection=kind,
            compression=None,
            ping_interval=0.01,
            ping_timeout=ping_timeout_s,
            close_timeout=0.1,
            logger=logging.getLogger("realtime.upstream.wire"),
        )
        assert isinstance(client, LightConnection)
        try:
            yield client, await arrived.get()
        finally:
            await client.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_it_goes_on_pinging_a_provider_that_answers(kind: type[LightConnection]) -> None:
    async with connected(kind, WAIT_S) as (client, _), asyncio.timeout(WAIT_S):
        for _ in range(3):
            await CountedPings.pings.get()

    assert client._next_ping is None


@pytest.mark.parametrize("kind", KINDS)
async def test_a_provider_that_answers_no_ping_is_left(kind: type[LightConnection]) -> None:
    async with connected(kind, 0.05) as (client, provider), asyncio.timeout(WAIT_S):
        provider.transport.pause_reading()
        with pytest.raises(ConnectionClosed) as closed:
            await client.recv()

    assert closed.value.sent is not None
    assert (closed.value.sent.code, closed.value.sent.reason) == (1011, "keepalive ping timeout")


@pytest.mark.parametrize("kind", KINDS)
async def test_messages_come_whole_and_in_order(kind: type[LightConnection]) -> None:
    async with connected(kind, WAIT_S) as (client, provider), asyncio.timeout(WAIT_S):
        said = [str(number) for number in range(100)]
        for text in said:
            await provider.send(text)
        await provider.send([b"in ", b"pieces"])

        assert [await client.recv() for _ in said] == said
        assert await client.recv() == b"in pieces"


async def test_an_open_connection_holds_neither_the_key_nor_a_large_dictionary() -> None:
    async with connected(LightDirectConnection, WAIT_S) as (client, _):
        assert client.request is None
        assert client.response is not None
        assert not client.response.headers
        # Above 30 names the objects of a class no longer share the keys.
        assert len(vars(client)) < 30


async def test_an_accepted_client_holds_neither_its_credential_nor_a_large_dictionary() -> None:
    made: list[DirectWebSocketProtocol] = []

    async def accept(scope: object, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await receive()  # websocket.disconnect

    def connection_made() -> DirectWebSocketProtocol:
        made.append(DirectWebSocketProtocol(config, ServerState(), {}))
        return made[0]

    config = Config(accept, log_config=None, ws_per_message_deflate=False)
    server = await asyncio.get_running_loop().create_server(connection_made, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with asyncio.timeout(WAIT_S), connect(f"ws://127.0.0.1:{port}/"):
        held: dict[str, object] = {name: getattr(made[0], name) for name in ("request", "response")}

        assert held == {"request": None, "response": None}
        assert len(vars(made[0])) < 30
    server.close()


def test_frames_are_put_back_in_the_order_in_which_they_came() -> None:
    queue = ShortQueue([3, 4])
    queue.extendleft(reversed([1, 2]))

    assert [queue.popleft() for _ in range(4)] == [1, 2, 3, 4]
