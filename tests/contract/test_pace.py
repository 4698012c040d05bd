"""Clients that are too fast are read more slowly; clients that vanish free their slot."""

from __future__ import annotations

import asyncio
import base64
import json
import time

from tests.contract.conftest import MakeGateway
from tests.contract.gateway import Gateway, Socket, ended

SLOT_FREE_WITHIN_S = 15.0
# The first ping after 5 s, its pong due 9 s later.
PAST_THE_FIRST_PING_S = 15.0
SECOND_OF_AUDIO = json.dumps(
    {"type": "input_audio_buffer.append", "audio": base64.b64encode(bytes(48_000)).decode()}
)
# How long the official SDKs wait for the pong, which comes behind all that is still unread.
PONG_WITHIN_S = 20.0
AUDIO_BYTES_PER_S = 192_000
AUDIO_BURST_BYTES = 4 * 1024 * 1024


async def flood(socket: Socket) -> int:
    """Send as fast as the server takes it; returns how many bytes of audio that were."""
    frames = 0
    until = time.monotonic() + PAST_THE_FIRST_PING_S
    while (left_s := until - time.monotonic()) > 0:
        try:
            async with asyncio.timeout(left_s):
                await socket.connection.send(SECOND_OF_AUDIO)
        except TimeoutError:
            break
        frames += 1
    return frames * 48_000


async def vanish(gateway: Gateway) -> float:
    """Stop reading, and so answering pings; returns how long the slot stayed taken."""
    minted = gateway.mint()
    socket = await gateway.dial(minted["api_key"])
    await socket.wait_for("session.created")
    socket.connection.transport.pause_reading()
    vanished_at = time.monotonic()
    session = await ended(gateway, minted["session_id"], within_s=SLOT_FREE_WITHIN_S + 5)
    assert session["end_reason"] == "client_lost"
    socket.connection.transport.abort()
    return time.monotonic() - vanished_at


async def test_a_flood_is_read_slowly_without_a_close_and_a_vanished_client_frees_its_slot(
    make_gateway: MakeGateway,
) -> None:
    gateway = make_gateway()
    async with gateway.call(gateway.mint(turn_detection=None)) as socket:
        sent_bytes, slot_free_after_s = await asyncio.gather(flood(socket), vanish(gateway))
        assert socket.connection.close_code is None
        read_bytes = AUDIO_BURST_BYTES + AUDIO_BYTES_PER_S * PAST_THE_FIRST_PING_S
        assert sent_bytes < read_bytes + AUDIO_BYTES_PER_S * PONG_WITHIN_S
        assert slot_free_after_s <= SLOT_FREE_WITHIN_S
        socket.connection.transport.abort()


async def test_an_aborted_connection_frees_its_slot_at_once(gateway: Gateway) -> None:
    minted = gateway.mint()
    socket = await gateway.dial(minted["api_key"])
    await socket.wait_for("session.created")
    socket.connection.transport.abort()
    session = await ended(gateway, minted["session_id"], within_s=5)
    assert session["end_reason"] == "client_lost"
