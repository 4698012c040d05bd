"""The queue between a WebSocket and its application."""

import asyncio

import pytest

from voiceassist.message_queue import MessageQueue


async def test_messages_come_in_order_and_a_reader_waits_for_the_next() -> None:
    queue: MessageQueue[int] = MessageQueue()
    queue.put_nowait(1)
    queue.put_nowait(2)
    assert (queue.qsize(), await queue.get(), await queue.get()) == (2, 1, 2)
    assert queue.empty()

    waiting = asyncio.ensure_future(queue.get())
    await asyncio.sleep(0)
    queue.put_nowait(3)

    assert await waiting == 3


async def test_a_reader_that_is_cancelled_takes_nothing_away() -> None:
    queue: MessageQueue[int] = MessageQueue()
    waiting = asyncio.ensure_future(queue.get())
    await asyncio.sleep(0)
    queue.put_nowait(1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert await queue.get() == 1
