"""One pure session with scripted ears and voice, real rules, and time that the test moves."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np

from realtime.upstream.embedded.effects import Abandon, Close, Effect, Hear, Send, Speak, Think
from realtime.upstream.embedded.mind.rules import answer
from realtime.upstream.embedded.output_items import split_words
from realtime.upstream.embedded.ports import Context, Heard, Origin, SpokenWord
from realtime.upstream.embedded.response import Pace
from realtime.upstream.embedded.session import EmbeddedSession
from tests.embedded.wire import check_event

NOON = datetime(2026, 11, 21, 12, 5, tzinfo=UTC)
WORD_MS = 200
SAMPLES_PER_MS = 24


class Studio:
    """`send` client events, look at `events`; every event is checked against the official types.

    Each word takes 200 ms to say. With `hold_ears` or `hold_voice` results wait for `hear_now` or
    `speak_now`.
    """

    def __init__(self, **session_options: Any) -> None:
        session_options.setdefault("pace", Pace(head_start_ms=1000, rate=2.0))
        self.now = 1000.0
        self.events: list[dict[str, Any]] = []
        self.contexts: list[Context] = []
        self.closed: Close | None = None
        self.will_hear: list[Heard] = []
        self.hold_ears = False
        self.hold_voice = False
        self.hearing: list[Hear] = []
        self.speaking: list[Speak] = []
        self.abandoned: list[str] = []
        self._jobs: list[Callable[[], None]] = []
        self.session = EmbeddedSession(
            "gpt-realtime-2.1", self.now, 1_800_000_000, **session_options
        )
        self._perform(self.session.open())

    def send(self, event_type: str, **fields: Any) -> list[dict[str, Any]]:
        """The events this client event caused right away."""
        return self.send_raw(json.dumps({"type": event_type, **fields}))

    def send_raw(self, raw: str | bytes) -> list[dict[str, Any]]:
        before = len(self.events)
        self._perform(self.session.receive(raw, self.now))
        while self.session.busy:
            self._perform(self.session.work(self.now))
        return self.events[before:]

    def configure(self, **session: Any) -> list[dict[str, Any]]:
        return self.send("session.update", session={"type": "realtime", **session})

    def type_text(self, text: str, **item: Any) -> list[dict[str, Any]]:
        content = [{"type": "input_text", "text": text}]
        message = {"type": "message", "role": "user", "content": content, **item}
        return self.send("conversation.item.create", item=message)

    def ask(self, text: str, **response: Any) -> str:
        """Type, ask for a text response, return what it said."""
        self.type_text(text)
        options = {"output_modalities": ["text"], **response}
        return said(self.send("response.create", response=options))

    def append(self, samples: np.ndarray[Any, Any], frame_ms: int = 20) -> list[dict[str, Any]]:
        before = len(self.events)
        audio = samples.astype("<i2").tobytes()
        step = frame_ms * SAMPLES_PER_MS * 2
        for start in range(0, len(audio), step):
            chunk = base64.b64encode(audio[start : start + step]).decode()
            self.send("input_audio_buffer.append", audio=chunk)
        return self.events[before:]

    def wait(self, seconds: float) -> list[dict[str, Any]]:
        """Let time pass, ticking whenever the session asked for it."""
        before = len(self.events)
        end = self.now + seconds
        while (deadline := self.session.next_deadline(self.now)) <= end and self.closed is None:
            self.now = max(self.now, deadline)
            self._perform(self.session.tick(self.now))
        self.now = end
        return self.events[before:]

    def hear_now(self, text: str, origin: Origin = Origin.PHRASEBOOK) -> list[dict[str, Any]]:
        before = len(self.events)
        question = self.hearing.pop(0)
        self._perform(self.session.heard(question.item_id, Heard(text, origin, 1000), self.now))
        return self.events[before:]

    def fail_to_hear(self, code: str) -> list[dict[str, Any]]:
        before = len(self.events)
        question = self.hearing.pop(0)
        self._perform(self.session.not_heard(question.item_id, code, "busy", self.now))
        return self.events[before:]

    def _perform(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Send):
                event = json.loads(effect.raw)
                check_event(event)
                self.events.append(event)
            elif isinstance(effect, Hear):
                self._jobs.append(partial(self._hear, effect))
            elif isinstance(effect, Think):
                self._jobs.append(partial(self._think, effect))
            elif isinstance(effect, Speak):
                self._jobs.append(partial(self._speak, effect))
            elif isinstance(effect, Abandon):
                self.abandoned.append(effect.response_id)
            elif isinstance(effect, Close):
                self.closed = effect
        while self._jobs:  # as in the driver, results come after the effects that asked
            self._jobs.pop(0)()

    def _hear(self, question: Hear) -> None:
        if self.hold_ears:
            self.hearing.append(question)
        else:
            heard = self.will_hear.pop(0)
            self._perform(self.session.heard(question.item_id, heard, self.now))

    def _think(self, question: Think) -> None:
        self.contexts.append(question.context)
        for thought in answer(question.context, NOON):
            self._perform(self.session.thought(question.response_id, thought, self.now))
        self._perform(self.session.thinking_ended(question.response_id, self.now))

    def _speak(self, question: Speak) -> None:
        if self.hold_voice:
            self.speaking.append(question)
            return
        size = WORD_MS * question.audio_format.bytes_per_ms
        words = [SpokenWord(word, b"\1" * size) for word in split_words(question.text)]
        self._perform(self.session.spoken(question.response_id, words, self.now))


def said(events: Sequence[dict[str, Any]]) -> str:
    """What the finished response among `events` said, written or spoken."""
    for event in events:
        if event["type"] == "response.output_text.done":
            return str(event["text"])
        if event["type"] == "response.output_audio_transcript.done":
            return str(event["transcript"])
    raise AssertionError([event["type"] for event in events])


def find(events: Sequence[dict[str, Any]], event_type: str) -> dict[str, Any]:
    """The only event of a type."""
    found = [event for event in events if event["type"] == event_type]
    assert len(found) == 1, [event["type"] for event in events]
    return found[0]


def error_code(events: Sequence[dict[str, Any]]) -> str:
    return str(find(events, "error")["error"]["code"])


def speech_like(duration_ms: int, seed: int = 7) -> np.ndarray[Any, Any]:
    """A voiced buzz at 120 Hz with formants and syllables: speech, to a detector."""
    rng = np.random.default_rng(seed)
    t = np.arange(duration_ms * SAMPLES_PER_MS) / 24_000
    buzz = sum(np.sin(2 * np.pi * 120 * k * t) / k for k in range(1, 30))
    syllables = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * t)
    return np.asarray(buzz * syllables * 6000 + rng.normal(0, 30, t.size)).astype(np.int16)


def silence(duration_ms: int) -> np.ndarray[Any, Any]:
    return np.zeros(duration_ms * SAMPLES_PER_MS, dtype=np.int16)
