"""A provider that follows a script, and refuses to be spoken to in any other way."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import orjson

from realtime.core.errors import VoiceError
from realtime.runtime.ports import UpstreamClosed, UpstreamTarget
from tests.fakes import events
from tests.fakes.events import Event


class UnexpectedSend(AssertionError):
    """The session sent something that the script does not expect next."""


class UnconsumedSteps(AssertionError):
    """The script was not played to its end."""


@dataclass(frozen=True, slots=True)
class Expect:
    """The session must now send an event of this type that passes `check`."""

    type: str
    check: Callable[[Event], bool] = lambda event: True


@dataclass(frozen=True, slots=True)
class Emit:
    """Events (or raw texts) the provider sends, as soon as all before has happened."""

    events: tuple[Event | str, ...]


@dataclass(frozen=True, slots=True)
class Close:
    code: int = 1006
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Go on only once the test calls `proceed`."""


Step: TypeAlias = Expect | Emit | Close | Wait


def emit(*emitted: Event | str) -> Emit:
    return Emit(emitted)


SET_UP: tuple[Step, ...] = (
    emit(events.session_created()),
    Expect("session.update"),
    emit(events.session_updated()),
)


class ScriptedUpstream:
    """An `Upstream`. After its last step it stays silent until it is closed.

    ignores: client event types that may come at any time (a microphone's frames).
    """

    def __init__(
        self,
        steps: Sequence[Step] = SET_UP,
        *,
        open_error: VoiceError | None = None,
        ignores: frozenset[str] = frozenset({"input_audio_buffer.append"}),
    ) -> None:
        self.received: list[Event] = []
        self.received_raw: list[str] = []
        self.is_closed = False
        self.failure: UnexpectedSend | None = None
        self._steps = deque(steps)
        self._open_error = open_error
        self._ignores = ignores
        self._outgoing: asyncio.Queue[str | Close] = asyncio.Queue()
        self._may_take = asyncio.Event()
        self._may_take.set()

    async def open(self) -> None:
        if self._open_error is not None:
            raise self._open_error
        self._advance()

    async def send(self, raw: str) -> None:
        await self._may_take.wait()
        if self.is_closed:
            raise UpstreamClosed(1006)
        self.take(raw)

    @property
    def may_take(self) -> bool:
        return self._may_take.is_set()

    def take(self, raw: str) -> None:
        event = orjson.loads(raw)
        self.received.append(event)
        self.received_raw.append(raw)
        if event["type"] in self._ignores:
            return
        step = self._steps.popleft() if self._steps else None
        if not isinstance(step, Expect) or step.type != event["type"] or not step.check(event):
            self.failure = UnexpectedSend(f"sent {event}, the script says {step}")
            raise self.failure
        self._advance()

    async def receive(self) -> str:
        frame = await self._outgoing.get()
        if isinstance(frame, Close):
            self._outgoing.put_nowait(frame)
            raise UpstreamClosed(frame.code, frame.reason)
        return frame

    async def aclose(self) -> None:
        self.is_closed = True
        self._outgoing.put_nowait(Close(1000, "closed by us"))

    def proceed(self) -> None:
        """Pass the Wait the script stands at."""
        assert isinstance(self._steps[0], Wait), f"the script stands at {self._steps[0]}"
        self._steps.popleft()
        self._advance()

    def emit_now(self, *emitted: Event | str) -> None:
        """Send events that no script foresaw."""
        for event in emitted:
            self._outgoing.put_nowait(event if isinstance(event, str) else events.text(event))

    def stop_taking(self) -> None:
        """Let every `send` wait, like a provider whose socket is full."""
        self._may_take.clear()

    def take_again(self) -> None:
        self._may_take.set()

    def assert_finished(self) -> None:
        if self.failure is not None:
            raise self.failure
        if self._steps:
            raise UnconsumedSteps(f"not reached: {list(self._steps)}")

    def _advance(self) -> None:
        while self._steps and not isinstance(self._steps[0], Expect | Wait):
            step = self._steps.popleft()
            if isinstance(step, Close):
                self.is_closed = True
                self._outgoing.put_nowait(step)
            elif isinstance(step, Emit):
                self.emit_now(*step.events)


@dataclass(slots=True)
class ScriptedProvider:
    """An UpstreamFactory that hands out scripted sessions, one per dial."""

    sessions: list[ScriptedUpstream]
    targets: list[UpstreamTarget] = field(default_factory=list)

    def __call__(self, target: UpstreamTarget) -> ScriptedUpstream:
        assert len(self.targets) < len(self.sessions), "dialed more often than scripted"
        self.targets.append(target)
        return self.sessions[len(self.targets) - 1]

    def assert_finished(self) -> None:
        assert len(self.targets) == len(self.sessions), "dialed less often than scripted"
        for session in self.sessions:
            session.assert_finished()
