"""Who may go on listening with a stream token that has expired meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from realtime.core.errors import NotAuthenticated

RETURN_WITHIN_S: Final = 60.0
_MAX_KNOWN: Final = 1000


@dataclass(frozen=True, slots=True)
class Ticket:
    """How a listener came: by a stream token (its nonce, and whether it is still fresh), or as its
    owner (`nonce` "")."""

    nonce: str = ""
    is_fresh: bool = True


OWNER: Final = Ticket()


class Listeners:
    """A token's life limits opening, as a client secret's does: who listened with it less than a
    minute ago may come back, so that an `EventSource` outlives its token, and a found URL does not.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen_at: dict[str, float] = {}

    def admit(self, ticket: Ticket) -> None:
        """Call at every read. Raises NotAuthenticated."""
        if not ticket.nonce:
            return
        now = self._clock()
        seen_at = self._seen_at.pop(ticket.nonce, None)
        if not ticket.is_fresh and (seen_at is None or now - seen_at > RETURN_WITHIN_S):
            raise NotAuthenticated(
                "This stream token has expired. Start a session for new ones.",
                code="stream_token_expired",
            )
        self._seen_at[ticket.nonce] = now
        while len(self._seen_at) > _MAX_KNOWN:
            del self._seen_at[next(iter(self._seen_at))]
