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
from bench.load import Load
from bench.peers import PEERS, Peer
from bench.processes import split_cores

WARM_UP_S: Final = 2.0
SETTLE_S: Final = 1.0
FIRST_SESSIONS: Final = 30


@dataclass(slots=True)
class Measured:
    """A peer's rounds, and what it holds per idle session (bytes; None: not measured)."""

    name: str
    version: str
    rounds: list[Round] = field(default_factory=list)
    idle_bytes: float | None = None


def measure(
    names: Sequence[str], sessions: int, rounds: int, seconds: float, *, idle: bool = True
) -> dict[str, Measured]:
    """Interleaved rounds of every peer. Raises NoFigures when anything arrived altered."""
    generator_cores, peer_cores = split_cores()
    os.sched_setaffinity(0, generator_cores)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="voiceassist-bench-")))
        load = Load()
        stack.callback(load.close)
        peers = [stack.enter_context(PEERS[name](load.port, folder)) for name in names]
        for peer in peers:
            if peer.tree is not None:
                peer.tree.pin(peer_cores)
        measured = {peer.name: Measured(peer.name, peer.version) for peer in peers}
        if idle:
            for peer in peers:
                measured[peer.name].idle_bytes = _idle_bytes(load, peer, sessions)
        for number in range(rounds):
            # Each round begins with another peer, so that none always follows the same.
            for peer in peers[number % len(peers) :] + peers[: number % len(peers)]:
                print(f"  round {number + 1} of {rounds}: {peer.name}", flush=True)
                measured[peer.name].rounds.append(_one_round(load, peer, sessions, seconds))
    return measured


def _one_round(load: Load, peer: Peer, sessions: int, seconds: float) -> Round:
    load.may_rewrite = peer.rewrites
    try:
        load.open(peer.targets(sessions))
        early = load.outcome
        load.warm_up(WARM_UP_S)
        load.outcome.require_identical(peer.name)
        cpu_from_s = peer.tree.cpu_s() if peer.tree else 0.0
        outcome = load.run(seconds)
        cpu_s = peer.tree.cpu_s() - cpu_from_s if peer.tree else 0.0
        outcome.require_identical(peer.name)
        return round_of(outcome, sessions, cpu_s, early)
    finally:
        load.hang_up()


def _idle_bytes(load: Load, peer: Peer, sessions: int) -> float | None:
    """What each further session costs a process that has some already and has done some work."""
    tree = peer.tree
    if tree is None or sessions <= FIRST_SESSIONS:
        return None
    load.may_rewrite = peer.rewrites
    try:
        load.open(peer.targets(FIRST_SESSIONS))
        load.warm_up(SETTLE_S)
        time.sleep(SETTLE_S)
        targets = load.meanwhile(lambda: peer.targets(sessions - FIRST_SESSIONS))
        before = tree.rss_bytes()
        load.open(targets)
        time.sleep(SETTLE_S)
        return (tree.rss_bytes() - before) / (sessions - FIRST_SESSIONS)
    finally:
        load.hang_up()
