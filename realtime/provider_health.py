"""Whether the provider answers, as its last dials tell (one breaker per server process)."""

from __future__ import annotations

import math
import time

from realtime.core.errors import Unavailable, UpstreamFailed, UpstreamTimedOut
from realtime.runtime.breaker import Breaker
from realtime.runtime.ports import Upstream

breaker = Breaker()


def require_answering(*, will_dial: bool) -> None:
    """Raises Unavailable (503 / 1013) with `retry_after_s` while it is not worth asking.

    will_dial: the caller opens a session if this returns; after a rest only one of them may.
    """
    now = time.monotonic()
    wait_s = breaker.take_trial(now) if will_dial else breaker.wait_s(now)
    if wait_s > 0:
        raise Unavailable(
            "The voice provider cannot be reached at the moment.",
            code="upstream_unavailable",
            retry_after_s=math.ceil(wait_s),
        )


class WatchedUpstream:
    """An Upstream whose dial tells the breaker how it went."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self.send = upstream.send
        self.receive = upstream.receive
        self.aclose = upstream.aclose

    async def open(self) -> None:
        try:
            await self._upstream.open()
        except UpstreamTimedOut:
            breaker.failed(time.monotonic())
            raise
        except UpstreamFailed as error:
            # A refusal that no retry can help (our key, the model) is an answer, and a clear one.
            if error.retryable:
                breaker.failed(time.monotonic())
            raise
        breaker.succeeded()
