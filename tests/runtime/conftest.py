from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest

from realtime.runtime.ports import DirectClient, DirectUpstream
from tests.fakes.client import RecordingClient
from tests.fakes.upstream import ScriptedUpstream
from tests.fakes.virtual_time import VirtualTimeLoop


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Tests run in virtual time, but for those of real sockets."""
    if item.path.stem in ("test_realtime_ws", "test_fast_path"):
        return {"real": asyncio.new_event_loop}
    return {"virtual": VirtualTimeLoop}


@pytest.fixture(params=["slow", "fast"])
def either_path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with a client and a provider that take what they can at once, too."""
    if request.param == "slow":
        return

    def send_now(client: RecordingClient, text: bytes) -> bool:
        if not client.is_reading or client.is_gone:
            return False
        client.take(text.decode())
        return True

    def send_up_now(upstream: ScriptedUpstream, text: bytes) -> bool:
        if not upstream.may_take or upstream.is_closed:
            return False
        upstream.take(text.decode())
        return True

    async def listen(upstream: ScriptedUpstream, take: Callable[[bytes], None]) -> None:
        while True:
            take((await upstream.receive()).encode())

    monkeypatch.setattr(RecordingClient, "send_now", send_now, raising=False)
    monkeypatch.setattr(ScriptedUpstream, "send_now", send_up_now, raising=False)
    monkeypatch.setattr(ScriptedUpstream, "listen", listen, raising=False)
    assert isinstance(ScriptedUpstream(), DirectUpstream)
    assert isinstance(RecordingClient(), DirectClient)
