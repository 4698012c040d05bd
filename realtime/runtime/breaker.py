"""Stops asking a provider that keeps failing: people are told at once instead of waiting."""

from __future__ import annotations

from collections import deque
from typing import Final

FAILURES: Final = 5
WINDOW_S: Final = 30.0
REST_S: Final = 5.0
TRIAL_S: Final = 15.0


class Breaker:
    """Closed → open after five failures in 30 s → after 5 s one trial → closed, or open again.

    Times are monotonic seconds of one clock.
    """

    def __init__(self) -> None:
        self._failed_at: deque[float] = deque(maxlen=FAILURES)
        self._rests_until: float | None = None
        self._trial_until = 0.0

    def failed(self, now: float) -> None:
        """The provider could not be reached, or broke."""
        self._failed_at.append(now)
        is_storm = len(self._failed_at) == FAILURES and now - self._failed_at[0] <= WINDOW_S
        if self._rests_until is not None or is_storm:
            self._rests_until = now + REST_S
            self._trial_until = 0.0

    def succeeded(self) -> None:
        """It answers (again)."""
        self._failed_at.clear()
        self._rests_until = None
        self._trial_until = 0.0

    def wait_s(self, now: float) -> float:
        """Seconds until it is worth asking; 0: now."""
        if self._rests_until is None:
            return 0.0
        return max(0.0, self._rests_until - now, self._trial_until - now)

    def take_trial(self, now: float) -> float:
        """`wait_s` for somebody who will ask if it is 0: after a rest one may try, the others wait
        for what comes of it."""
        wait_s = self.wait_s(now)
        if wait_s == 0 and self._rests_until is not None:
            self._trial_until = now + TRIAL_S
        return wait_s
