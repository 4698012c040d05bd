"""The seams of a running session: a face is a ClientPort, a provider an Upstream."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

from realtime.core.effects import EndReason
from realtime.core.records import Record


@dataclass(frozen=True, slots=True)
class UpstreamTarget:
    """Which provider session to open.

    safety_identifier: HMAC of the user id, never the id itself.
    call_id: attach to a running WebRTC call instead of opening a new session.
    only_listens: a transcription session (protocol §1.6); it is asked for by intent, not by model.
    """

    model: str
    safety_identifier: str
    call_id: str | None = None
    only_listens: bool = False


class UpstreamClosed(Exception):
    """The provider's side of the session closed; `code` and `reason` as on its WebSocket."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"upstream closed with {code}")
        self.code = code
        self.reason = reason


class Upstream(Protocol):
    """One provider session speaking Realtime GA. Not reusable: open a new one to dial again.

    Frames are complete JSON texts, one event each.
    """

    async def open(self) -> None:
        """Connect. Raises UpstreamFailed or UpstreamTimedOut. Always call `aclose` after."""

    async def send(self, raw: str) -> None:
        """Send one client event; waits while the provider is slow. Raises UpstreamClosed."""

    async def receive(self) -> str:
        """The next server event. Raises UpstreamClosed when there will be no more."""

    async def aclose(self) -> None:
        """Close; idempotent, returns within 2 s whatever the provider does. A `receive` that is
        waiting then raises UpstreamClosed."""


@runtime_checkable
class DirectUpstream(Upstream, Protocol):
    """An Upstream whose frames pass without a task of ours in between (docs/adr/0013)."""

    def send_now(self, text: bytes) -> bool:
        """Send one client event (UTF-8) without waiting. False: it cannot be now; `send` it."""

    async def listen(self, take: Callable[[bytes], None]) -> None:
        """From now on call `take` with every server event, as it comes. `take` raises
        UnicodeDecodeError for what is no UTF-8. Never returns: raises UpstreamClosed when there
        will be no more."""


UpstreamFactory: TypeAlias = Callable[[UpstreamTarget], Upstream]


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """A WebRTC call that the provider has taken: its own call id and its SDP answer."""

    call_id: str
    sdp: str


class CallsProvider(Protocol):
    """A provider's WebRTC side (protocol §1.3 to §1.5).

    The call's sideband is an ordinary `Upstream`, dialled with `UpstreamTarget.call_id`; it
    announces no session of its own.
    """

    @property
    def is_in_process(self) -> bool:
        """Its calls live in this process: nobody else can listen to them, and they die with it."""

    async def create_call(
        self, sdp_offer: str, session: Mapping[str, Any], target: UpstreamTarget
    ) -> CallAnswer:
        """Have the provider answer the offer with this GA session object. Raises UpstreamFailed
        (with the provider's code and message) or UpstreamTimedOut."""

    async def hangup(self, call_id: str) -> None:
        """End the call; one that is gone already is no error. Raises UpstreamFailed or
        UpstreamTimedOut."""


class ClientPort(Protocol):
    """The face's side: a WebSocket, an SSE fan-out, or nothing (sideband)."""

    async def send(self, raw: str) -> None:
        """Deliver one frame; waits while the client reads slowly."""

    async def close(self, code: int, reason: str) -> None:
        """Close; idempotent."""


@runtime_checkable
class DirectClient(ClientPort, Protocol):
    """A ClientPort that can be written to without a task of ours in between (docs/adr/0013)."""

    def send_now(self, text: bytes) -> bool:
        """Deliver one frame (UTF-8) without waiting; never raises. False: it cannot be now, and
        nothing was done; `send` it, which waits."""


class StorePort(Protocol):
    """Durable storage for one session's records."""

    async def store(self, records: Sequence[Record]) -> None:
        """Write the records in order, in one transaction. Raises on failure; safe to repeat."""


class SessionObserver(Protocol):
    """What the composition root wants to know about a session's life."""

    async def session_started(self) -> None:
        """`session.created` reached the client."""

    async def client_detached(self) -> None:
        """The client's line broke; the session waits for it, without a slot."""

    async def session_ended(self, reason: EndReason) -> None:
        """Everything is flushed and closed; called exactly once."""
