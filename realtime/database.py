"""Database work from the event loop, on threads of our own.

Django's `sync_to_async` puts all ORM calls of the process on one thread, where one slow query stops
every call (design §4.1); these threads serve sessions alone.
"""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from django.db import close_old_connections, connections
from django.db.backends.base.base import BaseDatabaseWrapper

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 4

_pool: ThreadPoolExecutor | None = None
_opened: list[BaseDatabaseWrapper] = []
_opened_lock = threading.Lock()


async def run(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do `work` on a database thread. A cancelled caller does not undo work that has begun."""
    global _pool
    if _pool is None:
        _pool = ThreadPoolExecutor(
            THREADS, thread_name_prefix="voice-database", initializer=_remember_connections
        )
    call = functools.partial(_with_fresh_connection, work, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_pool, call)


def close() -> None:
    """Let running work finish and close every thread's connections. The next `run` starts anew."""
    global _pool
    if _pool is None:
        return
    pool, _pool = _pool, None
    pool.shutdown(wait=True)
    with _opened_lock:
        opened, _opened[:] = list(_opened), []
    for connection in opened:
        # Its thread is gone, so nobody else can be using it.
        connection.inc_thread_sharing()
        connection.close()


def _remember_connections() -> None:
    with _opened_lock:
        _opened.extend(connections.all())


def _with_fresh_connection(work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Drop connections that outlived CONN_MAX_AGE or broke, as Django does around a request."""
    close_old_connections()
    try:
        return work(*args, **kwargs)
    finally:
        close_old_connections()
