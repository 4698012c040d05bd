"""The token budget a session is told of after each response; it never refuses anything."""

from __future__ import annotations

from typing import Any

TOKENS_PER_MINUTE = 200_000


class TokenBudget:
    """Refills evenly, as the real one does. `now` is monotonic seconds."""

    def __init__(self) -> None:
        self._remaining = float(TOKENS_PER_MINUTE)
        self._at: float | None = None

    def spend(self, tokens: int, now: float) -> list[dict[str, Any]]:
        """The `rate_limits` of `rate_limits.updated` after a response of so many tokens."""
        refilled = 0.0 if self._at is None else (now - self._at) * TOKENS_PER_MINUTE / 60
        self._at = now
        full = min(float(TOKENS_PER_MINUTE), self._remaining + refilled)
        self._remaining = max(0.0, full - tokens)
        missing = TOKENS_PER_MINUTE - self._remaining
        return [
            {
                "name": "tokens",
                "limit": TOKENS_PER_MINUTE,
                "remaining": int(self._remaining),
                "reset_seconds": round(missing * 60 / TOKENS_PER_MINUTE, 3),
            }
        ]
