"""Requests run on threads that outlive them, and none waits for another."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from voiceassist.request_threads import KEPT, ThreadedHandler

Work = Callable[[], Any]


class Handler(ThreadedHandler):
    """Does `scope["work"]` in place of Django's request, and keeps what that returns."""

    def __init__(self) -> None:
        super().__init__()
        self.returned: list[Any] = []

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        self.returned.append(await sync_to_async(scope["work"], thread_sensitive=True)())

    async def request(self, work: Work) -> Any:
        await self({"type": "http", "work": work}, None, None)  # type: ignore[arg-type]
        return self.returned[-1]


@pytest.fixture
def handler() -> Handler:
    return Handler()


def test_one_after_the_other_they_have_one_thread(handler: Handler) -> None:
    async def requests() -> None:
        for _ in range(5):
            await handler.request(threading.get_ident)

    asyncio.run(requests())
    assert len(set(handler.returned)) == 1
    assert handler.returned[0] != threading.get_ident()


def test_all_that_come_at_once_are_served_at_once(handler: Handler) -> None:
    together = threading.Barrier(3 * KEPT, timeout=10)

    def meet() -> int:
        together.wait()
        return threading.get_ident()

    async def requests() -> None:
        await asyncio.gather(*(handler.request(meet) for _ in range(3 * KEPT)))

    asyncio.run(requests())
    assert len(set(handler.returned)) == 3 * KEPT
    assert len(handler._idle) == KEPT


def test_nobody_waits_for_what_a_cancelled_request_left_behind(handler: Handler) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def linger() -> None:
        begun.set()
        go_on.wait(10)

    async def requests() -> Any:
        lingering = asyncio.create_task(handler.request(linger))
        await asyncio.to_thread(begun.wait, 10)
        lingering.cancel()
        await asyncio.wait({lingering})
        return await asyncio.wait_for(handler.request(lambda: "served"), 5)

    try:
        assert asyncio.run(requests()) == "served"
    finally:
        go_on.set()


def test_nobody_waits_for_a_request_whose_client_went_away() -> None:
    """Django stops waiting for the view then, and goes on as if all were well."""
    begun, go_on = threading.Event(), threading.Event()

    class LeftHandler(Handler):
        async def handle(self, scope: Any, receive: Any, send: Any) -> None:
            view = asyncio.create_task(super().handle(scope, receive, send))
            await asyncio.to_thread(begun.wait, 10)
            if not self.returned and scope["work"] is linger:
                view.cancel()
            await asyncio.wait({view})

    def linger() -> None:
        begun.set()
        go_on.wait(10)

    async def requests() -> Any:
        handler = LeftHandler()
        await handler({"type": "http", "work": linger}, None, None)  # type: ignore[arg-type]
        return await asyncio.wait_for(handler.request(lambda: "served"), 5)

    try:
        assert asyncio.run(requests()) == "served"
    finally:
        go_on.set()


def test_a_request_that_failed_leaves_the_next_one_its_own_thread(handler: Handler) -> None:
    def fail() -> None:
        raise ValueError("broken")

    async def requests() -> None:
        with pytest.raises(ValueError, match="broken"):
            await handler.request(fail)
        await handler.request(threading.get_ident)

    asyncio.run(requests())
    assert len(handler._idle) == 1
