"""A socket of one of our own pages: opened with an access token, ended with that sign-in.

A page is refused by an `error` event and a close, because browsers hide HTTP errors; a program by
an HTTP status.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from accounts.models import User
from accounts.tokens import AccessGrant, InvalidToken, check_access_token
from realtime import auth, database, feed_hub, sessions
from realtime.core.errors import NotAuthenticated, VoiceError
from realtime.denial import accept_message, close_message, deny_by_event, deny_by_http

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

FEED_SUBPROTOCOL: Final = "voiceassist.feed"
TOKEN_SUBPROTOCOL_PREFIX: Final = "voiceassist.token."  # noqa: S105  (the name of a header)
SEND_TIMEOUT_S: Final = 10.0


async def open_tab(
    scope: dict[str, Any],
    receive: Receive,
    send: Send,
    check: Callable[[User], None] = lambda _: None,
) -> AccessGrant | None:
    """Accept the socket, or refuse it and return None. Follow with `carry`.

    check: runs on a database thread; raises VoiceError for a person who may not open this socket.
    """
    await receive()  # websocket.connect
    offered = scope.get("subprotocols", [])
    subprotocol = FEED_SUBPROTOCOL if FEED_SUBPROTOCOL in offered else None
    try:
        await auth.check_origin(scope)
        grant = await database.run(_authenticate, offered)
        await database.run(check, grant.user)
    except VoiceError as error:
        if subprotocol is None:
            await deny_by_http(scope, send, error)
        else:
            await deny_by_event(send, error, subprotocol)
        return None
    sessions.ensure_started()
    await send(accept_message(subprotocol))
    return grant


async def carry(
    grant: AccessGrant,
    send: Send,
    listening: Coroutine[Any, Any, None],
    telling: Coroutine[Any, Any, None],
) -> None:
    """Run both until the tab leaves or must go, and close it.

    listening: returns when the tab has left. telling: never returns; raises TimeoutError when the
    tab reads too slowly, VoiceError to close it with that, anything else when it cannot be served.
    """
    revoked = asyncio.Event()
    feed = feed_hub.OpenFeed(grant.user.pk, grant.family_id, revoked.set)
    feed_hub.add(feed)
    tasks = [
        asyncio.create_task(listening),
        asyncio.create_task(telling),
        asyncio.create_task(revoked.wait()),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        feed_hub.remove(feed)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if tasks[2] in done:
        code, reason = 4401, "not_authenticated"
    elif tasks[0] in done and tasks[0].exception() is None:
        code, reason = 1000, ""
    else:
        code, reason = _why(next(task for task in tasks if task in done).exception())
    with contextlib.suppress(OSError, RuntimeError, TimeoutError):
        await send_in_time(send, close_message(code, reason))


async def send_in_time(send: Send, message: dict[str, Any]) -> None:
    """Raises TimeoutError when the tab does not read."""
    await asyncio.wait_for(send(message), SEND_TIMEOUT_S)


def text_message(text: str) -> dict[str, Any]:
    return {"type": "websocket.send", "text": text}


async def until_left(receive: Receive) -> None:
    """For tabs that say nothing: what they send is read and ignored, so that their end is seen."""
    while (await receive())["type"] == "websocket.receive":
        continue


def _why(error: BaseException | None) -> tuple[int, str]:
    if isinstance(error, TimeoutError):
        return 4408, "client_too_slow"
    if isinstance(error, VoiceError):
        return error.close_code, error.code
    # The layer is away: the tab comes back and catches up.
    logger.info("a feed ended: %s", type(error).__name__)
    return 1013, "feed_unavailable"


def _authenticate(offered: list[str]) -> AccessGrant:
    for name in offered:
        if name.startswith(TOKEN_SUBPROTOCOL_PREFIX):
            try:
                return check_access_token(name.removeprefix(TOKEN_SUBPROTOCOL_PREFIX))
            except InvalidToken as error:
                raise NotAuthenticated(str(error), code=error.code) from None
    raise NotAuthenticated("Open the feed with an access token.", code="missing_credential")
