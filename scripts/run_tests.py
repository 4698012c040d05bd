"""`make test`: the checks, then every suite. Nothing is skipped; any failure is the result.

A test that fails is run a second time by itself. If it passes then, the run passes, and the
summary names the suite as unsteady: the suites speak in real time to real browsers, and a
machine may stall for longer than any of them allows.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from scripts import run_checks
from scripts.install import FRONTEND, ROOT, VENV, build_frontend, node_environment
from scripts.sdk_environments import install_node_sdks, install_python_sdks
from scripts.test_services import install_system_packages, postgres_server, redis_server

PYTEST = (str(VENV / "bin" / "python"), "-m", "pytest")
# Without a database: each has a suite of its own, as the browser has.
PURE = ("core", "runtime", "embedded", "bench", "sdk", "e2e")
# What starts servers of its own, and waits for most of its time.
SERVED = ("contract", "headless/test_one_turn.py")
SERVED_WITH_REDIS = ("contract", "headless")
TALKS = (
    ("barge_in", "crash", "resume", "quota", "typing"),
    ("main_path", "endurance", "webrtc"),
)
# What only computes stands back behind what is spoken in real time, but not until that has ended:
# it has bounds of its own.
YIELDING = ("nice", "-n", "10")
PRINTING = threading.Lock()


@dataclass(frozen=True)
class Suite:
    """One command with its own settings and its own folder for what it leaves behind."""

    title: str
    command: Sequence[str]
    cwd: Path = ROOT
    settings: dict[str, str] = field(default_factory=dict)
    yields: bool = False

    def run(self, folder: Path) -> str:
        """Run it, print its output in one piece, and say "passed", "unsteady" or "FAILED"."""
        started = time.monotonic()
        local = folder / self.title.replace(" ", "-").replace(",", "")
        local.mkdir()
        env = os.environ | self.settings | {"LOCAL_DIR": str(local)}
        command = [*self.command]
        is_pytest = self.command[: len(PYTEST)] == PYTEST
        if is_pytest:
            command += ["-o", f"cache_dir={local / 'pytest-cache'}"]
        if self.yields:
            command = [*YIELDING, *command]
        verdict, output, cpu_s = self._attempt(command, env)
        if verdict == "FAILED" and is_pytest:
            again = [part for part in command if not part.startswith("--cov")]
            second, more, more_cpu_s = self._attempt([*again, "--last-failed", "--lfnf=none"], env)
            output += "\n--- the failed tests once more\n" + more
            verdict = "unsteady" if second == "passed" else "FAILED"
            cpu_s += more_cpu_s
        took = f"{time.monotonic() - started:.0f} s, {cpu_s:.0f} s of CPU"
        with PRINTING:
            print(f"\n=== {self.title}\n{output}", end="")
            print(f"=== {self.title}: {verdict} in {took}", flush=True)
        return verdict

    def _attempt(self, command: Sequence[str], env: dict[str, str]) -> tuple[str, str, float]:
        """The verdict, what was printed, and the seconds of CPU that it and its children took."""
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                command, cwd=self.cwd, env=env, stdout=said, stderr=subprocess.STDOUT
            )
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            output = said.read().decode(errors="replace")
        if process.returncode < 0:
            output += f"\nended by {signal.Signals(-process.returncode).name}\n"
        verdict = "passed" if process.returncode == 0 else "FAILED"
        return verdict, output, used.ru_utime + used.ru_stime


def computing_suites() -> list[Suite]:
    """What needs no database and hardly ever waits."""
    node, npm, env = node_environment()
    os.environ["PATH"] = env["PATH"]
    coverage = (
        "--cov=realtime.core",
        "--cov-branch",
        "--cov-fail-under=100",
        "--cov-report=term-missing:skip-covered",
    )
    return [
        Suite("core, every branch", (*PYTEST, "tests/core", *coverage)),
        Suite("runtime and upstream", (*PYTEST, "tests/runtime")),
        Suite(
            "audio arithmetic (vitest)",
            (str(node), str(npm), "run", "--silent", "test"),
            cwd=FRONTEND,
        ),
    ]


def database_suite(title: str, names: Sequence[str], services: dict[str, str]) -> Suite:
    """`services` are the settings that name PostgreSQL and Redis; empty: SQLite, no Redis."""
    where = "PostgreSQL and Redis" if services else "SQLite, no Redis"
    paths = [f"tests/{name}" for name in names]
    return Suite(f"{title} on {where}", (*PYTEST, *paths), settings=services)


def in_process_folders() -> list[str]:
    """The folders of tests that no other suite names: a new one belongs here by itself."""
    named = {*PURE, *SERVED_WITH_REDIS}
    found = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}
    return sorted(found - named)


def browser_suites() -> list[Suite]:
    """Parts of about the same length; a new file belongs to the last by itself."""
    talks = [[f"tests/e2e/test_{name}.py" for name in names] for names in TALKS]
    left_out = [f"--ignore={path}" for paths in talks for path in paths]
    return [
        *(Suite(f"browser, talk {n}", (*PYTEST, *paths)) for n, paths in enumerate(talks, 1)),
        Suite("browser, everything else", (*PYTEST, "tests/e2e", *left_out)),
    ]


def run_suites(folder: Path) -> list[tuple[Suite, str]]:
    """Four at a time that mostly wait, the longest first, and two that fill their gaps.

    More would have the machine stall for longer than who speaks in real time can bear.
    """
    folders = in_process_folders()
    # Redis tells all its clients everything, whatever their database: suites share none.
    with postgres_server() as database_url, redis_server() as one, redis_server() as another:
        in_process = {"DATABASE_URL": database_url, "REDIS_URL": one}
        served = {"DATABASE_URL": database_url, "REDIS_URL": another}
        *talks, other_pages = browser_suites()
        waiting = [
            database_suite("servers", SERVED_WITH_REDIS, served),
            other_pages,
            database_suite("servers", SERVED, {}),
            *talks,
            Suite("embedded provider", (*PYTEST, "tests/embedded")),
            Suite("official SDKs", (*PYTEST, "tests/sdk")),
            Suite("benchmark", (*PYTEST, "tests/bench")),
        ]
        # What is said of the repository itself is the same whatever the database.
        stored = [name for name in folders if name != "ground"]
        computing = [
            database_suite("Django", stored, in_process),
            database_suite("Django", folders, {}),
            *computing_suites(),
        ]
        computing = [replace(suite, yields=True) for suite in computing]
        with ThreadPoolExecutor(4) as at, ThreadPoolExecutor(2) as beside:
            running = [(suite, at.submit(suite.run, folder)) for suite in waiting]
            running += [(suite, beside.submit(suite.run, folder)) for suite in computing]
            return [(suite, verdict.result()) for suite, verdict in running]


def main() -> None:
    """Check, install, build, run everything; exit non-zero if anything failed."""
    # It has no options: one that is given asks for help, or for something else than everything.
    argparse.ArgumentParser(prog="make test", description=__doc__).parse_args()
    # Hundreds of interpreters are started: what one has compiled, the others need not.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    run_checks.main()
    install_system_packages()
    install_python_sdks()
    install_node_sdks()
    build_frontend()
    for name in ("DATABASE_URL", "REDIS_URL", "OPENAI_API_KEY", "REALTIME_PROVIDER"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="voiceassist-tests-") as local:
        os.environ["SECRET_KEY"] = secrets.token_urlsafe(64)
        results = run_suites(Path(local))
    print("\n=== Summary")
    for suite, verdict in results:
        print(f"{verdict:<9}{suite.title}")
    failed = sum(verdict == "FAILED" for _suite, verdict in results)
    print(f"{len(results) - failed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
