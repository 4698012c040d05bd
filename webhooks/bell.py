"""Tells the worker of this process, where one runs, that there is something to send."""

from __future__ import annotations

from collections.abc import Callable

_listener: Callable[[], None] | None = None


def listen(listener: Callable[[], None] | None) -> None:
    """Have `ring` call this from any thread; None: nobody listens any more."""
    global _listener
    _listener = listener


def ring() -> None:
    if _listener is not None:
        _listener()
