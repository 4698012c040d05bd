"""Waiting for something to become true, with the reason when it does not."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
WAIT_S = 30.0
POLL_S = 0.1


def wait_until(
    ask: Callable[[], Result],
    what: str,
    timeout_s: float = WAIT_S,
    pause: Callable[[float], None] = time.sleep,
) -> Result:
    """Ask until the answer is true and return it; AssertionError names `what` after the time-out.

    While a browser is driven, `pause` must let its events through: `Tab.pause`.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        answer = ask()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"after {timeout_s:.0f} s still not: {what}"
        pause(POLL_S)
