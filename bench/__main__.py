"""`make bench`: what relaying costs here, beside the least a Python relay can do, in the same run.

Rounds are interleaved, so that a machine that slows down slows both; only the ratio is quoted.
A run whose frames were lost, altered or reordered prints no figure.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import psutil

from bench.load import Outcome, Target, run_load
from scripts.install import ROOT
from scripts.test_services import free_port, wait_for_port

SESSIONS = int(os.environ.get("BENCH_SESSIONS", "40"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
PASSWORD = secrets.token_urlsafe(16)


@dataclass(frozen=True, slots=True)
class Round:
    cpu_us_per_message: float
    p50_ms: float
    p99_ms: float


@contextmanager
def process(name: str, port: int, *command: str, **env: str) -> Iterator[psutil.Process]:
    running = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env=os.environ | env, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for_port(port, running, name)
        yield psutil.Process(running.pid)
    finally:
        running.terminate()
        running.wait(timeout=40)


def cpu_s(tree: psutil.Process) -> float:
    total = 0.0
    for member in [tree, *tree.children(recursive=True)]:
        times = member.cpu_times()
        total += times.user + times.system
    return total


def post(url: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
    request = urllib.request.Request(url, json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=30) as answer:
        parsed: dict[str, Any] = json.load(answer)
    return parsed


def mint(base: str, count: int) -> list[Target]:
    signed_in = post(f"{base}/api/token/", {"username": "demo", "password": PASSWORD})
    minted = [
        post(f"{base}/api/voice/realtime-session", {"turn_detection": None}, signed_in["access"])
        for _ in range(count)
    ]
    return [Target(session["url"], session["api_key"]) for session in minted]


def measure(server: psutil.Process, targets: list[Target]) -> Round:
    before = cpu_s(server)
    outcome: Outcome = asyncio.run(run_load(targets, SECONDS))
    used_s = cpu_s(server) - before
    expected = 2 * SESSIONS * int(SECONDS * 25)
    if outcome.altered or outcome.relayed != expected:
        raise SystemExit(
            f"no figures: {outcome.altered} frames altered, "
            f"{outcome.relayed} of {expected} messages arrived"
        )
    percentiles = statistics.quantiles(outcome.round_trip_ms, n=100)
    return Round(used_s / outcome.relayed * 1e6, percentiles[49], percentiles[98])


def main() -> None:
    """Start provider, peer and server; interleave the rounds; print the table and the JSON."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="voiceassist-bench-"))
        provider_port, peer_port, port = free_port(), free_port(), free_port()
        provider_url = f"ws://127.0.0.1:{provider_port}/v1/realtime"
        stack.enter_context(
            process("provider", provider_port, "-m", "bench.provider", str(provider_port))
        )
        peer = stack.enter_context(
            process("peer", peer_port, "-m", "bench.plain_relay", str(peer_port), provider_url)
        )
        ours = stack.enter_context(
            process(
                "VoiceAssist", port, "manage.py", "serve", "--prepare", "--port", str(port),
                LOCAL_DIR=folder, SECRET_KEY=secrets.token_urlsafe(64), DEMO_PASSWORD=PASSWORD,
                ADMIN_PASSWORD=secrets.token_urlsafe(16), OPENAI_API_KEY="none",
                REALTIME_PROVIDER="openai", REALTIME_BASE_URL=provider_url,
                DATABASE_URL="", REDIS_URL="", LIMIT_SESSIONS_PER_USER="10000",
                LIMIT_MINT_PER_MIN="100000",
            )
        )  # fmt: skip
        base = f"http://127.0.0.1:{port}"
        rounds: dict[str, list[Round]] = {"plain relay": [], "VoiceAssist": []}
        for _ in range(ROUNDS):
            plain = [Target(f"ws://127.0.0.1:{peer_port}/v1/realtime")] * SESSIONS
            rounds["plain relay"].append(measure(peer, plain))
            rounds["VoiceAssist"].append(measure(ours, mint(base, SESSIONS)))
    report(rounds)


def report(rounds: dict[str, list[Round]]) -> None:
    print(f"{SESSIONS} sessions, 25 frames/s up and down, {ROUNDS} rounds of {SECONDS:.0f} s")
    print(f"{'':14}{'CPU µs/message':>16}{'p50 ms':>9}{'p99 ms':>9}")
    for name, measured in rounds.items():
        cpu = statistics.median(one.cpu_us_per_message for one in measured)
        p50 = statistics.median(one.p50_ms for one in measured)
        p99 = statistics.median(one.p99_ms for one in measured)
        print(f"{name:14}{cpu:16.0f}{p50:9.1f}{p99:9.1f}")
    pairs = zip(rounds["VoiceAssist"], rounds["plain relay"], strict=True)
    ratio = statistics.median(a.cpu_us_per_message / b.cpu_us_per_message for a, b in pairs)
    print(f"CPU per message, opening sessions included: {ratio:.2f} x the plain relay")
    print(json.dumps({"cpu_ratio": round(ratio, 3), "sessions": SESSIONS, "rounds": ROUNDS}))


if __name__ == "__main__":
    main()
