"""Part `database`: sessions made a second, a long history read, finals stored a second; on SQLite
and on PostgreSQL, both as durable as they are in service."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from bench.figures import percentile
from bench.library import LONG_THREAD_ITEMS
from bench.load import Load
from bench.ours import OurServer, our_server
from bench.table import text_table
from scripts.install import ROOT
from scripts.test_services import postgres_server

DURABLE: Final = ("-h", "127.0.0.1", "-c", "max_connections=200")
MINTS: Final = 150
MINTING_AT_ONCE: Final = 8
TALKING: Final = 20
FINALS_PER_TURN: Final = 2  # what the user said, and the answer
FINALS_S: Final = 10.0
NEWS: Final = f"since={LONG_THREAD_ITEMS - 2}"
ROWS: Final = (
    ("minted_per_s", "sessions minted a second, one by one"),
    ("minted_at_once_per_s", f"… {MINTING_AT_ONCE} at once"),
    ("list_p50_ms", "list of conversations, p50 ms"),
    ("list_p95_ms", "… p95 ms"),
    ("search_p50_ms", "… searched for a word, p50 ms"),
    ("search_nothing_p50_ms", "… for a word that is nowhere, p50 ms"),
    ("items_100_p50_ms", "a thread of 100 items, p50 ms"),
    ("items_5000_p50_ms", "a thread of 5,000 items, p50 ms"),
    ("changes_p50_ms", "… the two of them that are new, p50 ms"),
    ("finals_per_s", "final transcripts stored and sent on a second"),
)


def measure() -> dict[str, Any]:
    """The figures of both databases."""
    with tempfile.TemporaryDirectory(prefix="voiceassist-bench-") as folder:
        home = Path(folder)
        figures = {"SQLite": _measure_one(home / "sqlite")}
        with postgres_server(DURABLE) as url:
            figures["PostgreSQL"] = _measure_one(home / "postgres", DATABASE_URL=url)
    return figures


def _measure_one(folder: Path, **settings: str) -> dict[str, float]:
    load = Load()
    try:
        with our_server(load.port, folder, **settings) as server:
            figures = _minting(server) | _finals(server, load)
            return figures | _reading(server)
    finally:
        load.close()


def _minting(server: OurServer) -> dict[str, float]:
    server.targets(3)  # what is loaded at the first is loaded
    with _taking() as one_by_one:
        server.targets(MINTS)
    with _taking() as at_once, ThreadPoolExecutor(MINTING_AT_ONCE) as threads:
        share = MINTS // MINTING_AT_ONCE
        list(threads.map(lambda twin: twin.targets(share), server.twins(MINTING_AT_ONCE)))
    return {
        "minted_per_s": MINTS / one_by_one[0],
        "minted_at_once_per_s": share * MINTING_AT_ONCE / at_once[0],
    }


def _finals(server: OurServer, load: Load) -> dict[str, float]:
    load.open(server.targets(TALKING))
    load.converse(1.0)
    turns, taken_s = load.converse(FINALS_S)
    load.hang_up()
    return {"finals_per_s": turns * FINALS_PER_TURN / taken_s}


def _reading(server: OurServer) -> dict[str, float]:
    long_thread, thread = seed_library(server)
    token = server.sign_in("demo")
    home = "/api/conversations/"

    def times_ms(path: str, count: int) -> list[float]:
        server.request("GET", path, token)
        times = []
        for _ in range(count):
            with _taking() as taken:
                server.request("GET", path, token)
            times.append(taken[0] * 1000)
        return times

    listed = times_ms(home, 50)
    return {
        "list_p50_ms": percentile(listed, 50),
        "list_p95_ms": percentile(listed, 95),
        "search_p50_ms": percentile(times_ms(f"{home}?search=invoice", 15), 50),
        "search_nothing_p50_ms": percentile(times_ms(f"{home}?search=zyzzyva", 7), 50),
        "items_100_p50_ms": percentile(times_ms(f"{home}{thread}/items/", 30), 50),
        "items_5000_p50_ms": percentile(times_ms(f"{home}{long_thread}/items/", 7), 50),
        "changes_p50_ms": percentile(times_ms(f"{home}{long_thread}/items/?{NEWS}", 30), 50),
    }


def seed_library(server: OurServer) -> tuple[str, str]:
    """The ids of a conversation of 5,000 items and of one of 100, of the demo account."""
    printed = subprocess.run(
        [sys.executable, "-m", "bench.library"],
        cwd=ROOT, env=server.env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    long_thread, thread = printed.stdout.split()
    return long_thread, thread


@contextmanager
def _taking() -> Iterator[list[float]]:
    """The seconds the block took, in the list it is given."""
    taken: list[float] = []
    began = time.perf_counter()
    yield taken
    taken.append(time.perf_counter() - began)


def report(figures: dict[str, Any]) -> str:
    return text_table(rows(figures))


def rows(figures: dict[str, Any]) -> list[list[str]]:
    """The table's cells, headings first."""
    named = [[told, *(_told(one[figure]) for one in figures.values())] for figure, told in ROWS]
    return [["", *figures], *named]


def _told(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"
