"""What passed through one session, counted as it passes: plain numbers, read by whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from realtime.core.frames import list_or_empty, mapping_or_empty, string_or_none


@dataclass(frozen=True, slots=True)
class RateLimit:
    """One of the provider's own limits, as it said last: `requests` or `tokens`."""

    name: str
    limit: float
    remaining: float
    reset_s: float


@dataclass(frozen=True, slots=True)
class Sound:
    """How much decoded audio came from a client (`in`) and went to it (`out`)."""

    in_bytes: int = 0
    in_ms: int = 0
    out_bytes: int = 0
    out_ms: int = 0

    def __bool__(self) -> bool:
        return bool(self.in_bytes or self.out_bytes)


NO_SOUND: Final = Sound()


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
    taken: Sound = NO_SOUND

    def take_sound(self) -> Sound:
        """What has passed since this was asked before: that of a turn, when its answer is done."""
        before = self.taken
        self.taken = Sound(
            self.audio_in_bytes, self.audio_in_ms, self.audio_out_bytes, self.audio_out_ms
        )
        return Sound(
            self.taken.in_bytes - before.in_bytes,
            self.taken.in_ms - before.in_ms,
            self.taken.out_bytes - before.out_bytes,
            self.taken.out_ms - before.out_ms,
        )

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
