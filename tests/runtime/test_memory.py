"""How much memory may be taken, whoever takes it."""

import platform
import subprocess
import sys

import pytest

_COUNT_HEAPS = """
import ctypes, threading
from voiceassist.memory import share_arenas
assert share_arenas()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
together = threading.Barrier(8)
def take():
    together.wait()
    libc.malloc(ctypes.c_size_t(1000))
    together.wait()
threads = [threading.Thread(target=take) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc.fdopen.restype = ctypes.c_void_p
libc.malloc_info(0, ctypes.c_void_p(libc.fdopen(1, b"w")))
libc.fflush(None)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are glibc's")
def test_threads_share_few_heaps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    told = subprocess.run(
        [sys.executable, "-c", _COUNT_HEAPS], capture_output=True, text=True, check=True
    ).stdout

    assert 1 <= told.count("<heap nr=") <= 2
