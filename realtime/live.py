"""The sessions this process carries right now."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from realtime.core.allowance import Allowance
from realtime.core.effects import EndReason
from realtime.core.errors import NotFound, SessionEnded
from realtime.reservations import Grant
from realtime.runtime.runner import SessionRunner


@dataclass(frozen=True, slots=True)
class LiveSession:
    """One connection's run of a session; a takeover is a second one under the same public id."""

    pk: int
    public_id: str
    connection_id: str
    user_id: int
    conversation_id: uuid.UUID
    runner: SessionRunner

    @property
    def is_answering(self) -> bool:
        return self.runner.session.busy

    def allow(self, grant: Grant) -> None:
        """What the user's quota leaves it, counted just now."""
        until = None if grant.voice_left_s is None else time.monotonic() + grant.voice_left_s
        self.runner.allow(Allowance(until, grant.is_money_spent, grant.low))

    def end(self, reason: EndReason, note: str = "") -> None:
        """Ask for the end; repeated calls are harmless. `note`: why, in the words of the
        administrator who ends it; the person who talks reads it."""
        error = None
        if note and reason is EndReason.ADMIN_ENDED:
            error = SessionEnded(f"The session was ended by an administrator: {note}")
        self.runner.end(reason, error)

    def end_for_lost_conversation(self) -> None:
        """Its conversation was deleted: nothing said from now on would have a home (4404)."""
        error = NotFound("The conversation was deleted.", code="conversation_not_found")
        self.runner.end(EndReason.POLICY_BLOCKED, error)


@dataclass(slots=True)
class LiveSessions:
    """Use on the event loop only."""

    _by_connection: dict[str, LiveSession] = field(default_factory=dict)

    def add(self, session: LiveSession) -> None:
        self._by_connection[session.connection_id] = session

    def remove(self, connection_id: str) -> None:
        self._by_connection.pop(connection_id, None)

    def connection(self, connection_id: str) -> LiveSession | None:
        return self._by_connection.get(connection_id)

    def of_public_id(self, public_id: str) -> list[LiveSession]:
        return [session for session in self if session.public_id == public_id]

    def __iter__(self) -> Iterator[LiveSession]:
        return iter(list(self._by_connection.values()))

    def __len__(self) -> int:
        return len(self._by_connection)
