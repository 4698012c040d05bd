"""Runs one Session: performs its effects on a client, a provider and a store."""

from __future__ import annotations

import time
from collections.abc import Callable

from realtime.core.effects import EndReason
from realtime.core.session import Session
from realtime.runtime.ports import (
    ClientPort,
    SessionObserver,
    StorePort,
    UpstreamFactory,
    UpstreamTarget,
)


class SessionRunner:
    """Call `start` on the event loop, feed `from_client`, call `client_closed` when the client is
    gone, and await `wait_closed` before forgetting it."""

    def __init__(
        self,
        session: Session,
        upstream_factory: UpstreamFactory,
        target: UpstreamTarget,
        store: StorePort,
        client: ClientPort,
        observer: SessionObserver,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.session = session

    def start(self) -> None:
        raise NotImplementedError

    async def from_client(self, raw: str | bytes) -> None:
        """Hand over one frame; waits while the way to the provider is full."""
        raise NotImplementedError

    def client_closed(self, code: int = 1000) -> None:
        raise NotImplementedError

    def end(self, reason: EndReason) -> None:
        raise NotImplementedError

    async def wait_closed(self) -> None:
        raise NotImplementedError
