"""A call's sideband by WebSocket: `GET /v1/realtime?call_id=rtc_…` (protocol §1.4)."""

from __future__ import annotations

import asyncio
import contextlib

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from realtime.core.errors import UpstreamFailed
from realtime.runtime.ports import UpstreamClosed
from realtime.upstream.embedded.webrtc.sideband import Sideband

MAX_REASON_CHARACTERS = 120


async def serve_sideband(connection: ServerConnection, sideband: Sideband) -> None:
    """Both ways until the call ends, which closes with 1000, or this client leaves."""
    try:
        await sideband.open()
    except UpstreamFailed:  # the call ended during the handshake
        await connection.close(1000, "the call is over")
        return
    sending = asyncio.create_task(_send_events(connection, sideband))
    try:
        async for frame in connection:
            await sideband.send(frame)
    except (ConnectionClosed, UpstreamClosed):
        pass
    finally:
        await sideband.aclose()
        with contextlib.suppress(ConnectionClosed):
            await sending


async def _send_events(connection: ServerConnection, sideband: Sideband) -> None:
    try:
        while True:
            await connection.send(await sideband.receive())
    except UpstreamClosed as closed:
        await connection.close(closed.code, closed.reason[:MAX_REASON_CHARACTERS])
