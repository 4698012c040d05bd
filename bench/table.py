"""What is printed of the relay: a table of medians and of ratios.

A ratio that another run might not repeat is told with the range in which that would lie.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from bench.figures import (
    Ratio,
    added,
    median,
    paired_ratio,
    ratio_of,
    ratio_of_added,
    sessions_per_core,
)
from bench.relay import Measured

HEADINGS = (
    "", "CPU µs/message", "x node", "x nginx",
    "up p50 ms", "up p99 ms", "down p50 ms", "down p99 ms",
    "added p99 up, x nginx's", "added p99 down, x nginx's", "kB/idle session", "sessions/core *",
    "first frames kept",
)  # fmt: skip


def summary(measured: dict[str, Measured]) -> dict[str, dict[str, Any]]:
    """Per peer the medians and the paired ratios; None where there is nothing to compare with."""
    return {name: _summary_of(peer, measured) for name, peer in measured.items()}


def _summary_of(peer: Measured, measured: dict[str, Measured]) -> dict[str, Any]:
    rounds = peer.rounds
    is_direct = peer.name == "direct"
    figures: dict[str, Any] = {"version": peer.version, "sessions": rounds[0].sessions}
    figures["cpu_us_per_message"] = None if is_direct else median(rounds, "cpu_us_per_message")
    for name, ratio in _ratios(peer, measured).items():
        figures[name] = None if ratio is None else _told_json(ratio.value)
        figures[f"{name}_range"] = _range(ratio)
    for way in ("up", "down"):
        for percent in (50, 99):
            figures[f"{way}_p{percent}_ms"] = median(rounds, f"{way}_p{percent}_ms")
        figures[f"{way}_added_p99_ms"] = _added(peer, measured, way)
    figures["idle_kb_per_session"] = None if peer.idle_bytes is None else peer.idle_bytes / 1000
    figures["cores"] = None if is_direct else median(rounds, "cores")
    figures["sessions_per_core"] = None if is_direct else sessions_per_core(rounds)
    figures["first_frames_kept"] = peer.early_identical
    figures["first_frames_sent"] = peer.early_sent
    figures["generator_cores"] = median(rounds, "generator_cores")
    figures["lateness_p99_ms"] = median(rounds, "lateness_p99_ms")
    figures["audio_before_finals"] = sum(one.overtaking for one in rounds)
    return figures


def _ratios(peer: Measured, measured: dict[str, Measured]) -> dict[str, Ratio | None]:
    """Of CPU and of added latency to every peer that is compared with; None without it."""
    ratios: dict[str, Ratio | None] = {}
    direct = measured.get("direct")
    for other in ("node", "nginx", "litellm"):
        known = measured.get(other) if peer.name != "direct" else None
        ratios[f"cpu_x_{other}"] = None if known is None else _cpu_ratio(peer, known)
        for way in ("up", "down"):
            ratios[f"{way}_added_p99_x_{other}"] = (
                None if known is None or direct is None else _added_ratio(peer, known, direct, way)
            )
    return ratios


def _range(ratio: Ratio | None) -> list[float | None] | None:
    """Where another run's would lie; None for a ratio that it would repeat."""
    if ratio is None or ratio.is_known:
        return None
    return [_told_json(ratio.low), _told_json(ratio.high)]


def _told_json(ratio: float) -> float | None:
    """JSON has no infinity: None is beyond all figures."""
    return ratio if math.isfinite(ratio) else None


def _cpu_ratio(peer: Measured, other: Measured) -> Ratio:
    def ratio(numbers: Sequence[int]) -> float:
        mine, theirs = ([one.rounds[number] for number in numbers] for one in (peer, other))
        return paired_ratio(mine, theirs, "cpu_us_per_message")

    return ratio_of(len(peer.rounds), ratio)


def _added_ratio(peer: Measured, other: Measured, direct: Measured, way: str) -> Ratio:
    def ratio(numbers: Sequence[int]) -> float:
        mine, theirs, none = (
            [one.rounds[number] for number in numbers] for one in (peer, other, direct)
        )
        return ratio_of_added(mine, theirs, none, f"{way}_p99_ms")

    return ratio_of(len(peer.rounds), ratio)


def _added(peer: Measured, measured: dict[str, Measured], way: str) -> float | None:
    direct = measured.get("direct")
    if direct is None or peer.name == "direct":
        return None
    return added(peer.rounds, direct.rounds, f"{way}_p99_ms")


def rows(figures: dict[str, dict[str, Any]]) -> list[list[str]]:
    """The table's cells, headings first."""
    return [list(HEADINGS), *([name, *_cells(one)] for name, one in figures.items())]


def _cells(one: dict[str, Any]) -> list[str]:
    return [
        _told(one["cpu_us_per_message"], 1),
        told_ratio(one, "cpu_x_node"),
        told_ratio(one, "cpu_x_nginx"),
        *(_told(one[f"{way}_p{percent}_ms"], 2) for way in ("up", "down") for percent in (50, 99)),
        told_ratio(one, "up_added_p99_x_nginx"),
        told_ratio(one, "down_added_p99_x_nginx"),
        _told(one["idle_kb_per_session"], 0),
        _told(one["sessions_per_core"], 0),
        f"{one['first_frames_kept']} of {one['first_frames_sent']}",
    ]


def told_ratio(figures: dict[str, Any], name: str) -> str:
    """The figure, and where another run's would lie unless that is nearly the same; a dash where
    there is nothing to compare with."""
    value, between = figures.get(name), figures.get(f"{name}_range")
    if between is None:
        return _told(value, 2)
    low, high = between
    if low is None:
        return "beyond all figures"
    shown = "" if value is None else f"{value:.2f} "
    return f"{shown}({low:.2f} or more)" if high is None else f"{shown}({low:.2f} to {high:.2f})"


def _told(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def text_table(cells: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need; headings broken into words, one under the other."""
    words = [heading.split(" ") for heading in cells[0]]
    height = max(len(one) for one in words)
    head = [[one[line] if line < len(one) else "" for one in words] for line in range(height)]
    lines = [*head, *cells[1:]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(cells[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def markdown_table(cells: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(line)} |" for line in cells]
    return "\n".join([lines[0], f"|{'---|' * len(cells[0])}", *lines[1:]])
