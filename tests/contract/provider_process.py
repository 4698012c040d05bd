"""The embedded provider as a process of its own, beside the servers that use it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.server import ROOT

READY = "Embedded provider ready: "


@contextmanager
def provider_process() -> Iterator[str]:
    """Its address, as REALTIME_BASE_URL takes it."""
    command = [sys.executable, "manage.py", "embedded_provider", "--port", "0"]
    env = os.environ | {"SECRET_KEY": "only-for-this-test-" * 4}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            assert line.startswith(READY), line
            yield line.removeprefix(READY).strip()
        finally:
            process.terminate()
            process.wait(timeout=20)
