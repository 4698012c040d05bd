"""`make test`: the checks, then every suite. Nothing is skipped; any failure is the result."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scripts import run_checks
from scripts.install import FRONTEND, ROOT, VENV, build_frontend, node_environment
from scripts.test_services import install_system_packages, postgres_server, redis_server

PYTEST = (str(VENV / "bin" / "python"), "-m", "pytest")
DJANGO_SUITES = (
    "tests/accounts",
    "tests/conversations",
    "tests/review",
    "tests/realtime",
    "tests/contract",
    "tests/ground",
)


def suite(title: str, *command: str, cwd: Path = ROOT, **settings: str) -> bool:
    """Run one suite with its output shown; `settings` are added to its environment."""
    print(f"\n=== {title}", flush=True)
    started = time.monotonic()
    result = subprocess.run(command, cwd=cwd, env=os.environ | settings, check=False)
    verdict = "passed" if result.returncode == 0 else f"FAILED ({result.returncode})"
    print(f"=== {title}: {verdict} in {time.monotonic() - started:.0f} s", flush=True)
    return result.returncode == 0


def run_suites() -> list[tuple[str, bool]]:
    node, npm, env = node_environment()
    os.environ["PATH"] = env["PATH"]
    results: list[tuple[str, bool]] = []

    def record(title: str, *command: str, cwd: Path = ROOT, **settings: str) -> None:
        results.append((title, suite(title, *command, cwd=cwd, **settings)))

    record(
        "core, every branch",
        *PYTEST,
        "tests/core",
        "--cov=realtime.core",
        "--cov-branch",
        "--cov-fail-under=100",
        "--cov-report=term-missing:skip-covered",
    )
    record("runtime and upstream", *PYTEST, "tests/runtime")
    record("embedded provider", *PYTEST, "tests/embedded")
    record(
        "audio arithmetic (vitest)", str(node), str(npm), "run", "--silent", "test", cwd=FRONTEND
    )
    record("Django and contract on SQLite, no Redis", *PYTEST, *DJANGO_SUITES)
    with postgres_server() as database_url, redis_server() as redis_url:
        record(
            "Django and contract on PostgreSQL and Redis",
            *PYTEST,
            *DJANGO_SUITES,
            DATABASE_URL=database_url,
            REDIS_URL=redis_url,
        )
    record("browser", *PYTEST, "tests/e2e")
    return results


def main() -> None:
    """Check, install, build, run everything; exit non-zero if anything failed."""
    run_checks.main()
    install_system_packages()
    build_frontend()
    for name in ("DATABASE_URL", "REDIS_URL", "OPENAI_API_KEY", "REALTIME_PROVIDER"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="voiceassist-tests-") as local:
        os.environ["LOCAL_DIR"] = local
        os.environ["SECRET_KEY"] = secrets.token_urlsafe(64)
        results = run_suites()
    print("\n=== Summary")
    for title, passed in results:
        print(f"{'ok  ' if passed else 'FAIL'} {title}")
    failed = sum(not passed for _title, passed in results)
    print(f"{len(results) - failed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
