"""Database work from the event loop, on threads of our own.

Django's `sync_to_async` puts all ORM calls of the process on one thread, where one slow query stops
every call (design §4.1); these threads serve sessions alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from django.db import close_old_connections, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 4
LOOK_EVERY_S = 5.0
# By how much these threads stand back behind the event loop's for a core that both want: a frame
# waits for nobody's commit. On a core that is full they still get a quarter (sched(7), nice).
STAND_BACK = 5

_pool: ThreadPoolExecutor | None = None
_writer: ThreadPoolExecutor | None = None
_opened: list[BaseDatabaseWrapper] = []
_opened_lock = threading.Lock()
_here = threading.local()


async def run(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do `work` on a database thread. A cancelled caller does not undo work that has begun."""
    global _pool
    if _pool is None:
        _pool = _threads(THREADS)
    call = functools.partial(_with_fresh_connection, work, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_pool, call)


async def write(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The same for what is written all the time.

    On SQLite that is one thread's work: a connection forgets every page it has read as soon as
    another one has written, and reads them all anew.
    """
    if not _has_one_writer():
        return await run(work, *args, **kwargs)
    global _writer
    if _writer is None:
        _writer = _threads(1)
    call = functools.partial(_with_fresh_connection, work, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_writer, call)


@functools.cache
def _has_one_writer() -> bool:
    return connection.vendor == "sqlite"


def close() -> None:
    """Let running work finish and close every thread's connections. The next `run` starts anew."""
    global _pool, _writer
    pools, _pool, _writer = (_pool, _writer), None, None
    for pool in filter(None, pools):
        pool.shutdown(wait=True)
    with _opened_lock:
        opened, _opened[:] = list(_opened), []
    for left in opened:
        # Its thread is gone, so nobody else can be using it.
        left.inc_thread_sharing()
        left.close()


def _threads(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix="voice-database", initializer=_begin_thread)


def _begin_thread() -> None:
    if sys.platform == "linux":  # elsewhere it would be the whole process that stands back
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):  # forbidden (seccomp): no reason not to serve
            nice = os.getpriority(os.PRIO_PROCESS, thread)
            os.setpriority(os.PRIO_PROCESS, thread, nice + STAND_BACK)
    with _opened_lock:
        _opened.extend(connections.all())


def _with_fresh_connection(work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Drop connections that outlived CONN_MAX_AGE or broke, as Django does around a request.

    A file does not break unseen: there it is enough to look now and then, and after a failure.
    """
    now = time.monotonic()
    if _has_one_writer() and now < getattr(_here, "good_until", 0.0):
        try:
            return work(*args, **kwargs)
        except BaseException:
            close_old_connections()
            raise
    _here.good_until = now + LOOK_EVERY_S
    close_old_connections()
    try:
        return work(*args, **kwargs)
    finally:
        close_old_connections()
