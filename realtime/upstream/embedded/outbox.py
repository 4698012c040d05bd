"""Collects what a session wants done, in order, and gives server events their ids."""

from __future__ import annotations

from typing import Any

import orjson

from realtime.core.errors import InvalidEvent
from realtime.upstream.embedded.effects import Effect, Send
from realtime.upstream.embedded.ids import IdMaker


class Outbox:
    """Append with `send` and `do`; the session empties it with `take` before it returns."""

    def __init__(self, new_id: IdMaker) -> None:
        self._new_id = new_id
        self._effects: list[Effect] = []

    def send(self, event_type: str, **fields: Any) -> None:
        """Queue one server event (protocol §4.2)."""
        event = {"type": event_type, "event_id": self._new_id("event"), **fields}
        self._effects.append(Send(orjson.dumps(event).decode()))

    def send_error(self, error: InvalidEvent, client_event_id: str | None) -> None:
        """Queue an `error` event; the session goes on (protocol §4.5)."""
        self.send(
            "error",
            error={
                "type": error.error_type,
                "code": error.code,
                "message": error.message,
                "param": error.param,
                "event_id": client_event_id,
            },
        )

    def do(self, effect: Effect) -> None:
        self._effects.append(effect)

    def take(self) -> list[Effect]:
        effects, self._effects = self._effects, []
        return effects
