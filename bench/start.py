"""Part `start`: how long the server takes to answer, what `make run` takes on a machine that has
nothing but Python and the second time, and how much a visitor downloads."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from bench.ours import our_server
from bench.table import text_table
from scripts.install import FRONTEND, ROOT, fail, node_environment
from scripts.test_services import free_port

READY: Final = "VoiceAssist ready"
FIRST_TIMEOUT_S: Final = 900.0
_SIZE: Final = re.compile(r"([\w ]+): ([\d.]+) of (\d+) KiB gzip")


def measure() -> dict[str, Any]:
    """Seconds and KiB."""
    return {"seconds": _server_starts() | _make_run(), "bundles": bundles()}


def _server_starts() -> dict[str, float]:
    """With an empty database (migrations, demo accounts), and once more with it."""
    with tempfile.TemporaryDirectory(prefix="voiceassist-bench-") as folder:
        times = []
        for _ in range(2):
            began = time.monotonic()
            with our_server(9, Path(folder)):
                times.append(time.monotonic() - began)
    return {"server, empty database": times[0], "server, again": times[1]}


def _make_run() -> dict[str, float]:
    """In a copy of what is committed: a virtual environment, packages, pages, database."""
    with tempfile.TemporaryDirectory(prefix="voiceassist-bench-") as folder:
        copy = Path(folder) / "voiceassist"
        copy.mkdir()
        archive = subprocess.run(
            ["git", "-C", ROOT, "archive", "HEAD"], stdout=subprocess.PIPE, check=True
        )
        subprocess.run(["tar", "-x", "-C", copy], input=archive.stdout, check=True)
        return {
            "`make run`, the first time": _until_ready(copy),
            "`make run`, again": _until_ready(copy),
        }


def _until_ready(copy: Path) -> float:
    env = {name: value for name, value in os.environ.items() if name not in ("VENV", "LOCAL_DIR")}
    log = copy / "run.log"
    began = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["make", "run", f"PORT={free_port()}"],
            cwd=copy, env=env, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        while READY not in log.read_text(errors="replace"):
            if process.poll() is not None or time.monotonic() - began > FIRST_TIMEOUT_S:
                fail(f"`make run` did not get ready: {log.read_text(errors='replace')[-1500:]}")
            time.sleep(0.05)
        return time.monotonic() - began
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=60)


def bundles() -> dict[str, dict[str, float]]:
    """KiB after gzip and the budget, as the build says."""
    node, _, env = node_environment()
    with tempfile.TemporaryDirectory(prefix="voiceassist-bench-") as folder:
        vite = FRONTEND / "node_modules" / "vite" / "bin" / "vite.js"
        built = subprocess.run(
            [node, vite, "build", "--outDir", folder, "--emptyOutDir"],
            cwd=FRONTEND, env=env, capture_output=True, text=True, check=True,
        )  # fmt: skip
    told = re.sub(r"\x1b\[[0-9;]*m", "", built.stdout + built.stderr)
    return {
        name.strip(): {"kib": float(size), "budget_kib": float(budget)}
        for name, size, budget in _SIZE.findall(told)
    }


def report(figures: dict[str, Any]) -> str:
    return text_table(time_rows(figures)) + "\n\n" + text_table(bundle_rows(figures))


def time_rows(figures: dict[str, Any]) -> list[list[str]]:
    return [["until ready", "s"], *([name, f"{s:.1f}"] for name, s in figures["seconds"].items())]


def bundle_rows(figures: dict[str, Any]) -> list[list[str]]:
    sizes = figures["bundles"].items()
    return [
        ["downloaded, gzip", "KiB", "budget"],
        *([name, f"{one['kib']:.1f}", f"{one['budget_kib']:.0f}"] for name, one in sizes),
    ]
