"""A provider that answers each call with what the real one sent in a recording."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from tests.fakes.recordings import read_recording, websocket_recordings

Event = dict[str, Any]
MARK = "recording: "
# What the real provider waited for. A function's output is none of it: the recorded client sent it
# before the response was done, SDKs send it afterwards.
GATES = ("response.create", "input_audio_buffer.append")
RECORDINGS = {path.stem.split("__")[1]: read_recording(path) for path in websocket_recordings()}


def received(name: str) -> list[Event]:
    """Everything the provider sent in that recording, but for the setting up."""
    return [
        message.event
        for message in RECORDINGS[name]
        if not message.sent and not message.event["type"].startswith("session.")
    ]


def turns(name: str) -> deque[tuple[str, list[Event]]]:
    """What the client must send, and what it then gets, in order."""
    found: deque[tuple[str, list[Event]]] = deque()
    for message in RECORDINGS[name]:
        kind = message.event["type"]
        if not message.sent:
            if found and not kind.startswith("session."):
                found[-1][1].append(message.event)
        elif kind in GATES and not (found and found[-1][0] == kind and not found[-1][1]):
            found.append((kind, []))
    return found


def items(name: str) -> dict[str, Event]:
    """The items of a recording as they are in the end, with what was heard."""
    found: dict[str, Event] = {}
    for event in received(name):
        if event["type"] == "conversation.item.done":
            found[event["item"]["id"]] = event["item"]
        elif event["type"] == "conversation.item.input_audio_transcription.completed":
            content = [{"type": "input_audio", "transcript": event["transcript"]}]
            found[event["item_id"]] = {**found[event["item_id"]], "content": content}
    return found


def set_up(kind: str) -> Event:
    """A recorded `session.created` or `session.updated`."""
    messages = RECORDINGS["test_text_in_audio_out_turn"]
    return next(message.event for message in messages if message.event["type"] == kind)


def answer_call(connection: ServerConnection) -> None:
    """The instructions of the first update say which recording it is to be."""
    name = ""
    script: deque[tuple[str, list[Event]]] = deque()

    def send(*events: Event) -> None:
        for event in events:
            connection.send(json.dumps(event))

    try:
        send(set_up("session.created"))
        while True:
            event = json.loads(connection.recv())
            kind = event["type"]
            if kind == "session.update":
                told = str(event["session"].get("instructions", ""))
                if not name:
                    name = told.partition(MARK)[2].split()[0]
                    script = turns(name)
                send(set_up("session.updated"))
            elif kind == "conversation.item.retrieve":
                item = items(name)[event["item_id"]]
                send({"type": "conversation.item.retrieved", "event_id": "event_r", "item": item})
            elif script and kind == script[0][0]:
                send(*script.popleft()[1])
    except ConnectionClosed:
        return


@contextmanager
def recorded_provider() -> Iterator[str]:
    """Serve on a free port; yields what REALTIME_BASE_URL is to be."""
    server = serve(answer_call, "127.0.0.1", 0, max_size=None)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/v1/realtime"
    finally:
        server.shutdown()
        serving.join()
