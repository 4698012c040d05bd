"""The arithmetic: medians of rounds, ratios of rounds that stood side by side, percentiles, and how
well a ratio is known."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from bench.outcome import Outcome

# What another run may differ by in a ratio that is told as one figure.
AGREEMENT: Final = 0.15
_FEWEST_ROUNDS: Final = 5
_RESAMPLES: Final = 400
_LEFT_OUT: Final = 0.025  # of the resamples, at either end


@dataclass(frozen=True, slots=True)
class Round:
    """One peer's run. Latencies one way, in ms; lateness: of the generator behind its schedule.

    cpu_s: of the peer's whole process tree. cores: that CPU a second.
    """

    sessions: int
    seconds: float
    messages: int
    cpu_s: float
    up_p50_ms: float
    up_p99_ms: float
    down_p50_ms: float
    down_p99_ms: float
    generator_cores: float
    lateness_p99_ms: float
    overtaking: int

    @property
    def cpu_us_per_message(self) -> float:
        return self.cpu_s / self.messages * 1e6

    @property
    def cores(self) -> float:
        return self.cpu_s / self.seconds


@dataclass(frozen=True, slots=True)
class Ratio:
    """The rounds say `value`. Rounds without end would say something from `low` to `high`, nineteen
    times of twenty; another run does so about four times of five."""

    rounds: int

    value: float
    low: float
    high: float

    @property
    def is_known(self) -> bool:
        """Another run will say nearly the same. If not, the machine is too unsteady for one figure,
        or there are too few rounds."""
        is_narrow = math.isfinite(self.high) and self.high <= self.low * (1 + AGREEMENT)
        return is_narrow and self.rounds >= _FEWEST_ROUNDS


def ratio_of(rounds: int, statistic: Callable[[Sequence[int]], float]) -> Ratio:
    """`statistic` of all rounds (it is given their numbers), and its spread by bootstrap: of
    rounds drawn from these, again and again, each as often as it comes (Efron 1979)."""
    draw = random.Random(1)
    drawn = sorted(statistic(draw.choices(range(rounds), k=rounds)) for _ in range(_RESAMPLES))
    end = round(_RESAMPLES * _LEFT_OUT)
    return Ratio(rounds, statistic(range(rounds)), drawn[end], drawn[-1 - end])


def percentile(values: Sequence[int | float], percent: float) -> float:
    """The smallest value that so many percent do not exceed. Raises ValueError without values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * percent // 100))
    return float(ordered[int(rank) - 1])


def round_of(outcome: Outcome, sessions: int, cpu_s: float) -> Round:
    """The figures of an outcome that passed the gate."""

    def ms(values: Sequence[int], percent: float) -> float:
        return percentile(values, percent) / 1e6

    return Round(
        sessions=sessions,
        seconds=outcome.seconds,
        messages=outcome.relayed,
        cpu_s=cpu_s,
        up_p50_ms=ms(outcome.up_ns, 50),
        up_p99_ms=ms(outcome.up_ns, 99),
        down_p50_ms=ms(outcome.down_ns, 50),
        down_p99_ms=ms(outcome.down_ns, 99),
        generator_cores=outcome.generator_cpu_s / outcome.seconds,
        lateness_p99_ms=ms(outcome.lateness_ns, 99),
        overtaking=outcome.overtaking,
    )


def median(rounds: Sequence[Round], figure: str) -> float:
    return float(statistics.median(getattr(one, figure) for one in rounds))


def paired_ratio(mine: Sequence[Round], theirs: Sequence[Round], figure: str) -> float:
    """The median of the ratios, round by round: a machine that slows down slows both."""
    pairs = zip(mine, theirs, strict=True)
    ratios = [getattr(one, figure) / getattr(other, figure) for one, other in pairs]
    return float(statistics.median(ratios))


def ratio_of_added(
    mine: Sequence[Round], theirs: Sequence[Round], direct: Sequence[Round], figure: str
) -> float:
    """What one peer adds, x what another adds; infinite where that is nothing."""
    least = added(theirs, direct, figure)
    return added(mine, direct, figure) / least if least > 0 else math.inf


def added(mine: Sequence[Round], direct: Sequence[Round], figure: str) -> float:
    """What this peer adds to having no relay, in the quiet rounds of both."""
    return quiet(mine, figure) - quiet(direct, figure)


def quiet(rounds: Sequence[Round], figure: str) -> float:
    """The mean of the quarter of the rounds in which it is least: other machines on the same host
    only ever add to a latency, and what a relay does itself it does in every round."""
    least = sorted(getattr(one, figure) for one in rounds)[: max(1, len(rounds) // 4)]
    return float(statistics.mean(least))


def sessions_per_core(rounds: Sequence[Round]) -> float:
    """Extrapolated: as if cost grew with sessions and nothing else."""
    return statistics.median(one.sessions / one.cores for one in rounds)


def as_json(rounds: Sequence[Round]) -> list[dict[str, Any]]:
    return [
        {name: round(value, 4) for name, value in asdict(one).items()}
        | {"cpu_us_per_message": round(one.cpu_us_per_message, 2)}
        for one in rounds
    ]
