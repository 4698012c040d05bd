"""Part `bystanders`: what two bad clients cost everyone else.

One stops reading while the provider goes on talking to it, four times as fast as it is played;
one sends ten times real time. The others must notice nothing, and the process must not grow by
more than it does without the two: a server that begins to talk to a hundred people grows anyway, so
the same is measured of another one, just as old, in which everybody behaves. The bystanders of
both servers talk in turns, so that a machine that slows down slows both.
"""

from __future__ import annotations

import os
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
WARM_UP_S: Final = 3.0
FLOOD_PER_S: Final = 10 * turn.APPENDS_PER_S
TALK_PER_S: Final = 20  # deltas of 200 ms
SMALL_BUFFER_BYTES: Final = 16 * 1024
SAMPLE_EVERY_S: Final = 0.5


@dataclass(slots=True)
class Offence:
    """Drives the two bad clients from the load's own loop."""

    load: Load
    flooded: int = 0
    talked: int = 0
    _lasted_s: float = 0.0
    _at: float = 0.0

    def begin(self) -> None:
        stalled, _ = self.load.aside
        assert stalled.client is not None
        # As little as can be waits in the system: what is measured is the server's own queue.
        stalled.client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER_BYTES)
        self.load.watch(stalled.client, read=False)

    def resume(self) -> None:
        """Call when the load talks again after a pause."""
        self._at = time.monotonic()

    def go_on(self, now: float) -> None:
        self._lasted_s += now - self._at
        self._at = now
        stalled, flooding = self.load.aside
        client, upstream = flooding.client, stalled.upstream
        assert client is not None
        assert upstream is not None
        while self.flooded < self._lasted_s * FLOOD_PER_S and not client.unsent:
            flooding.send_append()
            self.flooded += 1
        sound = self.load.longest_audio
        while self.talked < self._lasted_s * TALK_PER_S and not upstream.is_gone:
            stalled.send_scripted(sound)
            self.talked += 1


@dataclass(slots=True)
class Bystanders:
    """Who talks to one server. windows_ms: p99 of both directions together, window by window."""

    load: Load
    tree: ProcessTree
    offence: Offence | None
    windows_ms: list[float] = field(default_factory=list)
    rss_before_bytes: int = 0
    rss_most_bytes: int = 0
    _sampled_at: float = 0.0

    def begin(self) -> None:
        """Have them amid of their talk, and the two begin."""
        self.load.warm_up(WARM_UP_S)
        self.rss_before_bytes = self.tree.rss_bytes()
        if self.offence is not None:
            self.offence.begin()

    def talk(self, seconds: float) -> None:
        """One window. Raises NoFigures when a frame was lost or altered."""
        if self.offence is not None:
            self.offence.resume()
        outcome = self.load.run(seconds, also=self._go_on)
        outcome.require_identical("bystanders")
        self.windows_ms.append(percentile([*outcome.up_ns, *outcome.down_ns], 99) / 1e6)

    @property
    def growth_mib(self) -> float:
        return (self.rss_most_bytes - self.rss_before_bytes) / 2**20

    def _go_on(self, now: float) -> None:
        if now - self._sampled_at >= SAMPLE_EVERY_S:
            self._sampled_at = now
            self.rss_most_bytes = max(self.rss_most_bytes, self.tree.rss_bytes())
        if self.offence is not None:
            self.offence.go_on(now)


@contextmanager
def connected(sessions: int, peer_cores: Sequence[int], *, offends: bool) -> Iterator[Bystanders]:
    """So many, and two besides who offend or are silent, on a server of their own. `begin` next."""
    load = Load()
    try:
        with (
            tempfile.TemporaryDirectory(prefix="voiceassist-bench-") as folder,
            our_server(load.port, Path(folder)) as server,
        ):
            server.tree.pin(peer_cores)
            load.open(server.targets(sessions + 2))
            load.set_aside(2)
            yield Bystanders(load, server.tree, Offence(load) if offends else None)
            load.hang_up()
    finally:
        load.close()


def measure(sessions: int, seconds: float, window_s: float = WINDOW_S) -> dict[str, Any]:
    """p99 of `sessions` bystanders and the growth of the process, beside the two and without, each
    for so many seconds.

    Raises NoFigures when a bystander's frame was lost or altered.
    """
    generator_cores, peer_cores = split_cores()
    os.sched_setaffinity(0, generator_cores)
    with (
        connected(sessions, peer_cores, offends=False) as quiet,
        connected(sessions, peer_cores, offends=True) as troubled,
    ):
        quiet.load.silent, troubled.load.silent = [troubled.load], [quiet.load]
        pair = [quiet, troubled]
        for one in pair:
            one.begin()
        for _ in range(round(seconds / window_s)):
            for one in pair:
                one.talk(window_s)
            pair.reverse()
        quiet.load.silent, troubled.load.silent = [], []
        assert troubled.offence is not None
        return {
            "sessions": sessions,
            "seconds": seconds,
            "quiet_p99_ms": statistics.median(quiet.windows_ms),
            "troubled_p99_ms": statistics.median(troubled.windows_ms),
            "quiet_windows_ms": quiet.windows_ms,
            "troubled_windows_ms": troubled.windows_ms,
            "flood_frames_taken": troubled.offence.flooded,
            "rss_before_mb": troubled.rss_before_bytes / 1e6,
            "quiet_growth_mib": quiet.growth_mib,
            "troubled_growth_mib": troubled.growth_mib,
        }


def judged(result: dict[str, Any]) -> list[tuple[bool, str]]:
    """Whether bystanders noticed nothing, and whether the two cost no more than they may."""
    quiet, troubled = result["quiet_p99_ms"], result["troubled_p99_ms"]
    beside_mib, without_mib = result["troubled_growth_mib"], result["quiet_growth_mib"]
    cost_mib, most_mib = beside_mib - without_mib, MOST_GROWTH_BYTES / 2**20
    return [
        (
            troubled <= max(quiet * SAME_RATIO, quiet + SAME_MS),
            f"bystanders' p99: {troubled:.2f} ms beside the two, {quiet:.2f} ms without",
        ),
        (
            cost_mib <= most_mib,
            f"the process grew by {beside_mib:.1f} MiB beside the two, by {without_mib:.1f} MiB"
            f" without: they cost {cost_mib:.1f} MiB (at most {most_mib:.0f})",
        ),
    ]
