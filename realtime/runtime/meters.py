"""What this process counts: plain numbers, changed on its event loop without locks or look-ups.

Whoever counts holds the very object it counts with; text is made only when somebody reads.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import Counter
from decimal import Decimal
from typing import Final

from realtime.core.tally import RateLimit, Tally

FIRST_AUDIO_S: Final = (0.1, 0.2, 0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
RELAY_S: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0)
# The stages of an answer, as they are told in `docs/review.md`.
STAGE_NAMES: Final = (
    "eou",
    "queue",
    "think",
    "first_audio",
    "relay",
    "playout",
    "v2v",
    "tool",
    "reconnect",
)
STAGE_S: Final = (0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2.0, 5.0, 10.0)
LAG_S: Final = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
# Error codes of providers are theirs to choose: no more of them than this have a line each.
MOST_ERROR_CODES: Final = 100
LAG_EVERY_S: Final = 0.25


class Histogram:
    """Counts by upper bound, in seconds. The last count is of what is above all bounds."""

    __slots__ = ("bounds", "counts", "sum_s")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum_s = 0.0

    def observe(self, value_s: float) -> None:
        self.counts[bisect_left(self.bounds, value_s)] += 1
        self.sum_s += value_s

    def observe_none(self) -> None:
        """No time at all: what `observe(0.0)` does."""
        self.counts[0] += 1


class Meters:
    """Totals since the process began. Of audio, errors and rate limits: of sessions that have
    ended; those of running ones stand in their own tallies."""

    def __init__(self) -> None:
        self.turns = 0
        self.first_audio = Histogram(FIRST_AUDIO_S)
        self.relay = Histogram(RELAY_S)
        self.stages = {name: Histogram(STAGE_S) for name in STAGE_NAMES}
        self.loop_lag = Histogram(LAG_S)
        self.attempts: Counter[str] = Counter()
        self.successes: Counter[str] = Counter()
        self.cost_usd: dict[str, Decimal] = {}
        self.ended = Tally()
        self.end_reasons: Counter[str] = Counter()

    def add_cost(self, model: str, usd: Decimal) -> None:
        self.cost_usd[model] = self.cost_usd.get(model, Decimal(0)) + usd

    def session_ended(self, tally: Tally, reason: str) -> None:
        add(self.ended, tally)
        self.end_reasons[reason] += 1


def add(total: Tally, tally: Tally) -> None:
    """Add what one session counted; its rate limits are the newer ones."""
    total.audio_in_bytes += tally.audio_in_bytes
    total.audio_in_ms += tally.audio_in_ms
    total.audio_out_bytes += tally.audio_out_bytes
    total.audio_out_ms += tally.audio_out_ms
    for code, count in tally.errors.items():
        known = code in total.errors or len(total.errors) < MOST_ERROR_CODES
        name = code if known else "other"
        total.errors[name] = total.errors.get(name, 0) + count
    newer: dict[str, RateLimit] = {limit.name: limit for limit in total.rate_limits}
    newer.update((limit.name, limit) for limit in tally.rate_limits)
    total.rate_limits = tuple(newer.values())


METERS: Final = Meters()


async def measure_lag() -> None:
    """Run as a task on the event loop that serves; until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LAG_EVERY_S
        await asyncio.sleep(LAG_EVERY_S)
        METERS.loop_lag.observe(max(0.0, loop.time() - due))
