"""A program that talks by plain HTTP, and what it hears."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from tests.contract.gateway import Gateway
from tests.headless.recordings import GO_FORWARD

SESSIONS = "/api/voice/sessions/"
WAIT_S = 30.0
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SseEvent:
    id: int
    name: str
    data: Json


class Person:
    """Use as a context manager: what was started is stopped at the end."""

    def __init__(self, gateway: Gateway, name: str = "demo") -> None:
        self.gateway = gateway
        self.name = name
        self._started: list[Call] = []

    def __enter__(self) -> Person:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for call in self._started:
            call.post("stop")

    def ask(
        self, method: str, path: str, *, at: Gateway | None = None, **options: Any
    ) -> httpx.Response:
        headers = {
            "Authorization": f"Bearer {self.gateway.access(self.name)}",
            **options.pop("headers", {}),
        }
        return (at or self.gateway).http.request(method, path, headers=headers, **options)

    def start(self, *, at: Gateway | None = None, **wishes: Any) -> Call:
        answer = self.ask("POST", SESSIONS, at=at, json=wishes)
        assert answer.status_code == 201, answer.text
        call = Call(self, answer.json())
        self._started.append(call)
        return call


class Call:
    """One session. `at` names another server process than the one it was started at."""

    def __init__(self, person: Person, started: Json) -> None:
        self.person = person
        self.started = started
        self.id: str = started["session_id"]
        self.conversation_id: str = started["conversation_id"]

    @property
    def path(self) -> str:
        return SESSIONS + self.id

    def post(self, verb: str, *, at: Gateway | None = None, **options: Any) -> httpx.Response:
        return self.person.ask("POST", f"{self.path}/{verb}", at=at, **options)

    def say(self, text: str, *, at: Gateway | None = None) -> None:
        answer = self.post("text", at=at, json={"text": text})
        assert answer.status_code == 202, answer.text

    def speak(
        self,
        sound: bytes | Path = GO_FORWARD,
        content_type: str = "audio/wav",
        *,
        at: Gateway | None = None,
    ) -> None:
        """Post the recording and commit."""
        body = sound.read_bytes() if isinstance(sound, Path) else sound
        answer = self.post("audio", at=at, content=body, headers={"Content-Type": content_type})
        assert answer.status_code == 202, answer.text
        answer = self.post("commit", at=at)
        assert answer.status_code == 202, answer.text

    @contextmanager
    def listen(
        self, what: str = "events", *, after: int | None = None, at: Gateway | None = None
    ) -> Iterator[Iterator[SseEvent]]:
        """The stream's events as they come, through its URL with the token."""
        url = self.url(what, at)
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        with httpx.stream("GET", url, headers=headers, timeout=WAIT_S, trust_env=False) as answer:
            assert answer.status_code == 200, answer.read()
            assert answer.headers["content-type"] == "text/event-stream"
            yield sse_events(answer.iter_lines())

    def url(self, what: str, at: Gateway | None = None) -> str:
        url: str = self.started[f"{'audio' if what == 'audio.wav' else what}_url"]
        return url if at is None else at.process.url + url[url.index("/api/") :]

    def hear(
        self,
        enough: Callable[[list[SseEvent]], bool],
        what: str = "events",
        *,
        after: int | None = None,
        at: Gateway | None = None,
    ) -> list[SseEvent]:
        """Everything up to the event with which it is enough."""
        heard: list[SseEvent] = []
        with self.listen(what, after=after, at=at) as events:
            for event in events:
                heard.append(event)
                if enough(heard):
                    return heard
        raise AssertionError(f"the stream ended after {[event.name for event in heard]}")

    def turn(self, *, after: int | None = None, at: Gateway | None = None) -> Heard:
        """What is heard until an answer is done, and what was said is transcribed."""
        return Heard(self.hear(is_answered, after=after, at=at))

    def keep_sound(self, target: Path, *, at: Gateway | None = None) -> threading.Thread:
        """Save `audio.wav` until the session ends, on a thread of its own, which listens already
        when this returns."""
        listening = threading.Event()

        def save() -> None:
            with (
                httpx.stream(
                    "GET", self.url("audio.wav", at), timeout=None, trust_env=False
                ) as answer,
                target.open("wb") as file,
            ):
                for chunk in answer.iter_bytes():
                    file.write(chunk)
                    listening.set()

        thread = threading.Thread(target=save, daemon=True)
        thread.start()
        assert listening.wait(WAIT_S)
        return thread


class Heard:
    """One turn's events and the words in them."""

    def __init__(self, events: list[SseEvent]) -> None:
        self.events = events
        self.last_id = events[-1].id

    def words(self, name: str, field: str) -> str:
        return " ".join(event.data[field] for event in self.events if event.name == name)

    @property
    def user(self) -> str:
        return self.words("conversation.item.input_audio_transcription.completed", "transcript")

    @property
    def assistant(self) -> str:
        return self.words("response.output_audio_transcript.done", "transcript")

    @property
    def item_id(self) -> str:
        """The answer's."""
        done = self.events[[event.name for event in self.events].index("response.done")]
        item_id: str = done.data["response"]["output"][0]["id"]
        return item_id


def is_answered(events: list[SseEvent]) -> bool:
    names = [event.name for event in events]
    spoken = names.count("input_audio_buffer.committed")
    transcribed = names.count("conversation.item.input_audio_transcription.completed")
    return "response.done" in names and spoken == transcribed


def sse_events(lines: Iterator[str]) -> Iterator[SseEvent]:
    """As the WHATWG's standard has a client read them."""
    fields: dict[str, str] = {}
    for line in lines:
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        elif "data" in fields:
            yield SseEvent(
                int(fields.get("id", "0")),
                fields.get("event", "message"),
                json.loads(fields["data"]),
            )
            fields = {}
        else:
            fields = {}
