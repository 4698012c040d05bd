"""A VoiceAssist server of the tests' own: a real process that can be killed and started again."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Protocol

from scripts.test_services import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
OUTPUT_PROBE = Path(__file__).resolve().parent / "probes" / "tap.js"
READY_LINE = "VoiceAssist ready: "
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 35.0
# What a developer's shell may hold and a test must not inherit.
FOREIGN_SETTINGS = (
    "DATABASE_URL",
    "REDIS_URL",
    "OPENAI_API_KEY",
    "REALTIME_PROVIDER",
    "REALTIME_ENABLED",
    "DJANGO_SETTINGS_MODULE",
)


class Running(Protocol):
    """What is asked of a process, whoever started it: that of `subprocess.Popen`."""

    pid: int

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, number: int, /) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


class ServerProcess:
    """One server on one folder and one port: SQLite, no Redis, the embedded provider.

    Call `start` first; `kill` and `start` again serve the same data at the same address. End with
    `stop`. `settings` are added to the environment and win.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = folder / "server.log"
        self.database_path = folder / "local" / "voiceassist.sqlite3"
        self.passwords = {"demo": secrets.token_urlsafe(12), "admin": secrets.token_urlsafe(12)}
        self.secret_key = secrets.token_urlsafe(64)
        self._settings = settings
        self._process: Running | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server was not started"
        return self._process.pid

    def start(self) -> float:
        """Start and wait until it can answer; returns how many seconds that took."""
        assert self._process is None, "the server runs already"
        self._serve_output_probe()
        started = time.monotonic()
        self.log_path.touch()
        log_from = self.log_path.stat().st_size
        arguments = ["serve", "--prepare", "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = self._launch(arguments, self.log_path)
        while time.monotonic() - started < START_TIMEOUT_S:
            if READY_LINE in self.log_since(log_from):
                return time.monotonic() - started
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        said = self.log_since(log_from)
        self.kill()
        raise AssertionError(f"the server did not get ready; its log:\n{said[-4000:]}")

    def _launch(self, arguments: list[str], log_path: Path) -> Running:
        with log_path.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "manage.py", *arguments],
                cwd=ROOT,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> None:
        """SIGKILL: nothing is said, nothing is flushed."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(timeout=STOP_TIMEOUT_S)
            self._process = None

    def stop(self) -> int:
        """SIGTERM as an operator would; returns the exit status. Kills a server that hangs."""
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.terminate()
        try:
            return process.wait(timeout=STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"the server did not end within {STOP_TIMEOUT_S:.0f} s") from None

    def log(self) -> str:
        return self.log_since(0)

    def log_since(self, offset_bytes: int) -> str:
        with self.log_path.open("rb") as log:
            log.seek(offset_bytes)
            return log.read().decode(errors="replace")

    def _serve_output_probe(self) -> None:
        """A worklet cannot be put into a page from outside: the page's own server must have it."""
        folder = self.folder / "local" / "static" / "probe"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(OUTPUT_PROBE, folder / "tap.js")

    def run_python(self, code: str) -> str:
        """Run a program on its database, beside it; returns what that prints."""
        done = subprocess.run(
            [sys.executable, "-c", f"import django\ndjango.setup()\n{code}"],
            cwd=ROOT,
            env=self.environment() | {"DJANGO_SETTINGS_MODULE": "voiceassist.settings"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def environment(self) -> dict[str, str]:
        """What the server runs with; also for commands on its database."""
        kept = {name: value for name, value in os.environ.items() if name not in FOREIGN_SETTINGS}
        return kept | {
            "LOCAL_DIR": str(self.folder / "local"),
            "SECRET_KEY": self.secret_key,
            "DEMO_PASSWORD": self.passwords["demo"],
            "ADMIN_PASSWORD": self.passwords["admin"],
            "REALTIME_PROVIDER": "embedded",
            "PYTHONUNBUFFERED": "1",
            # Every page, test and call signs in from one address.
            "LIMIT_SIGNIN_USER_PER_MIN": "1000",
            "LIMIT_SIGNIN_ADDRESS_PER_MIN": "1000",
            "LIMIT_MINT_PER_MIN": "1000",
            # Nor is each of them worth a password hash made to be slow.
            "DJANGO_SETTINGS_MODULE": "tests.contract.server_settings",
            **self._settings,
        }
