"""Part `bystanders`: what two bad clients cost everyone else.

One stops reading while the provider goes on talking to it, four times as fast as it is played;
one sends ten times real time. The others must notice nothing, and the process must not grow.
"""

from __future__ import annotations

import os
import socket
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench import turn
from bench.figures import percentile
from bench.load import Load
from bench.ours import our_server
from bench.processes import ProcessTree, split_cores

MOST_GROWTH_BYTES: Final = 16 * 1024 * 1024
# What may stand between two medians of p99 that are the same: windows differ by so much anyway.
SAME_RATIO: Final = 1.25
SAME_MS: Final = 2.0
WINDOW_S: Final = 5.0
FLOOD_PER_S: Final = 10 * turn.APPENDS_PER_S
TALK_PER_S: Final = 20  # deltas of 200 ms
SMALL_BUFFER_BYTES: Final = 16 * 1024


@dataclass(slots=True)
class Offence:
    """Drives the two bad clients from the load's own loop, and samples the server's memory."""

    load: Load
    tree: ProcessTree
    flooded: int = 0
    talked: int = 0
    rss_bytes: list[int] = field(default_factory=list)
    _began: float = 0.0
    _sampled_at: float = 0.0

    def begin(self) -> None:
        stalled, _ = self.load.aside
        assert stalled.client is not None
        # As little as can be waits in the system: what is measured is the server's own queue.
        stalled.client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER_BYTES)
        self.load.watch(stalled.client, read=False)
        self._began = time.monotonic()

    def go_on(self, now: float) -> None:
        stalled, flooding = self.load.aside
        client, upstream = flooding.client, stalled.upstream
        assert client is not None
        assert upstream is not None
        while self.flooded < (now - self._began) * FLOOD_PER_S and not client.unsent:
            flooding.send_append()
            self.flooded += 1
        sound = self.load.longest_audio
        while self.talked < (now - self._began) * TALK_PER_S and not upstream.is_gone:
            stalled.send_scripted(sound)
            self.talked += 1
        self.sample(now)

    def sample(self, now: float) -> None:
        if now - self._sampled_at >= 0.5:
            self._sampled_at = now
            self.rss_bytes.append(self.tree.rss_bytes())


def measure(sessions: int, seconds: float, window_s: float = WINDOW_S) -> dict[str, Any]:
    """p99 of `sessions` bystanders in quiet and during the offence, and the growth of the process.

    Raises NoFigures when a bystander's frame was lost or altered.
    """
    generator_cores, peer_cores = split_cores()
    os.sched_setaffinity(0, generator_cores)
    load = Load()
    try:
        with (
            tempfile.TemporaryDirectory(prefix="voiceassist-bench-") as folder,
            our_server(load.port, Path(folder)) as server,
        ):
            server.tree.pin(peer_cores)
            load.open(server.targets(sessions + 2))
            load.set_aside(2)
            load.warm_up(3.0)
            offence = Offence(load, server.tree)
            quiet = _windows(load, seconds / 3, window_s, offence.sample)
            before = max(offence.rss_bytes)
            offence.rss_bytes.clear()
            offence.begin()
            troubled = _windows(load, seconds, window_s, offence.go_on)
            load.hang_up()
            return {
                "sessions": sessions,
                "seconds": seconds,
                "quiet_p99_ms": statistics.median(quiet),
                "troubled_p99_ms": statistics.median(troubled),
                "quiet_windows_ms": quiet,
                "troubled_windows_ms": troubled,
                "flood_frames_taken": offence.flooded,
                "rss_before_mb": before / 1e6,
                "growth_mib": (max(offence.rss_bytes) - before) / 2**20,
            }
    finally:
        load.close()


def _windows(
    load: Load, seconds: float, window_s: float, also: Callable[[float], None]
) -> list[float]:
    """The p99 of both directions together, window by window."""
    values = []
    for _ in range(max(2, round(seconds / window_s))):
        outcome = load.run(window_s, also=also)
        outcome.require_identical("bystanders")
        values.append(percentile([*outcome.up_ns, *outcome.down_ns], 99) / 1e6)
    return values


def judged(result: dict[str, Any]) -> list[tuple[bool, str]]:
    """Whether bystanders noticed nothing, and whether the process stayed within its bound."""
    quiet, troubled = result["quiet_p99_ms"], result["troubled_p99_ms"]
    growth_mib, most_mib = result["growth_mib"], MOST_GROWTH_BYTES / 2**20
    return [
        (
            troubled <= max(quiet * SAME_RATIO, quiet + SAME_MS),
            f"bystanders' p99: {troubled:.2f} ms beside the two, {quiet:.2f} ms without",
        ),
        (
            growth_mib <= most_mib,
            f"the process grew by {growth_mib:.1f} MiB (at most {most_mib:.0f})",
        ),
    ]
