"""The bar of the relay, and whether a run met it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from bench.table import told_ratio


@dataclass(frozen=True, slots=True)
class Bar:
    """`figure` of a peer of ours may be at most `most`. why: what to look at when it is more."""

    told: str
    figure: str
    most: float
    why: str
    peer: str = "ours"


BARS: Final = (
    Bar("CPU per message, x Node", "cpu_x_node", 0.85, "the frame path costs more than `ws` does"),
    Bar("CPU per message, x nginx", "cpu_x_nginx", 1.7, "nginx reads no frames"),
    Bar("CPU per message, x LiteLLM", "cpu_x_litellm", 0.35, "the frame path"),
    Bar("added p99 up, x nginx's", "up_added_p99_x_nginx", 3.0, "other work holds up the loop"),
    Bar("added p99 down, x nginx's", "down_added_p99_x_nginx", 3.0, "other work holds up the loop"),
    Bar("added p99 up, x Node's", "up_added_p99_x_node", 1.0, "other work holds up the loop"),
    Bar("CPU with the fast path off, x Node", "cpu_x_node", 2.5, "the receive loop", "ours-off"),
    Bar("kB per idle session", "idle_kb_per_session", 40.0, "objects per session"),
)  # fmt: skip


def judged(figures: dict[str, dict[str, Any]]) -> list[str]:
    """A line per bar that can be judged from these figures: met, or missed by how much and why; or
    not known, when another run might say the other."""
    told = (_line(bar, figures.get(bar.peer, {})) for bar in BARS)
    return [line for line in told if line is not None]


def _line(bar: Bar, figures: dict[str, Any]) -> str | None:
    value, between = figures.get(bar.figure), figures.get(f"{bar.figure}_range")
    if value is None and between is None:
        return None
    low, high = between or (value, value)
    told = f"{bar.told}: {told_ratio(figures, bar.figure)} (at most {bar.most:g})"
    if high is not None and high <= bar.most:
        return f"met     {told}"
    if low is None or low <= bar.most:
        return f"UNKNOWN {told}: this machine is too unsteady to tell"
    least = "" if low == high else "at least "
    return f"MISSED  {told}, {least}{(low / bar.most - 1) * 100:.0f} % over: {bar.why}"
