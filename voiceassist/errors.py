"""The one place where an exception becomes an HTTP answer.

Under `/api` the body is RFC 9457 `application/problem+json` with `code` and, where apt,
`retry_after`; under `/v1` it is OpenAI's `{"error": {message, type, code, param}}`.
"""

from __future__ import annotations

import logging
import math
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from rest_framework import exceptions
from rest_framework.response import Response

from conversations.access import ConversationNotFound
from realtime.core.errors import VoiceError

logger = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"


def problem_body(
    status: int, code: str, detail: str, retry_after_s: int | None = None, **extra: Any
) -> dict[str, Any]:
    """An RFC 9457 problem; `code` is the stable word that programs read."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if retry_after_s is not None:
        body["retry_after"] = retry_after_s
    return body | extra


def openai_body(
    message: str, error_type: str, code: str | None, param: str | None
) -> dict[str, dict[str, str | None]]:
    return {"error": {"message": message, "type": error_type, "code": code, "param": param}}


def handle_api_exception(exception: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. What it does not know is our bug: logged, 500, no details told."""
    request: HttpRequest | None = context.get("request")
    is_openai = request is not None and request.path.startswith("/v1/")
    error = _describe(exception)
    if error is None:
        logger.exception("unhandled error in %s", type(context.get("view")).__name__)
        error = _Description(
            500, "internal_error", "The server made a mistake. It has been logged."
        )
    headers = dict(error.headers)
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    if is_openai:
        kind = "server_error" if error.status >= 500 else error.openai_type
        body: dict[str, Any] = openai_body(error.detail, kind, error.code, error.param)
        return Response(body, status=error.status, headers=headers)
    body = problem_body(error.status, error.code, error.detail, error.retry_after_s, **error.extra)
    return Response(body, status=error.status, headers=headers, content_type=PROBLEM_JSON)


class _Description:
    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        retry_after_s: int | None = None,
        openai_type: str = "invalid_request_error",
        param: str | None = None,
        extra: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.status = status
        self.code = code
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.openai_type = openai_type
        self.param = param
        self.extra = extra or {}
        self.headers = headers or {}


def _describe(exception: Exception) -> _Description | None:
    match exception:
        case VoiceError():
            return _Description(
                exception.http_status,
                exception.code,
                exception.message,
                retry_after_s=exception.retry_after_s,
                openai_type=exception.error_type,
                param=exception.param,
                extra={"param": exception.param} if exception.param else None,
            )
        case ConversationNotFound():
            return _Description(404, "conversation_not_found", "There is no such conversation.")
        case Http404():
            return _Description(404, "not_found", "There is nothing at this address.")
        case PermissionDenied():
            return _Description(403, "forbidden", "You may not do this.")
        case RequestDataTooBig():
            return _Description(413, "body_too_large", "The body is larger than this server reads.")
        case exceptions.ValidationError():
            errors = exception.detail
            return _Description(
                400,
                "invalid",
                _first_sentence(errors),
                param=_first_field(errors),
                extra={"errors": errors},
            )
        case exceptions.Throttled():
            wait: float | None = getattr(exception, "wait", None)
            wait_s = math.ceil(wait) if wait is not None else None
            return _Description(429, "rate_limited", str(exception.detail), retry_after_s=wait_s)
        case exceptions.APIException():
            headers = {}
            if isinstance(exception, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
                headers["WWW-Authenticate"] = "Bearer"
            code = exception.get_codes()
            return _Description(
                exception.status_code,
                code if isinstance(code, str) else exception.default_code,
                str(exception.detail),
                headers=headers,
                retry_after_s=getattr(exception, "retry_after_s", None),
            )
    return None


def _first_sentence(errors: Any, path: str = "") -> str:
    """The first complaint of a validation error as one sentence that names its field."""
    if isinstance(errors, dict):
        for name, value in errors.items():
            inner = "" if name == "non_field_errors" else f"{path}.{name}".lstrip(".")
            return _first_sentence(value, inner)
    if isinstance(errors, list) and errors:
        return _first_sentence(errors[0], path)
    return f"{path}: {errors}" if path else str(errors)


def _first_field(errors: Any) -> str | None:
    if isinstance(errors, dict):
        for name in errors:
            return None if name == "non_field_errors" else str(name)
    return None


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Django's handler404: JSON for programs, for both API dialects."""
    if request.path.startswith("/v1/"):
        body: dict[str, Any] = openai_body(
            f"Unknown request URL: {request.method} {request.path}.",
            "invalid_request_error",
            "unknown_url",
            None,
        )
        return JsonResponse(body, status=404)
    return JsonResponse(
        problem_body(404, "not_found", "There is nothing at this address."),
        status=404,
        content_type=PROBLEM_JSON,
    )


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Django's handler500."""
    message = "The server made a mistake. It has been logged."
    if request.path.startswith("/v1/"):
        return JsonResponse(
            openai_body(message, "server_error", "internal_error", None), status=500
        )
    return JsonResponse(
        problem_body(500, "internal_error", message), status=500, content_type=PROBLEM_JSON
    )
