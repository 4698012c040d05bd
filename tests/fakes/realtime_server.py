"""A real WebSocket server that plays a provider's script to whoever connects."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus

import orjson
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.fakes import events
from tests.fakes.events import Event
from tests.fakes.upstream import SET_UP, Close, Emit, Expect, Step, Wait


class FakeRealtimeServer:
    """Speaks Realtime GA by script; one script per connection, in order, the last one repeated.

    requests: the handshakes (path and headers). received: events by connection.
    refuse_with: answer handshakes with this status instead. stall: do not answer them.
    """

    def __init__(self, *scripts: Sequence[Step]) -> None:
        self._scripts = deque(scripts or [SET_UP])
        self.requests: list[tuple[str, Headers]] = []
        self.received: list[list[Event]] = []
        self.close_codes: list[int | None] = []
        self.connections: list[ServerConnection] = []
        self.refuse_with: HTTPStatus | None = None
        self.redirect_to: str | None = None
        self.stall = False
        self.url = ""
        self._released = asyncio.Event()
        self._connected = asyncio.Event()

    async def answer_handshake(
        self, connection: ServerConnection, request: Request
    ) -> Response | None:
        self.requests.append((request.path, request.headers))
        if self.stall:
            await self._released.wait()
        if self.redirect_to is not None:
            response = connection.respond(HTTPStatus.TEMPORARY_REDIRECT, "")
            response.headers["Location"] = self.redirect_to
            return response
        if self.refuse_with is not None:
            return connection.respond(self.refuse_with, "no\n")
        return None

    async def play(self, connection: ServerConnection) -> None:
        script = self._scripts.popleft() if len(self._scripts) > 1 else self._scripts[0]
        received: list[Event] = []
        self.received.append(received)
        self.connections.append(connection)
        self._connected.set()
        try:
            for step in script:
                await self._perform(step, connection, received)
            while True:
                received.append(orjson.loads(await connection.recv()))
        except ConnectionClosed as closed:
            self.close_codes.append(closed.rcvd.code if closed.rcvd else None)

    async def first_connection(self) -> ServerConnection:
        """The server's end of the first connection, once there is one."""
        await self._connected.wait()
        return self.connections[0]

    def proceed(self) -> None:
        """Pass every Wait from now on."""
        self._released.set()

    async def _perform(
        self, step: Step, connection: ServerConnection, received: list[Event]
    ) -> None:
        if isinstance(step, Emit):
            for event in step.events:
                await connection.send(event if isinstance(event, str) else events.text(event))
        elif isinstance(step, Close):
            await connection.close(step.code, step.reason)
        elif isinstance(step, Wait):
            await self._released.wait()
        elif isinstance(step, Expect):
            while not received or received[-1]["type"] != step.type:
                received.append(orjson.loads(await connection.recv()))


@asynccontextmanager
async def fake_realtime_server(
    *scripts: Sequence[Step], port: int = 0
) -> AsyncIterator[FakeRealtimeServer]:
    """Serve on this (0: a free) port of the loopback; `url` is what REALTIME_BASE_URL would be."""
    fake = FakeRealtimeServer(*scripts)
    server: Server = await serve(
        fake.play,
        "127.0.0.1",
        port,
        process_request=fake.answer_handshake,
        max_size=None,
        close_timeout=1,
    )
    port = port or server.sockets[0].getsockname()[1]
    fake.url = f"ws://127.0.0.1:{port}/v1/realtime"
    try:
        yield fake
    finally:
        fake.proceed()
        server.close()
        await server.wait_closed()
