"""Typed readers of environment settings; `NAME_FILE` is read where `NAME` is absent.

The latter is how Docker secrets arrive.

A value that cannot be read stops the server with the setting's name and what it should be.
"""

from __future__ import annotations

import json
import os
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off", ""})


def env_text(name: str, default: str = "") -> str:
    """The setting's text, stripped; `NAME` wins over the content of the file `NAME_FILE`."""
    value = os.environ.get(name)
    if value is not None:
        return value.strip()
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return default
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}_FILE names {path}, which cannot be read ({error.strerror})."
        ) from error


def env_bool(name: str, default: bool) -> bool:
    text = env_text(name).lower()
    if name not in os.environ and not text:
        return default
    if text in TRUE_WORDS:
        return True
    if text in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name} is {text!r}; it takes true or false.")


def env_choice(name: str, *choices: str) -> str:
    """One of `choices`, in any case; the first where nothing is said."""
    text = env_text(name).lower() or choices[0]
    if text not in choices:
        raise ImproperlyConfigured(f"{name} is {text!r}; it takes {' or '.join(choices)}.")
    return text


def env_int(name: str, default: int, *, least: int = 0) -> int:
    text = env_text(name)
    if not text:
        return default
    try:
        number = int(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {text!r}; it takes a whole number.") from None
    if number < least:
        raise ImproperlyConfigured(f"{name} is {number}; it must be at least {least}.")
    return number


def env_usd(name: str) -> Decimal | None:
    """US dollars, such as `25` or `0.50`; None when the setting is not given."""
    text = env_text(name)
    if not text:
        return None
    try:
        usd = Decimal(text)
    except InvalidOperation:
        raise ImproperlyConfigured(f"{name} is {text!r}; it takes US dollars.") from None
    if not usd.is_finite() or usd < 0:
        raise ImproperlyConfigured(f"{name} is {text!r}; it takes US dollars, 0 or more.")
    return usd


def env_port_range(name: str) -> tuple[int, int] | None:
    """Two port numbers as `first-last`; None when the setting is not given."""
    text = env_text(name)
    if not text:
        return None
    first, _, last = text.partition("-")
    numbers = (int(first), int(last)) if first.isdigit() and last.isdigit() else (0, 0)
    if not 1024 <= numbers[0] <= numbers[1] <= 65535:
        raise ImproperlyConfigured(
            f"{name} is {text!r}; it takes two ports from 1024 to 65535, such as 50000-50099."
        )
    return numbers


def env_list(name: str, default: str = "") -> list[str]:
    """Comma-separated words, empty ones dropped."""
    return [word.strip() for word in env_text(name, default).split(",") if word.strip()]


def env_json(name: str, default: Any) -> Any:
    text = env_text(name)
    if not text:
        return default
    try:
        return json.loads(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not JSON ({error}).") from None
