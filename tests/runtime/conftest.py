from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest

from tests.fakes.virtual_time import VirtualTimeLoop


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Tests run in virtual time, but for those of real sockets."""
    if item.path.stem in ("test_realtime_ws", "test_fast_path"):
        return {"real": asyncio.new_event_loop}
    return {"virtual": VirtualTimeLoop}
