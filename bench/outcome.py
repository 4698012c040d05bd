"""What a run of the load measured, and the gate before any figure of it."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field


class NoFigures(Exception):
    """Something was lost, altered or reordered, or a connection broke: no figure is printed."""


@dataclass(slots=True)
class Outcome:
    """One run. Latencies are one way, from before the first `send` to after the last `recv`, of one
    clock, in nanoseconds; lateness is how far behind its own schedule the generator sent.

    overtaking: audio that passed events which waited for the database, as it may (design law 2).
    early_*: the frames each client sent without waiting for `session.created`.
    """

    seconds: float = 0.0
    generator_cpu_s: float = 0.0
    relayed: int = 0
    altered: int = 0
    unexpected: int = 0
    broken: int = 0
    missing: int = 0
    overtaking: int = 0
    early_sent: int = 0
    early_identical: int = 0
    first_difference: str = ""
    up_ns: array[int] = field(default_factory=lambda: array("q"))
    down_ns: array[int] = field(default_factory=lambda: array("q"))
    lateness_ns: array[int] = field(default_factory=lambda: array("q"))

    def differs(self, what: str) -> None:
        self.altered += 1
        self.first_difference = self.first_difference or what

    def require_identical(self, who: str) -> None:
        """The gate. Raises NoFigures with the reason."""
        faults = {
            "altered or out of order": self.altered,
            "not in the script": self.unexpected,
            "lost": self.missing,
            "on connections that broke": self.broken,
        }
        told = [f"{count} frames {fault}" for fault, count in faults.items() if count]
        if not self.relayed:
            told.append("nothing arrived")
        if told:
            hint = f" (first: {self.first_difference})" if self.first_difference else ""
            raise NoFigures(f"{who}: {', '.join(told)}{hint}")
