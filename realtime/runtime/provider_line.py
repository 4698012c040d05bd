"""The provider's end of a session: one dial after another, each with its pump and uplink lane."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from realtime.core.errors import UpstreamFailed, UpstreamTimedOut, VoiceError
from realtime.runtime.downlink import Downlink
from realtime.runtime.ports import (
    DirectUpstream,
    Upstream,
    UpstreamClosed,
    UpstreamFactory,
    UpstreamTarget,
)
from realtime.runtime.telling import log_bug
from realtime.runtime.uplink import Uplink

# A provider in the same process may answer without ever waiting; the lanes need their turn too.
_YIELD_ABOVE_BYTES: Final = 64 * 1024


class ProviderLine:
    """Use on one event loop.

    opened, failed, closed: how the latest dial went, and how the line ended.
    take: called with every event, as UTF-8; a second argument is the same as a string, where there
        is one. It raises UnicodeDecodeError for what is no UTF-8.
    """

    __slots__ = (
        "_closed",
        "_dials",
        "_downlink",
        "_failed",
        "_opened",
        "_session_id",
        "_take",
        "_target",
        "_uplink",
        "_upstream_factory",
    )

    def __init__(
        self,
        upstream_factory: UpstreamFactory,
        target: UpstreamTarget,
        uplink: Uplink,
        downlink: Downlink,
        session_id: str,
        *,
        opened: Callable[[], None],
        failed: Callable[[VoiceError], None],
        closed: Callable[[int, str], None],
        take: Callable[..., None],
    ) -> None:
        self._upstream_factory = upstream_factory
        self._target = target
        self._uplink = uplink
        self._downlink = downlink
        self._session_id = session_id
        self._opened = opened
        self._failed = failed
        self._closed = closed
        self._take = take
        self._dials: list[asyncio.Task[None]] = []

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """Dials, and lines that are open or being closed."""
        return [*self._dials]

    def dial(self, delay_s: float) -> None:
        """Open another provider session after `delay_s`; an older one may still be closing."""
        task = asyncio.create_task(self._run(delay_s), name="upstream")
        self._dials.append(task)
        task.add_done_callback(self._dials.remove)

    def hang_up(self) -> None:
        """Let go of every provider session; returns at once."""
        for task in self._dials:
            task.cancel()

    async def _run(self, delay_s: float) -> None:
        """One provider session from dial to close. Reports its end before it has hung up, so that
        the next dial need not wait for that."""
        await asyncio.sleep(delay_s)
        upstream: Upstream | None = None
        try:
            upstream = self._upstream_factory(self._target)
            await upstream.open()
            self._opened()
            await self._pump(upstream)
        except (UpstreamFailed, UpstreamTimedOut) as error:
            self._failed(error)
        except UpstreamClosed as closed:
            self._closed(closed.code, closed.reason)
        except Exception as error:  # a broken provider is a provider that went away
            log_bug(self._session_id, error)
            self._closed(1011, "internal_error")
        finally:
            if upstream is not None:
                await upstream.aclose()

    async def _pump(self, upstream: Upstream) -> None:
        sending = asyncio.create_task(self._uplink.run(upstream), name="uplink")
        try:
            if isinstance(upstream, DirectUpstream):
                await upstream.listen(self._take)
            while True:
                raw = await upstream.receive()
                self._take(raw.encode(errors="surrogatepass"), raw)
                if self._downlink.byte_count > _YIELD_ABOVE_BYTES:
                    await asyncio.sleep(0)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
