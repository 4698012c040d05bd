"""A WebRTC call as the core sees it: our line beside it, and what the provider tells."""

from __future__ import annotations

from typing import Any

from realtime.core.effects import (
    Effect,
    EndReason,
    EndSession,
)
from realtime.core.records import (
    RecordingGap,
)
from realtime.core.session import Session
from realtime.core.session_config import CallSetup
from tests.fakes import events
from tests.fakes.events import Event
from tests.fakes.sessions import (
    make_setup,
    records,
)

IN_EFFECT = {**events.SESSION, "instructions": "Server secret.\n\nBe brief."}


class Call:
    """A call whose provider has taken our line."""

    def __init__(self, *, call: CallSetup | None = None, attach: bool = True, **changes: Any):
        self.session = Session(make_setup(call=call or CallSetup(), **changes), 0.0)
        self.now = 0.0
        self.opening = self.session.open()
        if attach:
            self.opening += self.attach()

    def attach(self, at: float | None = None, **in_effect: Any) -> list[Effect]:
        self.now = self.now if at is None else at
        effects = self.session.upstream_opened(self.now)
        return effects + self.feed(self.updated(**in_effect))

    def updated(self, **in_effect: Any) -> Event:
        return events.session_updated(**{**IN_EFFECT, **in_effect})

    def feed(self, *provider_events: Event, at: float | None = None) -> list[Effect]:
        self.now = self.now if at is None else at
        effects: list[Effect] = []
        for event in provider_events:
            effects += self.session.receive_from_upstream(events.text(event), self.now)
        return effects

    def drop(
        self, code: int = 1006, unsent: tuple[str, ...] = (), reason: str = ""
    ) -> list[Effect]:
        return self.session.upstream_closed(code, reason, self.now, unsent)

    def tick(self, at: float) -> list[Effect]:
        self.now = at
        return self.session.tick(at)


def end_of(effects: list[Effect]) -> EndReason | None:
    ends = [effect.reason for effect in effects if isinstance(effect, EndSession)]
    return ends[0] if ends else None


def gaps(effects: list[Effect]) -> list[RecordingGap]:
    return [record for record in records(effects) if isinstance(record, RecordingGap)]


def buffer(name: str, response_id: str = "resp_1") -> Event:
    return {"type": f"output_audio_buffer.{name}", "event_id": "e", "response_id": response_id}


def answer(item_id: str = "item_a", response_id: str = "resp_1") -> list[Event]:
    """An answer up to where it begins to sound."""
    return [
        events.response_created(response_id),
        events.output_item("added", response_id, events.assistant(item_id, status="in_progress")),
        events.item_event("added", events.assistant(item_id, status="in_progress")),
        buffer("started", response_id),
    ]


def done(item_id: str = "item_a", response_id: str = "resp_1", words: str = "Hello.") -> Event:
    return events.response_done(response_id, events.assistant(item_id, words))
