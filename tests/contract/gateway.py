"""A real server and its client: sign in, mint, open sockets, read what was stored."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import psycopg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from tests.contract.forked import ForkedServerProcess
from tests.contract.migrated import SETTINGS, copy_sqlite, create_postgres

EVENT_TIMEOUT_S = 30.0
# Access tokens live five minutes, a suite on a busy machine longer.
SIGNED_IN_S = 200.0


class Gateway:
    """One server process on a database of its own: PostgreSQL and Redis where the environment names
    them, else SQLite and no Redis. Use as a context manager; `settings` become its environment."""

    def __init__(self, folder: Path, **settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # Few of them ever hear a word, and models take a second of CPU to load.
        settings = {"DJANGO_SETTINGS_MODULE": SETTINGS, "EMBEDDED_WARM_UP": "false", **settings}
        self._postgres = os.environ.get("DATABASE_URL", "")
        self._database = f"contract_{secrets.token_hex(6)}"
        if self._postgres:
            base = self._postgres.rpartition("/")[0]
            settings = {"DATABASE_URL": f"{base}/{self._database}", **settings}
        if os.environ.get("REDIS_URL"):
            settings = {"REDIS_URL": os.environ["REDIS_URL"], **settings}
        self.process = ForkedServerProcess(folder, **settings)
        self.http = httpx.Client(base_url=self.process.url, timeout=20.0)
        self._tokens: dict[str, tuple[float, dict[str, str]]] = {}

    def __enter__(self) -> Self:
        if self._postgres:
            create_postgres(self._postgres, self._database)
        else:
            copy_sqlite(self.process.database_path.parent)
        self.process.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.close()
        try:
            self.process.stop()
        finally:
            self._drop()

    def _drop(self) -> None:
        if self._postgres:
            with psycopg.connect(self._postgres, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE "{self._database}" WITH (FORCE)')

    def twin(self) -> Gateway:
        """A second process on this one's database, with the same people and keys; `close` it."""
        twin = Gateway.__new__(Gateway)
        twin._postgres, twin._database, twin._tokens = "", "", {}
        process = ForkedServerProcess(self.process.folder, **self.process._settings)
        process.secret_key, process.passwords = self.process.secret_key, self.process.passwords
        process.log_path = self.process.folder / f"twin-{process.port}.log"
        twin.process = process
        twin.http = httpx.Client(base_url=process.url, timeout=20.0)
        process.start()
        return twin

    def close(self) -> None:
        self.http.close()
        self.process.stop()

    # People.

    def sign_in(self, person: str = "demo") -> dict[str, str]:
        """A new sign-in's {access, refresh}."""
        credentials = {"username": person, "password": self.process.passwords[person]}
        answer = self.http.post("/api/token/", json=credentials)
        assert answer.status_code == 200, answer.text
        tokens: dict[str, str] = answer.json()
        return tokens

    def access(self, person: str = "demo") -> str:
        signed_in_at, tokens = self._tokens.get(person, (0.0, {}))
        if not tokens or time.monotonic() - signed_in_at > SIGNED_IN_S:
            tokens = self.sign_in(person)
            self._tokens[person] = (time.monotonic(), tokens)
        return tokens["access"]

    def request(
        self, method: str, path: str, *, person: str = "demo", token: str = "", **options: Any
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token or self.access(person)}"}
        return self.http.request(method, path, headers=headers, **options)

    # Sessions.

    def mint(self, *, person: str = "demo", token: str = "", **wishes: Any) -> dict[str, Any]:
        path = "/api/voice/realtime-session"
        answer = self.request("POST", path, person=person, token=token, json=wishes)
        assert answer.status_code == 200, answer.text
        minted: dict[str, Any] = answer.json()
        return minted

    def session(self, session_id: str) -> dict[str, Any]:
        answer = self.request("GET", f"/api/voice/sessions/{session_id}/")
        assert answer.status_code == 200, answer.text
        session: dict[str, Any] = answer.json()
        return session

    def items(self, conversation_id: str) -> list[dict[str, Any]]:
        answer = self.request("GET", f"/api/conversations/{conversation_id}/items/")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["results"]
        return items

    @property
    def socket_url(self) -> str:
        return f"ws://127.0.0.1:{self.process.port}/v1/realtime"

    async def dial(
        self,
        key: str = "",
        *,
        query: str = "",
        subprotocols: Sequence[str] = (),
        origin: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Socket:
        """Open `/v1/realtime`. `key` goes into the Authorization header; with `subprotocols` put it
        there yourself."""
        authorization = {"Authorization": f"Bearer {key}"} if key else {}
        connection = await connect(
            self.socket_url + query,
            additional_headers=authorization | (headers or {}),
            subprotocols=[Subprotocol(name) for name in subprotocols] or None,
            origin=Origin(origin) if origin is not None else None,
            max_size=None,
            max_queue=None,  # a test that stops reading must still see the close
            ping_interval=None,
        )
        return Socket(connection)

    @asynccontextmanager
    async def call(self, minted: dict[str, Any], **options: Any) -> AsyncIterator[Socket]:
        """An open session: `session.created` has been received."""
        socket = await self.dial(minted["api_key"], **options)
        try:
            await socket.wait_for("session.created")
            yield socket
        finally:
            await socket.connection.close()


class Socket:
    """A client's end. Keeps every event it read in `events`."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.events: list[dict[str, Any]] = []

    async def send(self, **event: Any) -> None:
        await self.connection.send(json.dumps(event))

    async def next_event(self) -> dict[str, Any]:
        raw = await asyncio.wait_for(self.connection.recv(), EVENT_TIMEOUT_S)
        event: dict[str, Any] = json.loads(raw)
        self.events.append(event)
        return event

    async def wait_for(self, *types: str) -> dict[str, Any]:
        while True:
            event = await self.next_event()
            if event["type"] in types:
                return event

    async def say(self, text: str, *, answer: bool = True) -> None:
        """A typed message and the wish for a written answer."""
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content}
        await self.send(type="conversation.item.create", item=item)
        if answer:
            await self.send(type="response.create", response={"output_modalities": ["text"]})

    async def closed(self, timeout_s: float = EVENT_TIMEOUT_S) -> tuple[int, str]:
        """Read to the end; returns the server's close code and reason."""
        with suppress(ConnectionClosed):
            async with asyncio.timeout(timeout_s):
                while True:
                    self.events.append(json.loads(await self.connection.recv()))
        assert self.connection.close_code not in (None, 1006), "broke without a close frame"
        return self.connection.close_code or 0, self.connection.close_reason or ""

    def errors(self) -> list[str]:
        return [event["error"]["code"] for event in self.events if event["type"] == "error"]


async def in_state(
    gateway: Gateway, session_id: str, state: str, within_s: float = EVENT_TIMEOUT_S
) -> dict[str, Any]:
    """The session's REST description once it is in this state: rows follow the socket, closely."""
    deadline = time.monotonic() + within_s
    while (session := gateway.session(session_id))["state"] != state:
        assert time.monotonic() < deadline, f"{session_id} is still {session['state']}"
        await asyncio.sleep(0.1)
    return session


async def ended(
    gateway: Gateway, session_id: str, within_s: float = EVENT_TIMEOUT_S
) -> dict[str, Any]:
    """The session's REST description once it has ended."""
    return await in_state(gateway, session_id, "ended", within_s)
