"""System checks that need the catalogue."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register
from django.db import Error as DatabaseError
from django.utils import timezone


def register_checks() -> None:
    register(check_model_is_current)


def check_model_is_current(**_kwargs: Any) -> list[CheckMessage]:
    """The configured model must not be retired. Silent before the tables exist."""
    from realtime import catalogue

    try:
        reason = catalogue.retirement_reason(settings.REALTIME_MODEL, timezone.localdate())
    except DatabaseError:
        return []
    if reason is None:
        return []
    return [
        Warning(
            reason,
            hint="Voice answers 503 until REALTIME_MODEL names a model the provider serves.",
            id="realtime.W001",
        )
    ]
