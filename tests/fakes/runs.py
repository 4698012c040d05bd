"""A SessionRunner between a scripted provider, a recording client and a store in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from realtime.core.session import Session
from realtime.runtime.ports import UpstreamTarget
from realtime.runtime.runner import SessionRunner
from realtime.runtime.tap import NO_TAP, NoTap
from tests.fakes import events
from tests.fakes.client import RecordingClient
from tests.fakes.events import Event
from tests.fakes.sessions import make_setup
from tests.fakes.store import MemoryStore, RecordingObserver
from tests.fakes.upstream import SET_UP, ScriptedProvider, ScriptedUpstream, Step

TARGET = UpstreamTarget(model="gpt-realtime-2.1", safety_identifier="hashed")


class Run:
    """One session being run. `upstream` is the provider's first session."""

    def __init__(self, *upstreams: ScriptedUpstream, tap: NoTap = NO_TAP, **setup: Any) -> None:
        self.provider = ScriptedProvider(list(upstreams) or [ScriptedUpstream()])
        self.upstream = self.provider.sessions[0]
        self.client = RecordingClient()
        self.store = MemoryStore()
        self.observer = RecordingObserver()
        clock = asyncio.get_running_loop().time
        self.session = Session(make_setup(**setup), clock())
        self.runner = SessionRunner(
            self.session,
            self.provider,
            TARGET,
            self.store,
            self.client,
            self.observer,
            clock,
            tap,
        )

    async def start(self) -> None:
        """Up to `session.created` at the client."""
        self.runner.start()
        await self.client.wait_for("session.created")

    async def say(self, *client_events: Event | str | bytes) -> None:
        for event in client_events:
            await self.runner.from_client(events.text(event) if isinstance(event, dict) else event)

    async def settle(self) -> None:
        """Let everything that is ready to happen now happen."""
        for _ in range(50):
            await asyncio.sleep(0)

    async def hang_up(self) -> None:
        self.runner.client_closed(1000)
        await self.runner.wait_closed()


async def started(*upstreams: ScriptedUpstream, tap: NoTap = NO_TAP, **setup: Any) -> Run:
    run = Run(*upstreams, tap=tap, **setup)
    await run.start()
    return run


def scripted(*steps: Step, before: Sequence[Step] = SET_UP) -> ScriptedUpstream:
    """A provider session that is set up as usual and then follows `steps`."""
    return ScriptedUpstream([*before, *steps])
