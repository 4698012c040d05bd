"""The provider's in-process face: an Upstream port without a socket between."""

from __future__ import annotations

from collections.abc import Callable

from realtime.runtime.ports import UpstreamClosed
from realtime.upstream.embedded.driver import SessionDriver, SessionOver


class EmbeddedUpstream:
    """Satisfies `realtime.runtime.ports.Upstream`; `make_driver` is called once, by `open`."""

    def __init__(self, make_driver: Callable[[], SessionDriver]) -> None:
        self._make_driver = make_driver
        self._driver: SessionDriver | None = None

    async def open(self) -> None:
        """Start the session; its first event is `session.created`."""
        self._driver = self._make_driver()
        self._driver.start()

    async def send(self, raw: str) -> None:
        try:
            await self._opened().receive(raw)
        except SessionOver as over:
            raise UpstreamClosed(over.code, over.reason) from None

    async def receive(self) -> str:
        try:
            return await self._opened().next_event()
        except SessionOver as over:
            raise UpstreamClosed(over.code, over.reason) from None

    async def aclose(self) -> None:
        if self._driver is not None:
            await self._driver.aclose()

    def _opened(self) -> SessionDriver:
        if self._driver is None:
            raise UpstreamClosed(1006, "not opened")
        return self._driver
