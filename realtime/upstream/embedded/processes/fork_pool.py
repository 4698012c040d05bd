"""The server's side of a fork host: a bounded pool of workers that are replaced when they die."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import Any

from realtime.upstream.embedded.processes.fork_host import FORK, KILL, ORDER
from realtime.upstream.embedded.processes.launch import SpeechProcess
from realtime.upstream.embedded.processes.link import WorkerLink, WorkerLost, WorkerTooSlow

logger = logging.getLogger(__name__)


class PoolBusy(Exception):
    """More questions are waiting than the pool takes."""


class ForkPool:
    """`worker_count` workers forked from one host process running `module`.

    Call `start` early and `aclose` at the end. Belongs to the event loop that first asks.
    """

    def __init__(self, module: str, worker_count: int, max_waiting: int) -> None:
        self._module = module
        self._worker_count = worker_count
        self._max_waiting = max_waiting
        self._host: SpeechProcess | None = None
        self._idle: list[tuple[int, WorkerLink]] = []
        self._free = asyncio.Semaphore(worker_count)
        self._waiting = 0
        self._last_number = 0
        self._closed = False

    @property
    def host_pid(self) -> int | None:
        return self._host.pid if self._host else None

    def start(self) -> None:
        """Start the host if it is not running; it loads by itself."""
        if self._closed or (self._host is not None and self._host.running):
            return
        if self._host is not None:
            logger.warning("speech host lost", extra={"module_name": self._module})
            self._host.close()
            for _, link in self._idle:
                link.close()
            self._idle.clear()
        self._host = SpeechProcess(self._module)

    async def ask(
        self, header: dict[str, Any], body: bytes, timeout_s: float
    ) -> tuple[dict[str, Any], bytes]:
        """Ask a free worker; a worker that dies is replaced and asked once more.

        Raises PoolBusy, WorkerTooSlow, WorkerLost.
        """
        if self._waiting >= self._max_waiting + self._worker_count:
            raise PoolBusy
        self._waiting += 1
        try:
            async with self._free:
                try:
                    return await self._ask_one(header, body, timeout_s)
                except WorkerTooSlow:
                    raise
                except WorkerLost:
                    logger.warning("speech worker lost", extra={"module_name": self._module})
                    return await self._ask_one(header, body, timeout_s, fresh=True)
        finally:
            self._waiting -= 1

    async def aclose(self) -> None:
        self._closed = True
        for _, link in self._idle:
            link.close()
        self._idle.clear()
        host, self._host = self._host, None
        if host is not None:
            await host.aclose()

    async def _ask_one(
        self, header: dict[str, Any], body: bytes, timeout_s: float, *, fresh: bool = False
    ) -> tuple[dict[str, Any], bytes]:
        if self._closed:
            raise WorkerLost("the pool is closed")
        self.start()
        # What killed one worker may have killed them all: after a loss only a new one will do.
        number, link = self._idle.pop() if self._idle and not fresh else self._fork()
        answered = False
        try:
            answer = await link.ask(header, body, timeout_s)
            answered = True
        finally:
            if answered and not self._closed:
                self._idle.append((number, link))
            else:  # a late answer must never be taken for the next question's
                link.close()
                self._tell_host(KILL, number)
        return answer

    def _fork(self) -> tuple[int, WorkerLink]:
        self._last_number += 1
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        try:
            with theirs:
                self._tell_host(FORK, self._last_number, theirs)
        except WorkerLost:
            ours.close()
            raise
        return self._last_number, WorkerLink(ours)

    def _tell_host(self, order: int, number: int, attached: socket.socket | None = None) -> None:
        if self._host is None:
            return
        descriptors = [attached.fileno()] if attached else []
        try:
            socket.send_fds(self._host.socket, [ORDER.pack(order, number)], descriptors)
        except OSError as error:
            if attached is not None:
                raise WorkerLost("the speech host is gone") from error
