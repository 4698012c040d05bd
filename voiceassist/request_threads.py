"""Django by ASGI as one call on one thread for each request, and threads that outlive requests.

Django's own handler gives each request a thread of its own, and with it a new connection to the
database, whatever `CONN_MAX_AGE` says; and it goes from the event loop to that thread and back for
each piece of middleware, for ours are synchronous, as nearly all of Django's work is. Together that
was two thirds of what a request cost.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
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
        self._idle: list[_Thread] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]
        # The one used last is the one whose connection is still good.
        thread = self._idle.pop() if self._idle else _Thread()
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self.handle(scope, receive, send)  # type: ignore[arg-type]
        finally:
            # One whose client went away may have left work behind, for which no other should wait.
            if thread.is_idle and len(self._idle) < KEPT:
                self._idle.append(thread)
            else:
                thread.shutdown(wait=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """All middleware and the view, on the request's thread."""
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


class _Thread(ThreadPoolExecutor):
    """Knows whether everything it was given is done."""

    def __init__(self) -> None:
        super().__init__(1, thread_name_prefix="request")
        self._given: list[Future[Any]] = []

    @property
    def is_idle(self) -> bool:
        return all(one.done() for one in self._given)

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        given = super().submit(work, *args, **kwargs)
        self._given = [one for one in self._given if not one.done()] + [given]
        return given
