"""The feed `/ws/feed`: tells a tab what to refetch. Bounded by the channel layer, best effort."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from channels.consumer import AsyncConsumer
from channels.layers import get_channel_layer

from accounts.tokens import AccessGrant, InvalidToken, check_access_token
from realtime import auth, database, feed_hub, sessions
from realtime.core.errors import NotAuthenticated, VoiceError
from realtime.denial import accept_message, close_message, deny_by_event, deny_by_http

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

FEED_SUBPROTOCOL = "voiceassist.feed"
TOKEN_SUBPROTOCOL_PREFIX = "voiceassist.token."  # noqa: S105  (the name of a header, not a token)
SEND_TIMEOUT_S = 10.0


class FeedConsumer(AsyncConsumer):  # type: ignore[misc]  # Channels is untyped
    """One tab. It says nothing; what it sends is read and ignored, so that a disconnect is seen."""

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        offered = scope.get("subprotocols", [])
        subprotocol = FEED_SUBPROTOCOL if FEED_SUBPROTOCOL in offered else None
        try:
            await auth.check_origin(scope)
            grant = await database.run(_authenticate, offered)
        except VoiceError as error:
            if subprotocol is None:
                await deny_by_http(scope, send, error)
            else:
                await deny_by_event(send, error, subprotocol)
            return
        sessions.ensure_started()
        await send(accept_message(subprotocol))
        code, reason = await _carry(grant, receive, send)
        with contextlib.suppress(OSError, RuntimeError, TimeoutError):
            await asyncio.wait_for(send(close_message(code, reason)), SEND_TIMEOUT_S)


async def _carry(grant: AccessGrant, receive: Receive, send: Send) -> tuple[int, str]:
    """Forward notices until the tab leaves or must go; returns how to close."""
    revoked = asyncio.Event()
    feed = feed_hub.OpenFeed(grant.user.pk, grant.family_id, revoked.set)
    feed_hub.add(feed)
    tasks = [
        asyncio.create_task(_until_disconnect(receive)),
        asyncio.create_task(_forward(grant.user.pk, send)),
        asyncio.create_task(revoked.wait()),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        feed_hub.remove(feed)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if tasks[2] in done:
        return 4401, "not_authenticated"
    if tasks[0] in done:
        return 1000, ""
    if isinstance(tasks[1].exception(), TimeoutError):
        return 4408, "client_too_slow"
    # The layer is away: the tab comes back and catches up by `seq`.
    return 1013, "feed_unavailable"


async def _forward(user_id: int, send: Send) -> None:
    """Runs until the layer or the socket fails."""
    layer = get_channel_layer()
    if layer is None:
        raise RuntimeError("no channel layer is configured")
    channel = await layer.new_channel()
    group = feed_hub.group_of(user_id)
    await layer.group_add(group, channel)
    try:
        while True:
            message = await layer.receive(channel)
            frame = orjson.dumps(message["notice"]).decode()
            await asyncio.wait_for(send({"type": "websocket.send", "text": frame}), SEND_TIMEOUT_S)
    finally:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(layer.group_discard(group, channel), SEND_TIMEOUT_S)


async def _until_disconnect(receive: Receive) -> None:
    while (await receive())["type"] == "websocket.receive":
        continue


def _authenticate(offered: list[str]) -> AccessGrant:
    for name in offered:
        if name.startswith(TOKEN_SUBPROTOCOL_PREFIX):
            try:
                return check_access_token(name.removeprefix(TOKEN_SUBPROTOCOL_PREFIX))
            except InvalidToken as error:
                raise NotAuthenticated(str(error), code=error.code) from None
    raise NotAuthenticated("Open the feed with an access token.", code="missing_credential")
