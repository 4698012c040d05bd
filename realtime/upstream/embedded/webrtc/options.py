"""How calls are reached and how long they may take; read from settings by whoever starts them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CallOptions:
    """ice_servers: asked for each call, because passwords run out; as browsers take them
        (`{"urls": …, "username": …, "credential": …}`).
    udp_ports: first and last port for media, where a firewall lets only some pass; None: any.
    address: the one address to name in answers instead of this host's own ones, for a server
        behind address translation whose ports are forwarded as they are.
    connect_timeout_s: how long a call waits for its caller after the answer.
    vanished_after_s: how long a caller may send nothing at all, not even reports, before the call
        ends. Browsers send something several times a second, muted or not.
    """

    ice_servers: Callable[[], Sequence[Mapping[str, Any]]] = tuple
    udp_ports: tuple[int, int] | None = None
    address: str | None = None
    connect_timeout_s: float = 20.0
    vanished_after_s: float = 12.0
    max_calls: int = 64
