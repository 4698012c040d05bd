"""A receiver of webhooks: keeps what it got and answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WAIT_S = 30.0


@dataclass(frozen=True)
class Received:
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.body)
        return event


class WebhookReceiver:
    """`answers` are given in turn, the last one for good: a status, and headers."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: list[tuple[int, dict[str, str]]] = [(204, {})]
        self.url = ""
        # Answers wait for it: clear it to keep a sender waiting.
        self.may_answer = threading.Event()
        self.may_answer.set()
        self._arrived = threading.Condition()

    def take(self, received: Received) -> tuple[int, dict[str, str]]:
        with self._arrived:
            self.received.append(received)
            self._arrived.notify_all()
        self.may_answer.wait(WAIT_S)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def wait_for(self, count: int) -> list[Received]:
        """What came, once there is so much of it."""
        with self._arrived:
            arrived = self._arrived.wait_for(lambda: len(self.received) >= count, WAIT_S)
        assert arrived, f"{len(self.received)} of {count} arrived"
        return self.received[:count]

    def wait_for_call(self, session_id: str) -> Received:
        """The report of this call; others may come before it."""

        def found() -> list[Received]:
            return [one for one in self.received if one.event["data"]["session_id"] == session_id]

        with self._arrived:
            assert self._arrived.wait_for(found, WAIT_S), f"{session_id} was not reported"
            return found()[0]


@contextmanager
def webhook_receiver() -> Iterator[WebhookReceiver]:
    receiver = WebhookReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, extra = receiver.take(Received(self.path, headers, body))
            self.send_response(status)
            for name, value in extra.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """It would write a line for each request."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.may_answer.set()
        server.shutdown()
        server.server_close()
        thread.join()
