"""The load generator: clients and provider of every call in one process, on one clock.

One epoll loop, precomputed frames, no coroutine and no parsing. What arrives is compared byte for
byte with what was sent. A timer wakes it every 0.2 ms; what is due by then is sent.
"""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import select
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from bench import turn
from bench.links import ClientLink, Link, Session, UpstreamLink
from bench.outcome import NoFigures, Outcome

T = TypeVar("T")

TICK_NS: Final = 200_000
OPENING_AT_ONCE: Final = 24
OPEN_TIMEOUT_S: Final = 60.0
DRAIN_TIMEOUT_S: Final = 15.0
WARM_UP_AT_ONCE: Final = 60
SILENT_POLL_S: Final = 1.0
_CLOCK_MONOTONIC: Final = 1


class Target:
    """Where a client connects, and with which headers."""

    __slots__ = ("headers", "path", "port")

    def __init__(self, port: int, path: str, headers: dict[str, str] | None = None) -> None:
        self.port = port
        self.path = path
        self.headers = headers or {}


class Load:
    """`open` sessions, `warm_up`, `run` as often as you like, `hang_up`; `close` in the end.

    The provider listens on `port` from the start: point relays at it.
    """

    def __init__(self) -> None:
        _raise_file_limit()
        self.outcome = Outcome()
        # A relay that writes events anew is held to their meaning: they are compared as JSON.
        self.may_rewrite = False
        self.sessions: list[Session] = []
        self.aside: list[Session] = []
        self.script = turn.turn()
        # Loads of other peers that are silent meanwhile: who answers no ping is hung up on.
        self.silent: list[Load] = []
        self._silent_polled_at = 0.0
        self._epoll = select.epoll()
        self._links: dict[int, Link] = {}
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._epoll.register(self._listener, select.EPOLLIN)
        self._timer = _timer()
        self._epoll.register(self._timer, select.EPOLLIN)
        self._opened = 0
        self._first_index = 0
        self._known: list[Session] = []
        self._schedule: list[tuple[float, int, int]] = []
        self._down_at = 0
        self._down_turns = 0
        self._appends = 0

    # Connections.

    def open(self, targets: list[Target]) -> None:
        """Open one session per target, besides those there are; each sends its first frames without
        waiting for an answer. Sessions are then at new places of the turn: `warm_up` next.

        Raises NoFigures when not all are live within the time-out.
        """
        self.outcome = Outcome()
        self._end_turns()
        waiting = list(reversed(targets))
        opening: set[Session] = set()
        deadline = time.monotonic() + OPEN_TIMEOUT_S + len(targets) * 0.1
        while waiting or opening:
            while waiting and len(opening) < OPENING_AT_ONCE:
                session = Session(self, self._opened)
                self._opened += 1
                self.sessions.append(session)
                self._known.append(session)
                opening.add(session)
                session.client = ClientLink(self, session, waiting.pop())
            self.poll(0.05)
            opening = {session for session in opening if not session.is_live}
            if self.outcome.broken or time.monotonic() > deadline:
                live = len(targets) - len(waiting) - len(opening)
                raise NoFigures(f"only {live} of {len(targets)} sessions opened")
        self._plan()

    def session(self, index: int) -> Session:
        """By the index in its stamps, which no two sessions of a process share."""
        return self._known[index - self._first_index]

    @property
    def longest_audio(self) -> int:
        """The number of the script's longest event."""
        sizes = [sum(map(len, event.pieces)) for event in self.script]
        return sizes.index(max(sizes))

    def set_aside(self, count: int) -> None:
        """Take the newest sessions out of the load: what they do is no longer compared or counted,
        and whether they break does not matter. `hang_up` ends them, too."""
        self.aside, self.sessions = self.sessions[-count:], self.sessions[:-count]
        for session in self.aside:
            session.is_aside = True
        self._plan()

    def add(self, link: Link) -> None:
        self._links[link.fd] = link
        self._epoll.register(link.fd, select.EPOLLIN)

    def watch(self, link: Link, *, read: bool = True, write: bool = False) -> None:
        """What to wake for on this connection."""
        self._epoll.modify(
            link.fd, (select.EPOLLIN if read else 0) | (select.EPOLLOUT if write else 0)
        )

    def drop(self, link: Link) -> None:
        if self._links.pop(link.fd, None) is not None:
            self._epoll.unregister(link.fd)
            link.socket.close()

    def poll(self, timeout_s: float) -> None:
        """Handle what has arrived, waiting for at most so long or one tick."""
        self._handle(timeout_s)
        if self.silent and (now := time.monotonic()) - self._silent_polled_at > SILENT_POLL_S:
            self._silent_polled_at = now
            for other in self.silent:
                other._handle(0)

    def _handle(self, timeout_s: float) -> None:
        for fd, events in self._epoll.poll(timeout_s, 256):
            link = self._links.get(fd)
            if link is not None:
                if events & select.EPOLLOUT:
                    link.flush()
                if events & ~select.EPOLLOUT:
                    link.receive()
            elif fd == self._timer:
                os.read(fd, 8)
            elif fd == self._listener.fileno():
                self._accept()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except BlockingIOError:
                return
            self.add(UpstreamLink(self, connection))

    def meanwhile(self, work: Callable[[], T]) -> T:
        """Do `work` on a thread, for seconds in which open sessions must be heard from: who answers
        no ping is hung up on."""
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(work)
            while not done.done():
                self.poll(0.05)
            return done.result()

    # Traffic.

    def _plan(self) -> None:
        """Sessions are at different places of the turn, evenly."""
        count = len(self.sessions)
        self._schedule = []
        for index, session in enumerate(self.sessions):
            phase_s = index / count * turn.TURN_S
            session.starts_at = sum(event.at_s < phase_s for event in self.script)
            self._schedule += [
                ((event.at_s - phase_s) % turn.TURN_S, index, number)
                for number, event in enumerate(self.script)
            ]
        self._schedule.sort()
        self._down_at = self._down_turns = self._appends = 0

    def _end_turns(self) -> None:
        """Bring every session to the end of the turn it is in, leaving out all pieces."""
        for session in self.sessions:
            for number in range(session.down_at, len(self.script) if session.down_at else 0):
                if not self.script[number].is_delta:
                    session.send_scripted(number)
            session.down_at = 0
        self._drain(DRAIN_TIMEOUT_S)

    def warm_up(self, seconds: float) -> None:
        """Bring every session to its place in the turn: the beginnings of what it is amid of, but
        none of the pieces; then talk for a moment. Uncounted, but checked like the rest."""
        begun = [
            (session, number)
            for session in self.sessions
            for number in range(session.starts_at)
            if not self.script[number].is_delta
        ]
        started = time.monotonic()
        for index, (session, number) in enumerate(begun):
            session.send_scripted(number)
            # At its own pace: what is begun is stored, and all at once it would be a flood.
            while (
                time.monotonic() - started < seconds * index / len(begun)
                or self._in_flight() > WARM_UP_AT_ONCE
            ):
                self.poll(0.001)
        self.run(seconds / 2)

    def run(
        self,
        seconds: float,
        drain_timeout_s: float = DRAIN_TIMEOUT_S,
        also: Callable[[float], None] | None = None,
    ) -> Outcome:
        """Talk for so long, then wait until all has arrived. The outcome is this run's alone.

        also: called with the time (monotonic seconds) every tick.
        """
        outcome = self.outcome = Outcome()
        self._check_is_whole()
        gc.collect()
        gc.disable()
        cpu_from, began = time.process_time(), time.monotonic()
        try:
            self._talk(began, seconds, also)
            outcome.seconds = time.monotonic() - began
            outcome.generator_cpu_s = time.process_time() - cpu_from
            self._drain(drain_timeout_s)
            outcome.missing = self._in_flight()
        finally:
            gc.enable()
        return outcome

    def converse(self, seconds: float) -> tuple[int, float]:
        """Turn upon turn without the pieces, each as soon as all of the last has arrived at the
        client: how fast what is final can be stored. Returns the turns and the seconds taken.

        Raises NoFigures when not all arrived as it was sent.
        """
        outcome = self.outcome = Outcome()
        whole = [number for number, event in enumerate(self.script) if not event.is_delta]
        turns, began = 0, time.monotonic()
        while time.monotonic() - began < seconds:
            for session in self.sessions:
                if not session.in_flight:
                    turns += 1
                    for number in whole:
                        session.send_scripted(number)
            self.poll(0.01)
        self._drain(DRAIN_TIMEOUT_S)
        taken_s = time.monotonic() - began
        outcome.missing = self._in_flight()
        outcome.require_identical("finals")
        return turns, taken_s

    def _talk(self, began: float, seconds: float, also: Callable[[float], None] | None) -> None:
        sessions, schedule = self.sessions, self._schedule
        lateness, now_ns = self.outcome.lateness_ns, time.monotonic
        every_s = 1 / (turn.APPENDS_PER_S * len(sessions))
        append_base = began - self._appends * every_s
        down_base = began - (schedule[self._down_at][0] + self._down_turns * turn.TURN_S)
        append_due = append_base + self._appends * every_s
        down_due = began
        end = began + seconds
        while (now := now_ns()) < end:
            while append_due <= now:
                sessions[self._appends % len(sessions)].send_append()
                lateness.append(int((now - append_due) * 1e9))
                self._appends += 1
                append_due = append_base + self._appends * every_s
            while down_due <= now:
                _, index, number = schedule[self._down_at]
                sessions[index].send_scripted(number)
                self._down_at += 1
                if self._down_at == len(schedule):
                    self._down_at, self._down_turns = 0, self._down_turns + 1
                down_due = down_base + schedule[self._down_at][0] + self._down_turns * turn.TURN_S
            if also is not None:
                also(now)
            self.poll(0.001)

    def _drain(self, timeout_s: float) -> None:
        until = time.monotonic() + timeout_s
        while self._in_flight() and time.monotonic() < until:
            self.poll(0.01)

    def _check_is_whole(self) -> None:
        if any(session.is_broken for session in self.sessions):
            raise NoFigures("a session broke between the runs")

    def _in_flight(self) -> int:
        return sum(session.in_flight for session in self.sessions)

    # The end.

    def hang_up(self) -> None:
        """Close every call as clients do, and wait until the relay has let go of the provider."""
        for session in self._known:
            session.hang_up()
        until = time.monotonic() + DRAIN_TIMEOUT_S
        while self._links and time.monotonic() < until:
            self.poll(0.05)
        for link in list(self._links.values()):
            self.drop(link)
        self.sessions, self.aside, self._known = [], [], []
        self._first_index = self._opened

    def close(self) -> None:
        self.hang_up()
        self._listener.close()
        os.close(self._timer)
        self._epoll.close()


def _timer() -> int:
    """A file descriptor that is readable every tick (epoll itself counts in milliseconds)."""
    libc = ctypes.CDLL(None, use_errno=True)
    timer: int = libc.timerfd_create(_CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
    spec = (ctypes.c_long * 4)(0, TICK_NS, 0, TICK_NS)
    if timer < 0 or libc.timerfd_settime(timer, 0, spec, None):
        raise OSError(ctypes.get_errno(), "no timer; the benchmark needs Linux")
    return timer


def _raise_file_limit() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
