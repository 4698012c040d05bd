"""Pages of other origins under `/v1`: allowed ones may read the answers, the rest are refused.

Pages of allowed origins may also hold headless sessions; there the rest just reads nothing.

The allowed headers are whatever a page asks for, because SDKs in browsers add many of their own
(`x-stainless-*`). Credentials mode stays off: cookies open nothing under `/v1`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_vary_headers

from accounts.origins import is_allowed
from voiceassist.errors import openai_body

PATHS = "/v1/"
HEADLESS_PATHS = ("/api/voice/sessions/", "/api/voice/turns")
METHODS = "GET, POST, OPTIONS"
EXPOSED_HEADERS = "Location, X-Request-Id, Retry-After"
PREFLIGHT_KEPT_S = 600
CORS_PREFIX = "access-control-"
HEADER_NAMES = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~, -]*")


class CrossOriginMiddleware:
    """Answers preflights, names the allowed origin in answers, and refuses other pages (403)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        origin = request.headers.get("Origin")
        if request.path_info.startswith(HEADLESS_PATHS):
            is_welcome = origin is not None and is_allowed(
                str(origin), scheme=str(request.scheme), host=_host(request)
            )
            if not is_welcome:
                return self.get_response(request)
        elif not request.path_info.startswith(PATHS):
            return self.get_response(request)
        response = (
            self.get_response(request) if origin is None else self._answer(request, str(origin))
        )
        patch_vary_headers(response, ["Origin"])
        return response

    def _answer(self, request: HttpRequest, origin: str) -> HttpResponse:
        asked_method = request.headers.get("Access-Control-Request-Method")
        is_preflight = request.method == "OPTIONS" and asked_method is not None
        if not is_allowed(origin, scheme=str(request.scheme), host=_host(request)):
            is_credentialed = "Authorization" in request.headers
            answer = _refuse() if is_preflight or is_credentialed else self.get_response(request)
            return _untold(answer)
        response = _preflight(request) if is_preflight else self.get_response(request)
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
        return response


def _host(request: HttpRequest) -> str:
    try:
        return request.get_host()
    except DisallowedHost:
        return ""  # no page of ours; Django refuses the request itself


def _preflight(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(status=204)
    response.headers["Access-Control-Allow-Methods"] = METHODS
    response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_KEPT_S)
    asked = request.headers.get("Access-Control-Request-Headers", "")
    if asked and HEADER_NAMES.fullmatch(asked):
        response.headers["Access-Control-Allow-Headers"] = asked
    patch_vary_headers(response, ["Access-Control-Request-Headers"])
    return response


def _untold(response: HttpResponse) -> HttpResponse:
    """The answer without what a view may have put in for pages: this one is to read nothing."""
    for name in [name for name in response.headers if name.lower().startswith(CORS_PREFIX)]:
        del response.headers[name]
    return response


def _refuse() -> HttpResponse:
    body: dict[str, Any] = openai_body(
        "Pages of this origin may not use this server. An administrator can allow it.",
        "invalid_request_error",
        "origin_not_allowed",
        None,
    )
    return JsonResponse(body, status=403)
