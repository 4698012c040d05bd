"""What passed through one session, counted as it passes: plain numbers, read by whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from realtime.core.frames import list_or_empty, mapping_or_empty, string_or_none


@dataclass(frozen=True, slots=True)
class RateLimit:
    """One of the provider's own limits, as it said last: `requests` or `tokens`."""

    name: str
    limit: float
    remaining: float
    reset_s: float


@dataclass(slots=True)
class Tally:
    """Bytes are of decoded audio, both ways as seen by the client; errors are `error` events by
    their code, ours and the provider's."""

    audio_in_bytes: int = 0
    audio_in_ms: int = 0
    audio_out_bytes: int = 0
    audio_out_ms: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    rate_limits: tuple[RateLimit, ...] = ()

    def count_error(self, code: object) -> None:
        name = code if isinstance(code, str) else "none"
        self.errors[name] = self.errors.get(name, 0) + 1

    def learn_rate_limits(self, body: Mapping[str, Any]) -> None:
        """Read a `rate_limits.updated`; what is no number is passed over."""
        found = []
        for entry in map(mapping_or_empty, list_or_empty(body.get("rate_limits"))):
            name = string_or_none(entry.get("name"))
            numbers = [entry.get(key) for key in ("limit", "remaining", "reset_seconds")]
            if name is not None and all(isinstance(number, int | float) for number in numbers):
                found.append(RateLimit(name, *(float(str(number)) for number in numbers)))
        self.rate_limits = tuple(found)
