"""Whether a provider answers, as its last dials tell (a breaker per address and server process)."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Awaitable
from typing import TypeVar

from realtime.core.errors import Unavailable, UpstreamFailed, UpstreamTimedOut
from realtime.runtime.breaker import Breaker
from realtime.runtime.ports import DirectUpstream, Upstream

T = TypeVar("T")

_breakers: defaultdict[str, Breaker] = defaultdict(Breaker)


def require_answering(url: str, *, will_dial: bool) -> None:
    """Raises Unavailable (503 / 1013) with `retry_after_s` while it is not worth asking there.

    url: the provider's address, "" for the embedded one.
    will_dial: the caller opens a session if this returns; after a rest only one of them may.
    """
    now = time.monotonic()
    breaker = _breakers[url]
    wait_s = breaker.take_trial(now) if will_dial else breaker.wait_s(now)
    if wait_s > 0:
        raise Unavailable(
            "The voice provider cannot be reached at the moment.",
            code="upstream_unavailable",
            retry_after_s=math.ceil(wait_s),
        )


def rest_s(url: str) -> float:
    """For how many seconds it is not worth asking there, as this process knows; 0: ask."""
    return _breakers[url].wait_s(time.monotonic())


async def watched(asking: Awaitable[T], url: str) -> T:
    """What comes of asking the provider for a session; its address's breaker is told how it
    went."""
    breaker = _breakers[url]
    try:
        answer = await asking
    except UpstreamTimedOut:
        breaker.failed(time.monotonic())
        raise
    except UpstreamFailed as error:
        # A refusal that no retry can help (our key, the model) is an answer, and a clear one.
        if error.retryable:
            breaker.failed(time.monotonic())
        raise
    breaker.succeeded()
    return answer


class WatchedUpstream:
    """An Upstream whose dial tells its address's breaker how it went."""

    def __init__(self, upstream: Upstream, url: str) -> None:
        self._upstream = upstream
        self._url = url
        self.send = upstream.send
        self.receive = upstream.receive
        self.aclose = upstream.aclose
        if isinstance(upstream, DirectUpstream):
            self.send_now = upstream.send_now
            self.listen = upstream.listen

    async def open(self) -> None:
        upstream = self._upstream
        await watched(upstream.open(), self._url)
        if isinstance(upstream, DirectUpstream):
            self.send_now = upstream.send_now  # of the connection itself, now that there is one
