"""The sessions this process carries right now."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from realtime.core.effects import EndReason
from realtime.runtime.ports import ClientPort
from realtime.runtime.runner import SessionRunner


class LiveClient:
    """The face's client; its close may be told differently, where only we know the cause."""

    def __init__(self, client: ClientPort) -> None:
        self._client = client
        self.close_instead: tuple[int, str] | None = None

    async def send(self, raw: str) -> None:
        await self._client.send(raw)

    async def close(self, code: int, reason: str) -> None:
        await self._client.close(*(self.close_instead or (code, reason)))


@dataclass(frozen=True, slots=True)
class LiveSession:
    """One connection's run of a session; a takeover is a second one under the same public id."""

    pk: int
    public_id: str
    connection_id: str
    user_id: int
    conversation_id: uuid.UUID
    client: LiveClient
    runner: SessionRunner

    def end(self, reason: EndReason) -> None:
        """Ask for the end; repeated calls are harmless."""
        self.runner.end(reason)

    def end_for_lost_conversation(self) -> None:
        """Its conversation was deleted: nothing said from now on would have a home (4404)."""
        self.client.close_instead = (4404, "conversation_not_found")
        self.runner.end(EndReason.POLICY_BLOCKED)


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
