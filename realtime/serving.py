"""Whether this process takes new sessions: from its start until it is told to drain."""

from __future__ import annotations

from realtime.core.errors import Draining

# Behind a balancer another process answers at once; alone we are back in about that time.
RETRY_AFTER_S = 5

_is_draining = False


def begin() -> None:
    """A server starts on this process's event loop."""
    global _is_draining
    _is_draining = False


def stop() -> None:
    """Take no new sessions from here on."""
    global _is_draining
    _is_draining = True


def is_draining() -> bool:
    return _is_draining


def require_serving() -> None:
    """Raises Draining (503, 1012) with a Retry-After."""
    if _is_draining:
        raise Draining("This server is about to restart. Try again.", retry_after_s=RETRY_AFTER_S)
