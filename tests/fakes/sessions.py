"""A Session brought to a known state without a provider, a socket or a clock."""

from __future__ import annotations

from typing import Any

import orjson

from realtime.core.effects import Effect, SendClient, SendUpstream, Store
from realtime.core.policy import Policy
from realtime.core.records import Record
from realtime.core.session import Session
from realtime.core.session_config import SessionSetup
from tests.fakes import events
from tests.fakes.events import Event

POLICY = Policy(
    transcription_model="whisper-1",
    transcription_models=frozenset({"whisper-1", "gpt-transcribe"}),
    voices=frozenset({"marin", "cedar"}),
    max_instructions_bytes=100,
    max_tools=2,
)


def make_setup(**changes: Any) -> SessionSetup:
    return SessionSetup(
        **{
            "session_id": "rtc_1_abc",
            "model": "gpt-realtime-2.1",
            "config": {
                "output_modalities": ["audio"],
                "instructions": "Server secret.\n\nBe brief.",
                "audio": {"output": {"voice": "marin"}},
            },
            "policy": POLICY,
            "server_instructions": "Server secret.",
            "client_instructions": "Be brief.",
            **changes,
        }
    )


class LiveSession:
    """A session whose provider has set it up; `feed` and `say` return what came of an event.

    opening: every effect up to going live. session_object: what the provider says is in effect.
    """

    def __init__(
        self,
        session: Session | None = None,
        *,
        session_object: Event | None = None,
        **changes: Any,
    ) -> None:
        self.session = session or Session(make_setup(**changes), 0.0)
        self.now = 0.0
        self.opening: list[Effect] = []
        if session is None:
            self.opening = [*self.session.open(), *self.come_up(session_object)]

    def come_up(self, session_object: Event | None = None) -> list[Effect]:
        """The dial succeeds and the provider answers the set-up."""
        shown = session_object or events.SESSION
        effects = self.session.upstream_opened(self.now)
        effects += self.session.receive_from_upstream(
            events.text({**events.session_created(), "session": shown}), self.now
        )
        effects += self.session.receive_from_upstream(
            events.text({**events.session_updated(), "session": shown}), self.now
        )
        return effects

    def feed(self, *provider_events: Event, at: float | None = None) -> list[Effect]:
        """The provider sends these."""
        self.now = self.now if at is None else at
        effects: list[Effect] = []
        for event in provider_events:
            effects += self.session.receive_from_upstream(events.text(event), self.now)
        return effects

    def say(self, *client_events: Event | str | bytes, at: float | None = None) -> list[Effect]:
        """The client sends these."""
        self.now = self.now if at is None else at
        effects: list[Effect] = []
        for event in client_events:
            raw = events.text(event) if isinstance(event, dict) else event
            effects += self.session.receive_from_client(raw, self.now)
        return effects

    def drop(
        self, code: int = 1006, reason: str = "", unsent: tuple[str, ...] = ()
    ) -> list[Effect]:
        """The provider drops us."""
        return self.session.upstream_closed(code, reason, self.now, unsent)


def records(effects: list[Effect]) -> list[Record]:
    return [effect.record for effect in effects if isinstance(effect, Store)]


def to_client(effects: list[Effect]) -> list[Event]:
    return [orjson.loads(effect.raw) for effect in effects if isinstance(effect, SendClient)]


def to_upstream(effects: list[Effect]) -> list[Event]:
    return [orjson.loads(effect.raw) for effect in effects if isinstance(effect, SendUpstream)]


def types(sent: list[Event]) -> list[str]:
    return [event["type"] for event in sent]


def only_error(effects: list[Effect]) -> Event:
    """The `error` object of the one event these effects consist of."""
    (event,) = to_client(effects)
    assert len(effects) == 1
    assert event["type"] == "error"
    error: Event = event["error"]
    return error
