"""Headers every answer carries."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts import request_ids


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
