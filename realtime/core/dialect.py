"""Beta and flat shapes of the Realtime protocol ⇄ GA (protocol §3.4), at the client's edge only."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Dialect(StrEnum):
    """GA: the protocol of today. BETA: flat session objects and the event names of the beta."""

    GA = "ga"
    BETA = "beta"


def flat_session_to_ga(flat: Mapping[str, Any]) -> dict[str, Any]:
    """A flat session object (the beta's, or a mint's `voice_config`) as a GA one."""
    raise NotImplementedError


def ga_session_to_flat(session: Mapping[str, Any]) -> dict[str, Any]:
    """A GA session object in the flat shape."""
    raise NotImplementedError
