"""What the session machine wants done. The runner performs a lane's effects in list order."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from realtime.core.records import Record


class EndReason(StrEnum):
    """Why a session ended (the fixed vocabulary shown in review)."""

    USER_HANGUP = "user_hangup"
    IDLE_TIMEOUT = "idle_timeout"
    MAX_DURATION = "max_duration"
    BUDGET_EXHAUSTED = "budget_exhausted"
    ADMIN_ENDED = "admin_ended"
    CLIENT_LOST = "client_lost"
    UPSTREAM_CLOSED = "upstream_closed"
    UPSTREAM_EXPIRED = "upstream_expired"
    UPSTREAM_ERROR = "upstream_error"
    AUTH_EXPIRED = "auth_expired"
    POLICY_BLOCKED = "policy_blocked"
    SERVER_SHUTDOWN = "server_shutdown"
    SERVER_LOST = "server_lost"
    MOVED_DEVICE = "moved_device"


@dataclass(frozen=True, slots=True)
class SendUpstream:
    raw: str


@dataclass(frozen=True, slots=True)
class SendClient:
    """Forward `raw` (one JSON text frame) to the client.

    droppable: assistant audio that a slow reader may lose. It is also the only frame that may
        overtake a pending Store.
    item_ids: the items whose final text this frame carries; while the Store of one of them has
        failed the frame is withheld.
    opens: it announces an answer or one of its items; the sound of it waits a moment, so that none
        comes before the answer it belongs to, as long as the database is not away.
    event_id: the frame's own, by which a client that resumes says how far it got; "" where it has
        none, which never happens in a session that can be resumed.
    """

    raw: str
    droppable: bool = False
    item_ids: tuple[str, ...] = ()
    opens: bool = False
    event_id: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Store:
    """Persist, in order.

    holds: nothing behind this in the list (but droppable audio) reaches the client before it is
        written. So it is for the text of an item; that an item was opened, or what a response
        cost, is written on the way: a slow database must not hold back `speech_started`.
    """

    record: Record
    holds: bool = True


@dataclass(frozen=True, slots=True)
class OpenUpstream:
    """Dial (again) after `delay_s`; answer with `Session.upstream_opened` or `upstream_failed`."""

    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class CloseUpstream:
    pass


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """`session.created` was sent just before: the secret is used up, the session is live."""


@dataclass(frozen=True, slots=True)
class DetachClient:
    """The client's line broke, and it may come back: keep what it misses until
    `Session.client_resumed`, or until the session ends without it."""


@dataclass(frozen=True, slots=True)
class EndSession:
    """The session is over. The runner flushes the downlink, closes the client with
    `close_code`/`close_reason`, closes the upstream and tells the observer."""

    reason: EndReason
    close_code: int
    close_reason: str


Effect: TypeAlias = (
    SendUpstream
    | SendClient
    | Store
    | OpenUpstream
    | CloseUpstream
    | SessionStarted
    | DetachClient
    | EndSession
)
