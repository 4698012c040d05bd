"""The group of all server processes on the channel layer: what one of them says to all.

Best effort, like the feed: what is lost here costs a moment, never data, because each thing that
is said comes about without it too. With Redis away nothing is heard until it is back; without Redis
the one process talks to itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

GROUP: Final = "servers"
TIMEOUT_S: Final = 5.0
LISTEN_AGAIN_AFTER_S: Final = 1.0
IN_FLIGHT_MAX: Final = 100

Message = dict[str, Any]
Handler = Callable[[Message], Awaitable[None]]


class ServerGroup:
    """One per process, on its event loop. Run `listen` as a task; cancelling it ends all.

    handlers: by the message's type; what they raise costs a log line.
    """

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._loop = asyncio.get_running_loop()
        self._handlers = handlers
        self._saying: set[asyncio.Task[None]] = set()

    async def listen(self) -> None:
        """Until cancelled; goes on by itself when the layer was away."""
        is_away = False
        try:
            while True:
                try:
                    await self._listen_once()
                except Exception as error:
                    if not is_away:  # one line, however often it is tried again
                        logger.warning("the channel layer is away: %s", type(error).__name__)
                    is_away = True
                    await asyncio.sleep(LISTEN_AGAIN_AFTER_S)
        finally:
            for task in self._saying:
                task.cancel()

    def say_soon(self, message: Message) -> None:
        """Say it to all processes, this one too; returns at once. Safe from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has closed: nobody listens any more
            self._loop.call_soon_threadsafe(self._begin_to_say, message)

    def _begin_to_say(self, message: Message) -> None:
        if len(self._saying) < IN_FLIGHT_MAX:
            task = asyncio.create_task(self._say(message), name="server group")
            self._saying.add(task)
            task.add_done_callback(self._saying.discard)

    async def _say(self, message: Message) -> None:
        try:
            await say(message)
        except Exception as error:
            logger.info("a word to the other servers was lost: %s", type(error).__name__)

    async def _listen_once(self) -> None:
        layer = _layer()
        async with asyncio.timeout(TIMEOUT_S):
            channel = await layer.new_channel()
            await layer.group_add(GROUP, channel)
        try:
            while True:
                await self._hear(await layer.receive(channel))
        finally:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(layer.group_discard(GROUP, channel), TIMEOUT_S)

    async def _hear(self, message: Message) -> None:
        handler = self._handlers.get(str(message.get("type")))
        if handler is None:
            return
        try:
            await handler(message)
        except Exception as error:
            logger.warning("%s: %s", message["type"], type(error).__name__)


async def say(message: Message) -> None:
    """Say it to all processes that listen. Raises whatever the layer raises, or TimeoutError."""
    await _twice(lambda: _layer().group_send(GROUP, message))


async def answer(channel: str, message: Message) -> None:
    """Say it to the one that asked, on its own channel. Raises like `say`."""
    await _twice(lambda: _layer().send(channel, message))


async def _twice(send: Callable[[], Awaitable[None]]) -> None:
    """A connection that broke while nobody used it is noticed when it is used: try another."""
    async with asyncio.timeout(TIMEOUT_S):
        try:
            await send()
        except (OSError, RedisError):
            await send()


def _layer() -> Any:
    layer = get_channel_layer()
    if layer is None:
        raise RuntimeError("no channel layer is configured")
    return layer
