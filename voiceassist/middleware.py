"""Headers every answer carries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts import request_ids

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class NamedAnswers:
    """Around the HTTP application: names the answers, too, that are given before Django's turn."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        pair = (request_ids.HEADER.encode(), request_ids.begin().encode())

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                if not any(name.lower() == pair[0] for name, _ in headers):
                    message = {**message, "headers": [*headers, pair]}
            await send(message)

        await self._application(scope, receive, send_named)


class RequestIdMiddleware:
    """Gives each answer an `x-request-id`, the name SDKs print when a request failed and by which
    its log lines are found."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request_ids.begin()
        response = self.get_response(request)
        response.headers[request_ids.HEADER] = name
        return response


class PermissionsPolicyMiddleware:
    """The microphone is for our own pages only; nothing else is asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers["Permissions-Policy"] = (
            "microphone=(self), camera=(), geolocation=(), payment=(), usb=()"
        )
        return response
