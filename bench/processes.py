"""Processes under test: started, measured from /proc with all their children, stopped."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

from scripts.test_services import wait_for_port

STOP_TIMEOUT_S: Final = 40.0


class ProcessTree:
    """A process and all that it started."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)

    def _members(self) -> list[psutil.Process]:
        return [self._root, *self._root.children(recursive=True)]

    def cpu_s(self) -> float:
        """User and system time so far, of children that have ended, too."""
        total = 0.0
        for member in self._members():
            times = member.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
        return total

    def rss_bytes(self) -> int:
        return sum(member.memory_info().rss for member in self._members())

    def pin(self, cores: Sequence[int]) -> None:
        """Let every thread of it run on these cores alone."""
        for member in self._members():
            for thread in member.threads():
                os.sched_setaffinity(thread.id, cores)


@contextmanager
def running(
    name: str,
    port: int,
    command: Sequence[str | Path],
    *,
    folder: Path,
    log: Path,
    env: dict[str, str] | None = None,
) -> Iterator[ProcessTree]:
    """The process, once it accepts connections on `port`. Its log is told when it does not."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env=os.environ | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        try:
            wait_for_port(port, process, name)
        except BaseException:
            print(log.read_text(errors="replace")[-4000:])
            raise
        yield ProcessTree(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(timeout=STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def split_cores() -> tuple[list[int], list[int]]:
    """One core for the generator, the others for what is measured; both the same on one core."""
    cores = sorted(os.sched_getaffinity(0))
    return cores[:1], cores[1:] or cores


def stolen_s() -> float:
    """What the host has given to others of this machine's cores since its start (proc(5), stat);
    the same for ever where the host does not tell."""
    return psutil.cpu_times().steal
