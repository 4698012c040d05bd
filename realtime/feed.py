"""The feed `/ws/feed`: tells a tab what to refetch. Bounded by the channel layer, best effort."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import orjson
from channels.consumer import AsyncConsumer
from channels.layers import get_channel_layer

from realtime import feed_hub
from realtime.tab_socket import (
    SEND_TIMEOUT_S,
    Receive,
    Send,
    carry,
    open_tab,
    send_in_time,
    text_message,
    until_left,
)


class FeedConsumer(AsyncConsumer):  # type: ignore[misc]  # Channels is untyped
    """One tab, for as long as its sign-in lasts."""

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        grant = await open_tab(scope, receive, send)
        if grant is not None:
            await carry(grant, send, until_left(receive), _forward(grant.user.pk, send))


async def _forward(user_id: int, send: Send) -> None:
    """Runs until the layer or the socket fails: the tab comes back and catches up by `seq`."""
    layer = get_channel_layer()
    if layer is None:
        raise RuntimeError("no channel layer is configured")
    channel = await layer.new_channel()
    group = feed_hub.group_of(user_id)
    await layer.group_add(group, channel)
    try:
        while True:
            message = await layer.receive(channel)
            await send_in_time(send, text_message(orjson.dumps(message["notice"]).decode()))
    finally:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(layer.group_discard(group, channel), SEND_TIMEOUT_S)
