"""Django by ASGI as one call on one thread for each request, and threads that outlive requests.

Django's own handler gives each request a thread of its own, and with it a new connection to the
database, whatever `CONN_MAX_AGE` says; and it goes from the event loop to that thread and back for
each piece of middleware, for ours are synchronous, as nearly all of Django's work is. Together that
was two thirds of what a request cost.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# What is asked at the same moment beyond these gets a thread for itself.
KEPT: Final = 4


class ThreadedHandler(ASGIHandler):
    """Django's ASGI application. Make it after `django.setup`."""

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)
        self._idle: list[ThreadPoolExecutor] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]
        # The one used last is the one whose connection is still good.
        thread = self._idle.pop() if self._idle else _thread()
        is_done = False
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self.handle(scope, receive, send)  # type: ignore[arg-type]
            is_done = True
        finally:
            # A request that was cancelled may have left work behind, for which none should wait.
            if is_done and len(self._idle) < KEPT:
                self._idle.append(thread)
            else:
                thread.shutdown(wait=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """All middleware and the view, on the request's thread."""
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="request")
