"""The threads that serve sessions beside the event loop."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator

import pytest

from realtime import database

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_thread_left() -> Iterator[None]:
    yield
    database.close()


def nice_of_this_thread() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority of their own")
async def test_a_thread_that_writes_stands_back_behind_the_event_loop() -> None:
    behind = min(19, nice_of_this_thread() + database.STAND_BACK)
    assert await database.run(nice_of_this_thread) == behind
    assert await database.write(nice_of_this_thread) == behind
