"""Servers that are forked from one process per test run: most of a second cheaper to start each."""

from __future__ import annotations

import atexit
import functools
import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from tests.e2e.server import ROOT, ServerProcess

POLL_S = 0.01


class ForkServer:
    """The process that they are forked from. Safe from any thread. Call `close` at the end."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.contract.fork_server"],
            cwd=ROOT,
            # numpy's would be threads, and Python reads the other only as it starts
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._asking = threading.Lock()

    def ask(self, **order: Any) -> int | None:
        """What `tests.contract.fork_server.obey` answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._asking:
            print(json.dumps(order), file=self._process.stdin, flush=True)
            line = self._process.stdout.readline()
        assert line, "the process that forks servers has ended; see standard error"
        answer: int | None = json.loads(line)
        return answer

    def close(self) -> None:
        """Also counts what the servers used to this process's children."""
        self._process.communicate()


@functools.cache
def fork_server() -> ForkServer:
    """This run's."""
    server = ForkServer()
    atexit.register(server.close)
    return server


class ForkedProcess:
    """What `subprocess.Popen` is for a process that it started itself."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._exit_status: int | None = None
        self._polling = threading.Lock()

    def poll(self) -> int | None:
        with self._polling:  # its end is told once
            if self._exit_status is None:
                self._exit_status = fork_server().ask(poll=self.pid)
        return self._exit_status

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired. timeout: seconds."""
        until = math.inf if timeout is None else time.monotonic() + timeout
        while (exit_status := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired("serve", timeout or 0.0)
            time.sleep(POLL_S)
        return exit_status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:  # until that has told its end, nobody else can have its pid
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class ForkedServerProcess(ServerProcess):
    """A server process but for its start."""

    def _launch(self, arguments: list[str], log_path: Path) -> ForkedProcess:
        pid = fork_server().ask(
            arguments=arguments, environment=self.environment(), log_path=str(log_path)
        )
        assert pid is not None
        return ForkedProcess(pid)
