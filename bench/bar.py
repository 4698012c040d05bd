"""The bar of the relay, and whether a run met it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final


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
    """A line per bar that can be judged from these figures: met, or missed by how much and why."""
    known = {name: dict(one) for name, one in figures.items()}
    ours, node = known.get("ours", {}), known.get("node", {})
    mine, theirs = ours.get("up_added_p99_ms"), node.get("up_added_p99_ms")
    if mine is not None and theirs is not None and theirs > 0:
        ours["up_added_p99_x_node"] = mine / theirs
    values = [(bar, known.get(bar.peer, {}).get(bar.figure)) for bar in BARS]
    return [_line(bar, value) for bar, value in values if value is not None]


def _line(bar: Bar, value: float) -> str:
    if value <= bar.most:
        return f"met     {bar.told}: {value:.2f} (at most {bar.most:g})"
    over = (value / bar.most - 1) * 100
    return f"MISSED  {bar.told}: {value:.2f} (at most {bar.most:g}), {over:.0f} % over: {bar.why}"
