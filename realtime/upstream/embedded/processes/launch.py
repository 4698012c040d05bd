"""Starting a speech process: a fresh interpreter on one module, connected by one socket.

Not `multiprocessing`: that re-imports the parent's main module, which may be uvicorn, manage.py or
a test runner, and its blocking pipes need threads. A process started here imports its own module
alone, speaks frames over a socket the event loop can read, and ends when that socket closes.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

_SOURCE_ROOT = Path(__file__).resolve().parents[4]


class SpeechProcess:
    """A running child. Call `close` to end it; it also ends when this process does."""

    def __init__(self, module: str, *arguments: str) -> None:
        """Start `python -m module <fd> *arguments`. Raises OSError."""
        ours, theirs = socket.socketpair()
        environment = {
            **{key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ},
            "PYTHONPATH": str(_SOURCE_ROOT),
            "OPENBLAS_NUM_THREADS": "1",  # forking is only safe from a single-threaded process
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        try:
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603
                    [sys.executable, "-m", module, str(theirs.fileno()), *arguments],
                    pass_fds=(theirs.fileno(),),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    env=environment,
                    cwd=_SOURCE_ROOT,
                )
        except OSError:
            ours.close()
            raise
        ours.setblocking(False)
        self.socket = ours

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """End the child at once and reap it; idempotent."""
        self.socket.close()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(timeout=5)

    async def aclose(self) -> None:
        """`close`, without holding up the event loop."""
        await asyncio.to_thread(self.close)
