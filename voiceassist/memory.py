"""How the process takes memory from the system."""

from __future__ import annotations

import ctypes
import os
import platform
from typing import Final

# glibc gives each thread that finds the others busy a heap of its own (an arena), up to eight per
# core, and memory that is free in one serves no thread of another. Our threads take turns anyway,
# for Python's lock: with two the process of a hundred calls grows half as much in its first minute.
MOST_ARENAS: Final = 2
_M_ARENA_MAX: Final = -8  # malloc.h


def share_arenas() -> bool:
    """Have threads that are started from now on share few arenas. False: not with this libc (musl,
    macOS), or the environment says how many."""
    if platform.libc_ver()[0] != "glibc" or "MALLOC_ARENA_MAX" in os.environ:
        return False
    mallopt = ctypes.CDLL(None).mallopt
    mallopt.argtypes, mallopt.restype = (ctypes.c_int, ctypes.c_int), ctypes.c_int
    return bool(mallopt(_M_ARENA_MAX, MOST_ARENAS))
