"""What figures were measured on: enough to compare, nothing that names a machine."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
from importlib.metadata import version
from pathlib import Path


def describe() -> dict[str, str]:
    """Processor, system, versions and day, in words."""
    processor = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    cores = len(os.sched_getaffinity(0))
    packages = ("uvicorn", "channels", "websockets", "uvloop", "picows")
    return {
        "processor": f"{processor[1] if processor else platform.machine()}, {cores} cores",
        "memory": f"{memory:.0f} GB",
        "system": f"Linux {platform.release().split('-')[0]}",
        "python": f"Python {platform.python_version()}",
        "packages": ", ".join(f"{name} {version(name)}" for name in packages if _is_there(name)),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
    }


def _is_there(name: str) -> bool:
    try:
        version(name)
    except ModuleNotFoundError:
        return False
    return True
