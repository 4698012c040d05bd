"""The caller's data channel: server events out in order, client events in (protocol §1.3)."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from aiortc import RTCDataChannel
from aiortc.exceptions import InvalidStateError

logger = logging.getLogger(__name__)

MAX_WAITING_EVENTS = 2048
MAX_BUFFERED_BYTES = 4 * 1024 * 1024
MAX_UNREAD_MESSAGES = 1024
FLUSH_TIMEOUT_S = 1.0


class EventChannel:
    """Events given to `send` before the caller opened its channel wait for it.

    `on_gone` is called once: the channel closed, or its caller does not keep up.
    """

    def __init__(self, on_gone: Callable[[str], None]) -> None:
        self._on_gone = on_gone
        self._channel: RTCDataChannel | None = None
        self._waiting: deque[str] = deque()
        self._messages: asyncio.Queue[str | bytes] = asyncio.Queue(MAX_UNREAD_MESSAGES)

    @property
    def is_open(self) -> bool:
        return self._channel is not None and self._channel.readyState == "open"

    def adopt(self, channel: RTCDataChannel) -> None:
        """Use the caller's channel; the first one it opens, whatever its label."""
        if self._channel is not None:
            return
        self._channel = channel
        channel.on("message", self._message)
        channel.on("close", lambda: self._on_gone("the data channel closed"))
        while self._waiting and self.is_open:
            self._put(channel, self._waiting.popleft())

    def send(self, raw: str) -> None:
        if self._channel is not None:
            self._put(self._channel, raw)
        elif len(self._waiting) >= MAX_WAITING_EVENTS:
            self._on_gone("the data channel was not opened")
        else:
            self._waiting.append(raw)

    async def obey(self, receive: Callable[[str | bytes], Awaitable[None]]) -> None:
        """Hand on the caller's events, one at a time, for as long as the task lives."""
        while True:
            await receive(await self._messages.get())

    async def flush(self) -> None:
        """Wait until what was sent has left, or for one second."""
        deadline = asyncio.get_running_loop().time() + FLUSH_TIMEOUT_S
        while self.is_open and self._channel is not None and self._channel.bufferedAmount:
            if asyncio.get_running_loop().time() > deadline:
                return
            await asyncio.sleep(0.01)

    def _message(self, message: str | bytes) -> None:
        try:
            self._messages.put_nowait(message)
        except asyncio.QueueFull:
            self._on_gone("the caller sends faster than it can be heard")

    def _put(self, channel: RTCDataChannel, raw: str) -> None:
        if channel.bufferedAmount > MAX_BUFFERED_BYTES:
            self._on_gone("the caller reads too slowly")
            return
        try:
            channel.send(raw)
        except InvalidStateError:
            return  # it is closing; `close` follows
        except ValueError:
            # Past the size that the caller's SDP allows. Nothing smaller would be the same event.
            logger.warning("an event of %d bytes does not fit the data channel", len(raw))
