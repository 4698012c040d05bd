"""Two bad clients cost the others nothing to speak of, and the server no memory (reliability d).

The part `bystanders` of the benchmark, in small: fewer sessions, seconds instead of a minute.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from bench import bystanders
from scripts.install import ROOT

# This much is what nobody would notice.
UNNOTICED_MS = 200.0
OBSERVE = """
import json, os, statistics
from bench import bystanders
from bench.processes import split_cores
mine, others = split_cores()
os.sched_setaffinity(0, mine)
with bystanders.connected(8, others, offends=True) as seen:
    seen.begin()
    for _ in range(3):
        seen.talk(1.5)
print(json.dumps([statistics.median(seen.windows_ms), seen.growth_mib, seen.offence.flooded]))
"""


def test_bystanders_notice_nothing_and_the_process_does_not_grow() -> None:
    # A process of its own: the load keeps itself to one core, which is for good.
    done = subprocess.run(
        [sys.executable, "-c", OBSERVE],
        cwd=ROOT, capture_output=True, text=True, timeout=150, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    p99_ms, growth_mib, flooded = json.loads(done.stdout.splitlines()[-1])
    assert p99_ms <= UNNOTICED_MS
    assert growth_mib * 2**20 <= bystanders.MOST_GROWTH_BYTES
    assert flooded > 100  # it did send more than it was allowed to


def judged(**figures: float) -> list[bool]:
    result: dict[str, Any] = {
        "quiet_p99_ms": 6.0,
        "troubled_p99_ms": 6.0,
        "quiet_growth_mib": 14.0,
        "troubled_growth_mib": 20.0,
        **figures,
    }
    return [is_met for is_met, _ in bystanders.judged(result)]


def test_the_two_cost_what_the_process_grows_more_than_it_does_without_them() -> None:
    assert judged() == [True, True]
    assert judged(troubled_growth_mib=31.0) == [True, False]
    assert judged(quiet_growth_mib=0.0, troubled_growth_mib=17.0) == [True, False]


def test_bystanders_notice_what_windows_do_not_differ_by_anyway() -> None:
    assert judged(troubled_p99_ms=7.9) == [True, True]
    assert judged(troubled_p99_ms=8.1) == [False, True]
