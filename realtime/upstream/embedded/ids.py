"""Identifiers as the Realtime API writes them: a prefix and 21 base62 characters (protocol §4)."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable
from typing import TypeAlias

_ALPHABET = string.digits + string.ascii_letters

IdMaker: TypeAlias = Callable[[str], str]


def new_id(prefix: str) -> str:
    """A fresh id such as `item_…`; unguessable, so that ids never collide between sessions."""
    length = 16 if prefix == "call" else 21
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(length))
