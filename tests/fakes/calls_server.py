"""A provider's WebRTC side as a real server: takes calls, plays their sidebands, is hung up.

It answers as the recordings do. There is no media: what a caller does is told by `emit`.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import orjson
import uvicorn

from realtime.core.session_config import merge_session
from tests.fakes import events
from tests.fakes.events import Event
from tests.fakes.recordings import recorded_call

PATH = "/v1/realtime"
WAIT_S = 30.0


@dataclass(slots=True)
class HttpRequest:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class FakeCall:
    """received: client events of its sidebands. session: what is in effect."""

    call_id: str
    session: Event
    received: list[Event] = field(default_factory=list)
    is_hung_up: bool = False
    outgoing: list[asyncio.Queue[str | int]] = field(default_factory=list)
    attached: int = 0


class FakeCallsProvider:
    """refuse_with: (status, content type, body) instead of an answer.
    not_ready: how many sidebands are refused with 404 before one is let in.
    answer_after_s: how long it thinks about an offer."""

    def __init__(self) -> None:
        self.requests: list[HttpRequest] = []
        self.sockets: list[HttpRequest] = []
        self.calls: list[FakeCall] = []
        self.refuse_with: tuple[int, str, bytes] | None = None
        self.not_ready = 0
        self.answer_after_s = 0.0
        self.url = ""
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def offers(self) -> list[HttpRequest]:
        """The requests for calls; hanging up an earlier one may come in between."""
        return [request for request in self.requests if request.path == f"{PATH}/calls"]

    # What a test does.

    def emit(self, *sent: Event, call: int = -1) -> None:
        """The provider tells everybody on the call."""
        chosen = self.calls[call]
        self._tell(chosen, *(events.text(event) for event in sent))

    def cut(self, code: int, call: int = -1) -> None:
        """Close the sidebands of the call."""
        chosen = self.calls[call]
        self._tell(chosen, code)

    def update_by_client(self, patch: Event, call: int = -1) -> None:
        """The caller sent `session.update` by its data channel."""
        chosen = self.calls[call]
        chosen.session = merge_session(chosen.session, patch)
        self.emit(_updated(chosen), call=call)

    def wait(self, what: Callable[[], Any], within_s: float = WAIT_S) -> Any:
        """What it returns once that is true."""
        deadline = time.monotonic() + within_s
        while not (found := what()):
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.01)
        return found

    def wait_attached(self, call: int = -1, times: int = 1) -> FakeCall:
        """The call, once its sideband has been answered."""
        self.wait(lambda: self.calls and self.calls[call].attached >= times)
        return self.calls[call]

    def _tell(self, call: FakeCall, *items: str | int) -> None:
        assert self._loop is not None
        for item in items:
            for queue in list(call.outgoing):
                self._loop.call_soon_threadsafe(queue.put_nowait, item)

    # The server.

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            self._loop = asyncio.get_running_loop()
            while True:
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        headers = {key.decode(): value.decode() for key, value in scope["headers"]}
        if scope["type"] == "websocket":
            self.sockets.append(HttpRequest(scope["path"], headers, scope["query_string"]))
            await self._sideband(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.requests.append(HttpRequest(scope["path"], headers, body))
        await self._answer(scope["path"], body, headers, send)

    async def _answer(self, path: str, body: bytes, headers: dict[str, str], send: Any) -> None:
        if path.endswith("/hangup"):
            call_id = path.split("/")[-2]
            for call in self.calls:
                if call.call_id == call_id:
                    call.is_hung_up = True
                    for queue in call.outgoing:
                        queue.put_nowait(1000)
            await _respond(send, 200, {}, b"")
        elif self.refuse_with is not None:
            status, kind, text = self.refuse_with
            await _respond(send, status, {"content-type": kind, "retry-after": "7"}, text)
        else:
            await asyncio.sleep(self.answer_after_s)
            response = recorded_call()["response"]
            call_id = f"rtc_u2_{len(self.calls)}xw9V7Wm6BbwNyTjXvsL"
            session = merge_session(events.SESSION, orjson.loads(form_part(body, "session")))
            self.calls.append(FakeCall(call_id, session))
            told = {
                "content-type": response["headers"]["content-type"][0],
                "location": f"/v1/realtime/calls/{call_id}",
            }
            await _respond(
                send, response["status"]["code"], told, response["body"]["string"].encode()
            )

    async def _sideband(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()  # websocket.connect
        call_id = parse_qs(scope["query_string"].decode()).get("call_id", [""])[0]
        call = next((c for c in self.calls if c.call_id == call_id and not c.is_hung_up), None)
        if call is None or self.not_ready > 0:
            self.not_ready -= 1
            body = b'{"error":{"message":"No session found for the provided call_id","code":'
            body += b'"call_id_not_found","type":"invalid_request_error","param":""}}'
            await send({"type": "websocket.http.response.start", "status": 404, "headers": []})
            await send({"type": "websocket.http.response.body", "body": body})
            return
        await send({"type": "websocket.accept"})
        queue: asyncio.Queue[str | int] = asyncio.Queue()
        call.outgoing.append(queue)
        sending = asyncio.create_task(_send_all(queue, send))
        try:
            while True:
                message = await receive()
                if message["type"] == "websocket.disconnect":
                    return
                self._obey(call, orjson.loads(message["text"]), queue)
        finally:
            call.outgoing.remove(queue)
            sending.cancel()

    def _obey(self, call: FakeCall, event: Event, queue: asyncio.Queue[str | int]) -> None:
        call.received.append(event)
        if event["type"] == "session.update":
            call.session = merge_session(call.session, event["session"])
            queue.put_nowait(events.text(_updated(call)))
            call.attached += 1


def _updated(call: FakeCall) -> Event:
    return {"type": "session.updated", "event_id": "event_u", "session": call.session}


async def _send_all(queue: asyncio.Queue[str | int], send: Any) -> None:
    while True:
        item = await queue.get()
        if isinstance(item, int):
            await send({"type": "websocket.close", "code": item})
            return
        await send({"type": "websocket.send", "text": item})


async def _respond(send: Any, status: int, headers: dict[str, str], body: bytes) -> None:
    pairs = [(key.encode(), value.encode()) for key, value in headers.items()]
    pairs.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


def form_part(body: bytes, name: str) -> bytes:
    """The content of one part of a form."""
    head, _, _ = body.partition(b"\r\n")
    for part in body.split(head):
        if f'name="{name}"'.encode() in part:
            return part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
    raise AssertionError(f"no part {name}")


@contextlib.contextmanager
def fake_calls_provider() -> Iterator[FakeCallsProvider]:
    """Serve on a free port of the loopback; `url` is what REALTIME_BASE_URL would be."""
    fake = FakeCallsProvider()
    config = uvicorn.Config(
        fake, host="127.0.0.1", port=0, log_config=None, lifespan="on", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    fake.url = f"ws://127.0.0.1:{port}{PATH}"
    try:
        yield fake
    finally:
        server.should_exit = True
        thread.join(timeout=10)
