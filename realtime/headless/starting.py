"""Starting a headless session: minted and opened like any client's, with a client of our own."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from typing import Final

from accounts.models import User
from realtime import database, sessions
from realtime.auth import Credential, Via
from realtime.core.effects import EndReason
from realtime.core.errors import UpstreamTimedOut
from realtime.headless import neighbours
from realtime.headless.face import HeadlessClient
from realtime.headless.live_headless import LiveHeadless
from realtime.mint import Minted, mint
from realtime.runtime.attachment import Attachment
from realtime.voice_config import MintRequest

START_TIMEOUT_S: Final = 20.0
HANG_UP_TIMEOUT_S: Final = 10.0


async def start(
    user: User, request: MintRequest, sign_in_id: uuid.UUID | None
) -> tuple[LiveHeadless, Minted]:
    """A running session of this process. The secret of what was minted has done its work.

    Raises any VoiceError, and ConversationNotFound.
    """
    minted = await database.run(mint, user, request, sign_in_id, is_api_client=True)
    try:
        return await _open(minted, request), minted
    except BaseException:
        await asyncio.shield(_give_up(minted))
        raise


async def _open(minted: Minted, request: MintRequest) -> LiveHeadless:
    opened = await sessions.admit(Credential(minted.secret.value, Via.HEADER), transport="rest")
    client = HeadlessClient(minted.session.public_id)
    try:
        attachment = await sessions.start(opened, client)
    except BaseException:
        await asyncio.shield(sessions.abandon(opened))
        raise
    live = LiveHeadless(
        minted.session.public_id,
        client,
        attachment,
        is_push_to_talk=request.turn_detection is None,
    )
    neighbours.here().add(live)
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            await client.wait_live()
    except BaseException as error:
        await asyncio.shield(_hang_up(attachment))
        if isinstance(error, TimeoutError):
            raise UpstreamTimedOut("The voice provider did not answer in time.") from None
        raise
    return live


async def _hang_up(attachment: Attachment) -> None:
    """And wait for it: the session's row is written by then."""
    attachment.client_closed(1006)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(attachment.wait_over(), HANG_UP_TIMEOUT_S)


async def _give_up(minted: Minted) -> None:
    """A session that did not start ends now, not when its unused secret expires."""
    with contextlib.suppress(Exception):
        await database.run(
            sessions.request_end,
            minted.session.public_id,
            None,
            why=EndReason.UPSTREAM_ERROR,
        )
