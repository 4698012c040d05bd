"""A process that loads something heavy once and forks workers that share it.

Orders have one fixed size, so that a stream socket cannot run two together: FORK and a worker's
number, with one socket attached, starts that worker; KILL and a number ends one. Everything ends
when the control socket closes.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
from collections.abc import Callable

FORK, KILL = 1, 2
ORDER = struct.Struct("<BI")


def serve_forks(control: socket.socket, work: Callable[[socket.socket], None]) -> None:
    """Fork a worker per request, each running `work(its socket)`; returns when asked to end.

    The caller must be single-threaded and hold everything the workers are to share.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server decides when this process ends
    # A worker that the kernel reaped would leave its number to some other process, which a KILL
    # that comes late would hit.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    workers: dict[int, int] = {}
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, ORDER.size, 1)
        if len(message) < ORDER.size:
            break
        _reap(workers)
        order, number = ORDER.unpack(message)
        if order == KILL:
            _kill(workers.pop(number, 0))
            continue
        worker_socket = socket.socket(fileno=descriptors[0])
        pid = os.fork()
        if pid == 0:
            control.close()
            _be_worker(worker_socket, work)
        worker_socket.close()
        workers[number] = pid
    _reap(workers)
    for pid in workers.values():
        _kill(pid)


def _reap(workers: dict[int, int]) -> None:
    """Forget the workers that have ended."""
    while True:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if ended == 0:
            return
        for number in [number for number, pid in workers.items() if pid == ended]:
            del workers[number]


def _be_worker(connection: socket.socket, work: Callable[[socket.socket], None]) -> None:
    """Never returns to the host's code: a worker that did would fork workers of its own."""
    try:
        work(connection)
    finally:
        os._exit(0)


def _kill(pid: int) -> None:
    if pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
