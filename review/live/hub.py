"""The live floor of one process: looks once a second while somebody watches, and shows all of them.

Rows come from the database, so they are complete even where a process does not answer; what goes on
in a call, and the words of those that were opened, come from the processes that run them. Nothing
is shown to anybody before it was asked, that second, whether they may see it and what is private.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Collection, Mapping
from typing import Any, Final

from channels.layers import get_channel_layer
from django.db import Error as DatabaseError

from conversations.access import may_still_review
from realtime import database, looking_in, server_group
from realtime.core.errors import Unavailable
from review.live.calls import LiveFloor, live_floor, with_activities
from review.live.watcher import Picture, Watcher

logger = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 1.0
# Which the processes have to answer in; who is later is heard with the next look.
GATHER_S: Final = 0.15
# What a process said last counts for so long.
FRESH_S: Final = 3.0


class Hub:
    """One per event loop: `watch` and `leave` it. It runs while there are watchers."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._watchers: set[Watcher] = set()
        self._looking: asyncio.Task[None] | None = None
        self._heard: dict[str, tuple[float, Mapping[str, Any]]] = {}

    def watch(self, watcher: Watcher) -> None:
        self._watchers.add(watcher)
        if self._looking is None:
            self._looking = asyncio.create_task(self._run(), name="live floor")

    def leave(self, watcher: Watcher) -> None:
        """The last one who leaves turns off the light."""
        self._watchers.discard(watcher)
        if not self._watchers and self._looking is not None:
            self._looking.cancel()
            self._looking = None

    async def _run(self) -> None:
        """Until the last watcher leaves, or the layer fails: then all are told and come again."""
        layer = get_channel_layer()
        listening: asyncio.Task[None] | None = None
        try:
            if layer is None:
                raise RuntimeError("no channel layer is configured")
            channel = await asyncio.wait_for(layer.new_channel(), server_group.TIMEOUT_S)
            listening = asyncio.create_task(self._listen(layer, channel), name="live floor ears")
            while True:
                began_at = time.monotonic()
                await self._look(channel)
                if listening.done():
                    listening.result()
                await asyncio.sleep(max(0.0, LOOK_EVERY_S - (time.monotonic() - began_at)))
        except Exception as error:
            logger.warning("the live floor closes: %s", type(error).__name__)
            self._looking = None
            away = Unavailable("Live updates are away.", code="feed_unavailable")
            watchers, self._watchers = self._watchers, set()
            for watcher in watchers:
                watcher.fail(away)
        finally:
            self._heard.clear()
            if listening is not None:
                listening.cancel()
                with contextlib.suppress(Exception, asyncio.CancelledError):
                    await listening

    async def _look(self, channel: str) -> None:
        opened = {session_id for watcher in self._watchers for session_id in watcher.opened}
        await server_group.say(looking_in.question(channel, opened))
        await asyncio.sleep(GATHER_S)
        user_ids = {watcher.user_id for watcher in self._watchers}
        try:
            reviewers, floor = await database.run(_read, user_ids)
        except DatabaseError as error:
            logger.warning("the live floor cannot look: %s", type(error).__name__)
            return
        heard = self._fresh()
        activities = {session_id: glance["activity"] for session_id, glance in heard.items()}
        words = {
            session_id: glance["lines"] for session_id, glance in heard.items() if "lines" in glance
        }
        picture = Picture(with_activities(floor, activities), reviewers, words)
        for watcher in self._watchers:
            watcher.show(picture)

    def _fresh(self) -> Mapping[str, Mapping[str, Any]]:
        """What was heard lately; the rest is forgotten."""
        since = time.monotonic() - FRESH_S
        self._heard = {key: heard for key, heard in self._heard.items() if heard[0] >= since}
        return {session_id: glance for session_id, (_, glance) in self._heard.items()}

    async def _listen(self, layer: Any, channel: str) -> None:
        while True:
            message = await layer.receive(channel)
            now = time.monotonic()
            for glance in message["glances"]:
                self._heard[glance["session_id"]] = (now, glance)


def _read(user_ids: Collection[int]) -> tuple[frozenset[int], LiveFloor]:
    return frozenset(may_still_review(user_ids)), live_floor()


_hub: Hub | None = None


def hub() -> Hub:
    """This event loop's."""
    global _hub
    if _hub is None or _hub.loop is not asyncio.get_running_loop():
        _hub = Hub()
    return _hub
