"""From committed changes to the owner's open tabs, in every process, best effort.

A notice is a hint to refetch: what is lost here costs a late screen, never data. So nothing waits;
a layer that is away or slow loses notices, bounded, and the tabs catch up by `seq`.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from channels.layers import get_channel_layer
from django.db.models import F

from accounts.models import TokenFamily
from conversations import notices
from conversations.notices import Notice
from realtime import database

logger = logging.getLogger(__name__)

IN_FLIGHT_MAX = 500
SEND_TIMEOUT_S = 5.0
NOTICE_MESSAGE = "feed.notice"

_loop: asyncio.AbstractEventLoop | None = None
_in_flight = 0
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
    global _loop
    _loop = asyncio.get_running_loop()
    notices.set_sink(deliver)


def stop() -> None:
    global _loop
    notices.set_sink(None)
    _loop = None


def deliver(user_id: int, notice: Notice) -> None:
    """The sink: hand the notice to the event loop and return at once. Safe from any thread."""
    loop = _loop
    if loop is None or loop.is_closed() or _in_flight >= IN_FLIGHT_MAX:
        return
    future = asyncio.run_coroutine_threadsafe(_send(user_id, notice), loop)
    future.add_done_callback(_consume)


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


async def _send(user_id: int, notice: Notice) -> None:
    global _in_flight, _failures
    layer = get_channel_layer()
    if layer is None:
        return
    message = {"type": NOTICE_MESSAGE, "notice": notice.as_dict()}
    _in_flight += 1
    try:
        await asyncio.wait_for(layer.group_send(group_of(user_id), message), SEND_TIMEOUT_S)
        _failures = 0
    except Exception as error:
        _failures += 1
        if _failures == 1:  # one line per outage, not one per notice
            logger.warning("the channel layer loses notices: %s", type(error).__name__)
    finally:
        _in_flight -= 1


def _consume(future: Future[None]) -> None:
    """Read the outcome, so that a cancelled send at shutdown is not reported as forgotten."""
    if not future.cancelled():
        future.exception()
