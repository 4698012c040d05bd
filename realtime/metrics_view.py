"""Who may read `/metrics`: this machine, and whoever has the token."""

from __future__ import annotations

import hmac
import ipaddress

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from accounts.client_address import client_address
from realtime import metrics


@require_safe
def metrics_page(request: HttpRequest) -> HttpResponse:
    """Prometheus text; 403 without the right to it."""
    if not (_has_token(request) or _is_this_machine(request)):
        problem = {
            "type": "about:blank",
            "title": "Forbidden",
            "status": 403,
            "code": "forbidden",
            "detail": "Metrics are for this machine, or with METRICS_TOKEN as a bearer token.",
        }
        return JsonResponse(problem, status=403, content_type="application/problem+json")
    answer = HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _has_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(given.encode(), wanted.encode())


def _is_this_machine(request: HttpRequest) -> bool:
    """A proxy on this machine speaks for others: what it forwards is told by its headers."""
    forwarded = any(
        name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP")
    )
    try:
        from_here = ipaddress.ip_address(client_address(request)).is_loopback
    except ValueError:
        return False
    return from_here and not forwarded
