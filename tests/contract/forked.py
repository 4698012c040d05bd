"""Servers that are forked from one process per test run: most of a second cheaper to start each."""

from __future__ import annotations

import atexit
import functools
import json
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from tests.e2e.server import ROOT, ServerProcess


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

    def ask(self, **order: Any) -> int:
        """What `tests.contract.fork_server.obey` answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._asking:
            print(json.dumps(order), file=self._process.stdin, flush=True)
            line = self._process.stdout.readline()
        assert line, "the process that forks servers has ended; see standard error"
        return int(line)

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
        # The pid stays this process's until its end has been asked for.
        self._ended = os.pidfd_open(pid)

    def poll(self) -> int | None:
        if self._exit_status is None and select.select([self._ended], [], [], 0)[0]:
            return self._reaped()
        return self._exit_status

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired. timeout: seconds."""
        if self._exit_status is not None:
            return self._exit_status
        if not select.select([self._ended], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("serve", timeout or 0.0)
        return self._reaped()

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            signal.pidfd_send_signal(self._ended, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _reaped(self) -> int:
        self._exit_status = fork_server().ask(wait=self.pid)
        os.close(self._ended)
        return self._exit_status


class ForkedServerProcess(ServerProcess):
    """A server process but for its start."""

    def _launch(self, arguments: list[str], log_path: Path) -> ForkedProcess:
        return ForkedProcess(
            fork_server().ask(
                arguments=arguments, environment=self.environment(), log_path=str(log_path)
            )
        )
