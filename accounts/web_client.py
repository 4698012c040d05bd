"""The browser's way of holding a refresh token: a cookie that no script can read.

A request with `X-VoiceAssist-Client: web` uses the cookie and must come from our own pages: its
Origin is the CSRF rule. The custom header alone already forces a preflight on foreign pages; the
exact Origin makes the rule independent of any CORS setting. Without the header the cookie is
neither read nor written.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework_simplejwt.tokens import RefreshToken as JwtRefreshToken

from accounts.origins import known_origins

CLIENT_HEADER = "X-VoiceAssist-Client"
COOKIE_NAME = "voiceassist_refresh"
COOKIE_PATH = "/api/token/"


def is_web_client(request: HttpRequest) -> bool:
    """Whether the caller is a browser that wants the cookie. Raises PermissionDenied (403) for a
    foreign or missing Origin."""
    if request.headers.get(CLIENT_HEADER, "").strip().lower() != "web":
        return False
    if request.headers.get("Origin") not in known_origins(str(request.scheme), request.get_host()):
        raise PermissionDenied
    return True


def refresh_cookie(request: HttpRequest) -> str:
    """The refresh token in the cookie, or ""."""
    return request.COOKIES.get(COOKIE_NAME, "")


def set_refresh_cookie(response: HttpResponseBase, refresh: str) -> None:
    lifetime: timedelta = JwtRefreshToken.lifetime
    response.set_cookie(
        COOKIE_NAME,
        refresh,
        max_age=int(lifetime.total_seconds()),
        path=COOKIE_PATH,
        secure=settings.PUBLIC_URL.startswith("https://"),
        httponly=True,
        samesite="Strict",
    )


def clear_refresh_cookie(response: HttpResponseBase) -> None:
    response.delete_cookie(COOKIE_NAME, path=COOKIE_PATH, samesite="Strict")
