"""Which UDP sockets a call listens on: the one place where aioice is told something of its own.

aioice binds any free port on every address but 127.0.0.1. On a host that has no other address a
call could then never connect, and a firewall or a container can only let a known range of ports
pass. `prepare_gathering` replaces how one connection gathers its host candidates; relayed ones
stay aioice's.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
import socket
from collections.abc import Awaitable, Iterator
from functools import partial

from aioice import Candidate
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import Connection, StunProtocol, server_reflexive_candidate
from aiortc import RTCIceServer, RTCPeerConnection
from aiortc.rtcicetransport import RTCIceGatherer, parse_stun_turn_uri

from realtime.upstream.embedded.webrtc.options import CallOptions

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
# Together with connecting well below the 4 s after which pages fall back to the WebSocket.
OUTSIDE_TIMEOUT_S = 1.5
RECEIVE_BUFFER_BYTES = 256 * 1024


def prepare_gathering(peer: RTCPeerConnection, options: CallOptions) -> None:
    """Call after the remote description and before the local one: all transports exist by then."""
    for gatherer in _gatherers(peer):
        connection = gatherer._connection
        # An attribute of this one object: other users of the library in the process see nothing.
        vars(connection)["get_component_candidates"] = partial(_gather, connection, options)


def usable_servers(options: CallOptions) -> list[RTCIceServer]:
    """Never None: aiortc's own default is a third party's STUN server. Addresses that only browsers
    understand are left out."""
    usable: list[RTCIceServer] = []
    for server in options.ice_servers():
        urls = [server["urls"]] if isinstance(server["urls"], str) else list(server["urls"])
        for url in urls:
            try:
                parse_stun_turn_uri(url)
            except ValueError:
                logger.warning("an ICE server's address is not understood and left out")
                continue
            credentials = (server.get("username"), server.get("credential"))
            usable.append(RTCIceServer(url, *credentials))
    return usable


def _gatherers(peer: RTCPeerConnection) -> Iterator[RTCIceGatherer]:
    transports = [transceiver.receiver.transport for transceiver in peer.getTransceivers()]
    if peer.sctp is not None:
        transports.append(peer.sctp.transport)
    for transport in transports:
        yield transport.transport.iceGatherer


async def _gather(
    connection: Connection, options: CallOptions, component: int, addresses: list[str]
) -> list[Candidate]:
    """Stands in for `Connection.get_component_candidates`."""
    candidates: list[Candidate] = []
    outside: list[Awaitable[list[Candidate]]] = []
    for address in addresses or [LOOPBACK]:
        protocol = await _listen(connection, address, options)
        if protocol is None:
            continue
        connection._protocols.append(protocol)
        port = protocol.transport.get_extra_info("sockname")[1]
        shown = options.address or address
        protocol.local_candidate = Candidate(
            foundation=candidate_foundation("host", "udp", shown),
            component=component,
            transport="udp",
            priority=candidate_priority(component, "host"),
            host=shown,
            port=port,
            type="host",
        )
        candidates.append(protocol.local_candidate)
        if connection.stun_server is not None and ":" not in address:
            outside.append(_seen_from_outside(protocol, connection.stun_server))
        if options.address is not None:
            break
    if connection.turn_server is not None:
        outside.append(_relayed(connection, component))
    for found in await asyncio.gather(*outside):
        candidates += found
    return candidates


async def _relayed(connection: Connection, component: int) -> list[Candidate]:
    """aioice waits whole seconds."""
    return await Connection.get_component_candidates(
        connection, component, [], timeout=math.ceil(OUTSIDE_TIMEOUT_S)
    )


async def _seen_from_outside(
    protocol: StunProtocol, stun_server: tuple[str, int]
) -> list[Candidate]:
    try:
        async with asyncio.timeout(OUTSIDE_TIMEOUT_S):
            candidate, _ = await server_reflexive_candidate(protocol, stun_server)
    except Exception as error:  # whatever a server out there does, the call goes on without it
        logger.warning("the STUN server gave no address: %s", type(error).__name__)
        return []
    return [candidate]


async def _listen(
    connection: Connection, address: str, options: CallOptions
) -> StunProtocol | None:
    """A socket on `address`, in the port range if there is one; None when nothing can be bound."""
    bind_to = "0.0.0.0" if options.address is not None else address  # noqa: S104
    loop = asyncio.get_running_loop()
    for port in _ports(options.udp_ports):
        try:
            transport, protocol = await loop.create_datagram_endpoint(
                lambda: StunProtocol(connection), local_addr=(bind_to, port)
            )
        except OSError:
            continue
        bound = transport.get_extra_info("socket")
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        return protocol
    logger.warning("no UDP port could be bound for a call")
    return None


def _ports(udp_ports: tuple[int, int] | None) -> list[int]:
    if udp_ports is None:
        return [0]
    first, last = udp_ports
    ports = list(range(first, last + 1))
    random.shuffle(ports)  # so that a port just freed is not the next one's first try
    return ports
