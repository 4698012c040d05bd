"""From committed changes to the owner's open tabs, in every process, best effort.

A notice is a hint to refetch: what is lost here costs a late screen, never data. So nothing waits;
a layer that is away or slow loses notices, bounded, and the tabs catch up by `seq`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.db.models import F

from accounts.models import TokenFamily
from conversations import notices
from conversations.notices import Notice
from realtime import database

logger = logging.getLogger(__name__)

WAITING_MAX = 500
SEND_TIMEOUT_S = 5.0
NOTICE_MESSAGE = "feed.notice"

_loop: asyncio.AbstractEventLoop | None = None
_waiting: deque[tuple[int, Notice]] = deque()
_is_woken = threading.Event()
_sender: asyncio.Task[None] | None = None
_failures = 0


@dataclass(frozen=True, eq=False, slots=True)
class OpenFeed:
    """One tab's socket: who is behind it, by which sign-in, and how to close it (4401)."""

    user_id: int
    sign_in_id: uuid.UUID
    revoke: Callable[[], None]


_feeds: set[OpenFeed] = set()


def group_of(user_id: int) -> str:
    """The channel layer group of a user's tabs."""
    return f"user.{user_id}"


def start() -> None:
    """Deliver this process's notices from now on. Call on the event loop."""
    global _loop, _sender
    _sender = None
    _waiting.clear()
    _is_woken.clear()
    _loop = asyncio.get_running_loop()
    notices.set_sink(FeedSink())


def stop() -> None:
    global _loop
    notices.set_sink(None)
    _loop = None


def add(feed: OpenFeed) -> None:
    _feeds.add(feed)


def remove(feed: OpenFeed) -> None:
    _feeds.discard(feed)


async def close_revoked() -> None:
    """Close the feeds whose sign-in ended: signed out, deactivated, or a new password."""
    if not _feeds:
        return
    feeds = list(_feeds)
    valid = await database.run(_valid_sign_ins, {feed.sign_in_id for feed in feeds})
    for feed in feeds:
        if feed.sign_in_id not in valid:
            feed.revoke()


def _valid_sign_ins(sign_in_ids: set[uuid.UUID]) -> set[uuid.UUID]:
    families = TokenFamily.objects.filter(
        pk__in=sign_in_ids,
        revoked_at=None,
        user__is_active=True,
        token_epoch=F("user__token_epoch"),
    )
    return set(families.values_list("pk", flat=True))


class FeedSink:
    """A Sink: hands notices to the event loop and returns at once. Safe from any thread."""

    def is_heard(self, user_id: int) -> bool:
        """Without Redis all tabs are of this process, so we know; nearly nobody looks."""
        layer = get_channel_layer()
        return not isinstance(layer, InMemoryChannelLayer) or group_of(user_id) in layer.groups

    def tell(self, user_id: int, told: Sequence[Notice]) -> None:
        loop = _loop
        if loop is None or loop.is_closed() or len(_waiting) + len(told) > WAITING_MAX:
            return
        _waiting.extend((user_id, notice) for notice in told)
        # Looked at behind what was put there, as `_begin_to_send` clears it before it looks.
        if not _is_woken.is_set():
            _is_woken.set()
            with contextlib.suppress(RuntimeError):  # the loop has closed
                loop.call_soon_threadsafe(_begin_to_send)


def _begin_to_send() -> None:
    global _sender
    _is_woken.clear()
    if _sender is None or _sender.done():
        _sender = asyncio.create_task(_send_waiting(), name="feed notices")


async def _send_waiting() -> None:
    """In order. One that cannot be sent takes those behind it along: they are as late."""
    global _failures
    layer = get_channel_layer()
    try:
        while _waiting and layer is not None:
            user_id, notice = _waiting.popleft()
            message = {"type": NOTICE_MESSAGE, "notice": notice.as_dict()}
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await layer.group_send(group_of(user_id), message)
            _failures = 0
    except Exception as error:
        _waiting.clear()
        _failures += 1
        if _failures == 1:  # one line per outage, not one per notice
            logger.warning("the channel layer loses notices: %s", type(error).__name__)
