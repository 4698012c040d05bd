"""The name of each request, `req_…`: told to the caller in `x-request-id`, and in every log line.

It is always our own: a caller's would let two requests share a name.
"""

from __future__ import annotations

import secrets
from contextvars import ContextVar

HEADER = "x-request-id"

_current: ContextVar[str] = ContextVar("request_id", default="")


def begin() -> str:
    """Name what runs from here on in this context, tasks and threads it starts included."""
    name = f"req_{secrets.token_hex(16)}"
    _current.set(name)
    return name


def current() -> str:
    """The name of the request being served, or "" outside of any."""
    return _current.get()
