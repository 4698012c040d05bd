"""Part `crowd`: how cost grows from 50 to 1000 sessions, peer after peer."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from bench.figures import Round, median, round_of, sessions_per_core
from bench.load import Load
from bench.outcome import NoFigures
from bench.peers import PEERS
from bench.processes import split_cores
from bench.table import text_table

SIZES: Final = (50, 100, 300, 600, 1000)
WINDOWS: Final = 3
WINDOW_S: Final = 3.0
WARM_UP_S: Final = 3.0
SETTLE_S: Final = 1.0
BAR_SESSIONS: Final = 1000
# Where a quick run looks: at the bar, and below it, should a peer not get there.
QUICK_SIZES: Final = (600, BAR_SESSIONS)
BAR_P99_MS: Final = 10.0


def measure(names: Sequence[str], sizes: Sequence[int]) -> dict[str, Any]:
    """Per peer and size: cores, p99, memory; at the size that a peer did not carry, why not."""
    generator_cores, peer_cores = split_cores()
    os.sched_setaffinity(0, generator_cores)
    grown: dict[str, Any] = {}
    for name in names:
        with tempfile.TemporaryDirectory(prefix="voiceassist-bench-") as folder:
            load = Load()
            try:
                with PEERS[name](load.port, Path(folder)) as peer:
                    assert peer.tree is not None, "growth is measured of processes"
                    peer.tree.pin(peer_cores)
                    grown[name] = _grow_until_it_breaks(load, peer, sizes)
                    load.hang_up()
            finally:
                load.close()
    return grown


def _grow_until_it_breaks(load: Load, peer: Any, sizes: Sequence[int]) -> list[dict[str, Any]]:
    figures: list[dict[str, Any]] = []
    for size in sizes:
        try:
            figures.append(_grow(load, peer, size))
        except NoFigures as reason:
            print(f"  {peer.name}: none at {size} sessions: {reason}", flush=True)
            return [*figures, {"sessions": size, "broke": str(reason)}]
    return figures


def carried(sizes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of a peer's sizes of which there are figures."""
    return [one for one in sizes if "broke" not in one]


def _grow(load: Load, peer: Any, size: int) -> dict[str, Any]:
    began, more = time.monotonic(), size - len(load.sessions)
    targets = load.meanwhile(lambda: peer.targets(more))
    minted = time.monotonic()
    load.open(targets)
    opened = time.monotonic()
    time.sleep(SETTLE_S)
    rss_bytes = peer.tree.rss_bytes()
    load.warm_up(WARM_UP_S)
    windows: list[Round] = []
    for _ in range(WINDOWS):
        cpu_from_s = peer.tree.cpu_s()
        outcome = load.run(WINDOW_S)
        cpu_s = peer.tree.cpu_s() - cpu_from_s
        outcome.require_identical(peer.name)
        windows.append(round_of(outcome, size, cpu_s))
    print(f"  {peer.name}: {size} sessions, {median(windows, 'cores'):.2f} core", flush=True)
    return {
        "sessions": size,
        "cores": median(windows, "cores"),
        "cpu_us_per_message": median(windows, "cpu_us_per_message"),
        "up_p99_ms": median(windows, "up_p99_ms"),
        "down_p99_ms": median(windows, "down_p99_ms"),
        "sessions_per_core": sessions_per_core(windows),
        "rss_mb": rss_bytes / 1e6,
        "minted_per_s": more / (minted - began),
        "opened_per_s": more / (opened - minted),
        "generator_cores": statistics.median(one.generator_cores for one in windows),
    }


def report(grown: dict[str, Any]) -> str:
    return text_table(rows(grown))


def rows(grown: dict[str, Any]) -> list[list[str]]:
    """The table's cells, headings first."""
    cells = [["", "sessions", "core", "µs/message", "up p99 ms", "down p99 ms", "MB", "opened/s"]]
    for name, sizes in grown.items():
        cells += [
            [
                name,
                str(one["sessions"]),
                f"{one['cores']:.2f}",
                f"{one['cpu_us_per_message']:.1f}",
                f"{one['up_p99_ms']:.2f}",
                f"{one['down_p99_ms']:.2f}",
                f"{one['rss_mb']:.0f}",
                f"{one['opened_per_s']:.0f}",
            ]
            for one in carried(sizes)
        ]
        cells += [
            [name, str(one["sessions"]), *["none"] * (len(cells[0]) - 2)]
            for one in sizes
            if "broke" in one
        ]
    return cells


def judged(grown: dict[str, Any]) -> str | None:
    """The bar of a thousand sessions; None when ours was not asked for so many."""
    sizes = grown.get("ours", [])
    broke = next((one for one in sizes if "broke" in one), None)
    if broke is not None:
        return (
            f"MISSED  {BAR_SESSIONS} sessions on one core:"
            f" no figures at {broke['sessions']}: {broke['broke']}"
        )
    sizes = [one for one in sizes if one["sessions"] == BAR_SESSIONS]
    if not sizes:
        return None
    at = sizes[0]
    p99_ms = max(at["up_p99_ms"], at["down_p99_ms"])
    is_met = p99_ms < BAR_P99_MS and at["cores"] < 1
    return (
        f"{'met    ' if is_met else 'MISSED '} {BAR_SESSIONS} sessions on one core:"
        f" {at['cores']:.2f} core, p99 {p99_ms:.1f} ms (below {BAR_P99_MS:g})"
    )
