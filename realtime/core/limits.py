"""What one session may use: time, silence, events and audio. Times are monotonic seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """The caps of contract §8 that concern a running session.

    max_duration_s: from going live; the session then ends with 1001.
    idle_timeout_s: without speech, typing or an answer in the air; 0 switches it off.
    events_per_s: client events; more are read more slowly, never refused.
    audio_bytes_per_s, audio_burst_bytes: decoded input audio; more is read more slowly.
    setup_timeout_s: for the provider to answer the dial, the set-up and the seeding.
    redial_delays_s: waits before each new dial after the provider dropped us, then we give up.
    resume_s: how long a session waits for a client whose line broke; 0: not at all.
    max_responses: how many answers a session may have, begun ones counted; 0: any number.
    attach_delays_s, attach_timeout_s: the same as for dials, for attaching to a WebRTC call: until
        the provider knows it, and again when the line to it broke. Then it is hung up.
    attach_within_s: and no new attempt begins later than this, however long each one took.
    """

    max_duration_s: float = 3600.0
    idle_timeout_s: float = 120.0
    events_per_s: int = 200
    audio_bytes_per_s: int = 192_000
    audio_burst_bytes: int = 4 * 1024 * 1024
    setup_timeout_s: float = 15.0
    redial_delays_s: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0, 4.0)
    resume_s: float = 60.0
    max_responses: int = 0
    attach_delays_s: tuple[float, ...] = (0.1, 0.2, 0.4, 0.8, 1.5, 2.0)
    attach_timeout_s: float = 5.0
    attach_within_s: float = 10.0


class TokenBucket:
    """Allows `rate_per_s` on average and `burst` at once. It only says how long to wait.

    level: what was left when it was last used; while it is not below zero nobody has to wait.
    """

    __slots__ = ("_burst", "_rate_per_s", "_updated_at", "level")

    def __init__(self, rate_per_s: float, burst: float, now: float) -> None:
        self._rate_per_s = rate_per_s
        self._burst = burst
        self.level = burst
        self._updated_at = now

    def take(self, amount: float, now: float) -> None:
        """Use `amount` now; the level may go below zero, which `wait_s` then reports."""
        # Compared by hand: it stands in the way of every frame, and `min` and `max` are calls.
        elapsed_s = now - self._updated_at
        level = self.level + elapsed_s * self._rate_per_s if elapsed_s > 0 else self.level
        self.level = (level if level < self._burst else self._burst) - amount
        self._updated_at = now

    def wait_s(self, now: float) -> float:
        """Seconds until the bucket is out of debt."""
        if self.level >= 0:
            return 0.0
        elapsed_s = max(0.0, now - self._updated_at)
        return max(0.0, -self.level / self._rate_per_s - elapsed_s)


class IdleClock:
    """How long nobody has spoken, typed or been spoken to.

    A microphone that sends silence is no activity, or a forgotten tab would never end. An answer
    counts until it has been played: providers send it faster than it sounds.

    active_until: when the last thing that was said, typed or played is over. Change it by what
        happens: `touch`, `played`, `silenced`.
    """

    __slots__ = ("_timeout_s", "active_until", "user_is_speaking")

    def __init__(self, timeout_s: float, now: float) -> None:
        self._timeout_s = timeout_s
        self.active_until = now
        self.user_is_speaking = False

    def touch(self, now: float) -> None:
        if now > self.active_until:
            self.active_until = now

    def played(self, audio_ms: int, now: float) -> None:
        """`audio_ms` more of the answer is on its way to the client's speaker."""
        self.touch(now)
        self.active_until += audio_ms / 1000

    def silenced(self, now: float) -> None:
        """The rest of the answer will not be played."""
        self.active_until = now

    def deadline(self) -> float | None:
        """When the session has been idle for too long; None while it cannot become so."""
        if self._timeout_s <= 0 or self.user_is_speaking:
            return None
        return self.active_until + self._timeout_s
