"""What a user's quota leaves one session: told from outside, and kept to by deadlines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from realtime.core import names

# An answer that was in the air when the quota ran out is waited for no longer than this.
ANSWER_MAX_S: Final = 120.0


class Quota(StrEnum):
    """What may run out: voice time of the day, or money of the month."""

    MINUTES = "minutes"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class QuotaLow:
    """A quota is nearly used up. left: seconds of voice, or US dollars as a decimal text."""

    quota: Quota
    used_percent: int
    left: float | str


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a session may still use. Times are monotonic seconds.

    voice_until: when the last voice time reserved for it is over; None while more can be had.
    is_money_spent: no further answer is paid for.
    low: what its person should know by now; each quota is told of once.
    """

    voice_until: float | None = None
    is_money_spent: bool = False
    low: tuple[QuotaLow, ...] = ()


_NOTHING: Final[frozenset[Quota]] = frozenset()  # one for all: it takes 0.2 kB


class AllowanceClock:
    """Keeps the latest allowance of a session, and says when it is used up."""

    __slots__ = ("_money_spent_at", "_told", "_voice_until")

    def __init__(self) -> None:
        self._voice_until: float | None = None
        self._money_spent_at: float | None = None
        self._told = _NOTHING

    def learn(self, allowance: Allowance, now: float) -> list[QuotaLow]:
        """Take the newest; what the client is to be told of, for the first time."""
        self._voice_until = allowance.voice_until
        if not allowance.is_money_spent:
            self._money_spent_at = None
        elif self._money_spent_at is None:
            self._money_spent_at = now
        news = [low for low in allowance.low if low.quota not in self._told]
        if news:
            self._told |= {low.quota for low in news}
        return news

    @property
    def spent_at(self) -> float | None:
        """When the first of the quotas is, or was, used up; None: not in sight."""
        voice, money = self._voice_until, self._money_spent_at
        if voice is None or money is None:
            return money if voice is None else voice
        return min(voice, money)

    def is_spent(self, now: float) -> bool:
        return self.spent_at is not None and now >= self.spent_at


def quota_notice(low: QuotaLow) -> Mapping[str, Any]:
    """The private event about a quota that is nearly used up (docs/private-events.md)."""
    left = "left_s" if low.quota is Quota.MINUTES else "left_usd"
    return {
        "type": names.QUOTA_NOTICE,
        "quota": low.quota.value,
        "used_percent": low.used_percent,
        left: low.left,
    }
