"""Client secrets of the provider's own server: `POST /v1/realtime/client_secrets` (protocol §1.2).

A secret binds a session's settings and expires for starting sessions; it may start several, and
one that runs goes on. The provider accepts any other key as well: it serves the protocol, not
access.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from realtime.core.errors import NotAuthenticated
from realtime.upstream.embedded.ids import IdMaker, new_id
from realtime.upstream.embedded.parameters import expect_integer, expect_object, expect_one_of
from realtime.upstream.embedded.session_config import new_session_config

MAX_SECRETS = 10_000
LEAST_LIFE_S, DEFAULT_LIFE_S, MOST_LIFE_S = 10, 600, 7200


@dataclass(frozen=True, slots=True)
class _Bound:
    session: Mapping[str, Any]
    expires_at_unix_s: int


class ClientSecrets:
    """One per server; the oldest is forgotten when 10,000 live at once."""

    def __init__(
        self, default_model: str, clock: Callable[[], float] = time.time, make_id: IdMaker = new_id
    ) -> None:
        self._default_model = default_model
        self._clock = clock
        self._new_id = make_id
        self._bound: dict[str, _Bound] = {}

    def mint(self, request: object) -> dict[str, Any]:
        """The response body for a request body. Raises InvalidEvent, naming the field."""
        asked = expect_object(request, "", known=("expires_after", "session"))
        life_s = _life_s(asked.get("expires_after"))
        settings = asked.get("session")
        settings = {"type": "realtime"} if settings is None else settings
        session = new_session_config(self._new_id("sess"), self._default_model, 0, settings)
        secret = f"ek_{self._new_id('').lstrip('_')}{self._new_id('').lstrip('_')}"
        expires_at = int(self._clock()) + life_s
        while len(self._bound) >= MAX_SECRETS:
            del self._bound[next(iter(self._bound))]
        self._bound[secret] = _Bound(copy.deepcopy(session), expires_at)
        return {"value": secret, "expires_at": expires_at, "session": session}

    def session_of(self, key: str) -> Mapping[str, Any] | None:
        """The session settings bound to a secret of ours; None for any other key.

        Raises NotAuthenticated once it has expired.
        """
        bound = self._bound.get(key)
        if bound is None:
            return None
        if self._clock() >= bound.expires_at_unix_s:
            raise NotAuthenticated(
                "This client secret has expired. Mint a new one.", code="client_secret_expired"
            )
        return bound.session


def _life_s(value: object) -> int:
    if value is None:
        return DEFAULT_LIFE_S
    asked = expect_object(value, "expires_after", known=("anchor", "seconds"))
    expect_one_of(asked.get("anchor", "created_at"), "expires_after.anchor", ("created_at",))
    seconds = asked.get("seconds", DEFAULT_LIFE_S)
    return expect_integer(seconds, "expires_after.seconds", LEAST_LIFE_S, MOST_LIFE_S)
