"""Two bad clients cost the others nothing to speak of, and the server no memory (reliability d).

The part `bystanders` of the benchmark, in small: fewer sessions, seconds instead of a minute.
"""

from __future__ import annotations

import json
import subprocess
import sys

from bench import bystanders
from scripts.install import ROOT

# Times of one machine are compared with each other; this much is what nobody would notice.
UNNOTICED_MS = 200.0
MEASURE = """
import json
from bench import bystanders
print(json.dumps(bystanders.measure(sessions=8, seconds=5.0, window_s=1.5)))
"""


def test_bystanders_notice_nothing_and_the_process_does_not_grow() -> None:
    # A process of its own: the load keeps itself to one core, which is for good.
    done = subprocess.run(
        [sys.executable, "-c", MEASURE],
        cwd=ROOT, capture_output=True, text=True, timeout=150, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    result = json.loads(done.stdout.splitlines()[-1])
    quiet_ms, troubled_ms = result["quiet_p99_ms"], result["troubled_p99_ms"]
    assert troubled_ms <= max(UNNOTICED_MS, 3 * quiet_ms)
    assert result["growth_mib"] * 2**20 <= bystanders.MOST_GROWTH_BYTES
    assert result["flood_frames_taken"] > 100  # it did send more than it was allowed to
