"""Part `relay`: the same calls through every peer, in turns, and what relaying them costs."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.figures import Round, round_of
from bench.load import Load, Target
from bench.peers import PEERS, Peer
from bench.processes import split_cores, stolen_s

WARM_UP_S: Final = 2.0
SETTLE_S: Final = 1.0
# Of every round, before anything is counted: caches and the peer's own state grow warm again.
LEAD_IN_S: Final = 0.3
FIRST_SESSIONS: Final = 30
# A round in which the host gave more than this share of the cores to others is done again.
STOLEN_SHARE: Final = 0.005
AGAIN_AT_MOST: Final = 3


@dataclass(slots=True)
class Measured:
    """A peer's rounds; what it holds per idle session (bytes; None: not measured); how many frames
    clients sent it before they heard of it, and how many of them it kept."""

    name: str
    version: str
    rounds: list[Round] = field(default_factory=list)
    idle_bytes: float | None = None
    early_sent: int = 0
    early_identical: int = 0


@dataclass(frozen=True, slots=True)
class _Talk:
    """A peer, and the load that talks through it alone."""

    peer: Peer
    load: Load
    measured: Measured


def measure(
    names: Sequence[str], sessions: int, rounds: int, seconds: float
) -> dict[str, Measured]:
    """Interleaved rounds of every peer. Raises NoFigures when anything arrived altered.

    All peers hold their sessions from the first round to the last; in a round one of them talks
    and the others are silent, so that what is compared is a second or two apart.
    """
    generator_cores, peer_cores = split_cores()
    os.sched_setaffinity(0, generator_cores)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="voiceassist-bench-")))
        talks: list[_Talk] = []
        for name in names:
            load = Load()
            stack.callback(load.close)
            peer = stack.enter_context(PEERS[name](load.port, folder))
            load.may_rewrite = peer.rewrites
            if peer.tree is not None:
                peer.tree.pin(peer_cores)
            talks.append(_Talk(peer, load, Measured(peer.name, peer.version)))
        for talk in talks:
            print(f"  {sessions} sessions of {talk.peer.name}", flush=True)
            talk.load.silent = [other.load for other in talks if other is not talk]
            _open(talk, sessions)
        for talk in talks:
            talk.load.warm_up(WARM_UP_S)
            talk.load.outcome.require_identical(talk.peer.name)
        for number in range(rounds):
            print(f"  round {number + 1} of {rounds}", flush=True)
            # Each round begins with another peer, so that none always follows the same.
            first = number % len(talks)
            for talk in talks[first:] + talks[:first]:
                talk.measured.rounds.append(_undisturbed(talk, sessions, seconds))
        for talk in talks:
            talk.load.hang_up()
    return {talk.peer.name: talk.measured for talk in talks}


def _undisturbed(talk: _Talk, sessions: int, seconds: float) -> Round:
    for _ in range(AGAIN_AT_MOST):
        stolen_from_s = stolen_s()
        one = _one_round(talk, sessions, seconds)
        if stolen_s() - stolen_from_s <= STOLEN_SHARE * seconds:
            break
    return one


def _one_round(talk: _Talk, sessions: int, seconds: float) -> Round:
    load, peer = talk.load, talk.peer
    load.run(LEAD_IN_S).require_identical(peer.name)
    cpu_from_s = peer.tree.cpu_s() if peer.tree else 0.0
    outcome = load.run(seconds)
    cpu_s = peer.tree.cpu_s() - cpu_from_s if peer.tree else 0.0
    outcome.require_identical(peer.name)
    return round_of(outcome, sessions, cpu_s)


def _open(talk: _Talk, sessions: int) -> None:
    """All sessions of a peer, and what each further one costs a process that has some already and
    has done some work."""
    load, peer = talk.load, talk.peer
    first = min(FIRST_SESSIONS, sessions)
    _open_some(talk, load.meanwhile(lambda: peer.targets(first)))
    load.warm_up(SETTLE_S)
    targets = load.meanwhile(lambda: peer.targets(sessions - first))
    time.sleep(SETTLE_S)
    if not targets:
        return
    before = peer.tree.rss_bytes() if peer.tree is not None else 0
    _open_some(talk, targets)
    time.sleep(SETTLE_S)
    if peer.tree is not None:
        talk.measured.idle_bytes = (peer.tree.rss_bytes() - before) / len(targets)


def _open_some(talk: _Talk, targets: list[Target]) -> None:
    talk.load.open(targets)
    talk.measured.early_sent += talk.load.outcome.early_sent
    talk.measured.early_identical += talk.load.outcome.early_identical
