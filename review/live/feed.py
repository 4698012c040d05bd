"""The feed `/ws/review/live`: the live floor for a reviewer's tab, at most once a second.

The tab says `{"type": "open", "session_id", "reason"}` to read along in a call, and
`{"type": "close", "session_id"}`; anything else is passed over. It is sent `live.floor` frames
(docs/review.md): what changed since the last, beginning with everything.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import orjson
from channels.consumer import AsyncConsumer
from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.models import User
from conversations.access import may_review
from conversations.errors import ReasonRequired
from realtime import database
from realtime.core.errors import Forbidden, InvalidEvent, NotFound, VoiceError
from realtime.tab_socket import Receive, Send, carry, open_tab, send_in_time, text_message
from review.live.hub import hub
from review.live.lines import open_words
from review.live.watcher import Watcher

MESSAGE_MAX_CHARS: Final = 4096
# Between two of a tab's messages: each may cost a look into the database.
PAUSE_S: Final = 0.05


class LiveFloorConsumer(AsyncConsumer):  # type: ignore[misc]  # Channels is untyped
    """One tab, for as long as its person may review."""

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        grant = await open_tab(scope, receive, send, _require_review)
        if grant is None:
            return
        watcher = Watcher(grant.user.pk)
        hub().watch(watcher)
        try:
            listening = _listen(grant.user, watcher, receive)
            await carry(grant, send, listening, _tell(grant.user, watcher, send))
        finally:
            hub().leave(watcher)


def _require_review(user: User) -> None:
    if not may_review(user):
        raise Forbidden("You may not review conversations.", code="permission_denied")


async def _tell(user: User, watcher: Watcher, send: Send) -> None:
    while True:
        picture = await watcher.next_picture()
        for session_id in [key for key, opened in watcher.opened.items() if opened.visit_is_over]:
            await _open(user, watcher, session_id, watcher.opened[session_id].reason)
        changes = watcher.changes(picture)
        if changes is not None:
            frame = await asyncio.to_thread(changes.as_frame)
            await send_in_time(send, text_message(frame))


async def _listen(user: User, watcher: Watcher, receive: Receive) -> None:
    while True:
        message = await receive()
        if message["type"] != "websocket.receive":
            return
        asked = _parsed(message.get("text"))
        session_id = str(asked.get("session_id") or "")
        if asked.get("type") == "open" and session_id:
            await _open(user, watcher, session_id, str(asked.get("reason") or ""))
        elif asked.get("type") == "close":
            watcher.close(session_id)
        await asyncio.sleep(PAUSE_S)


async def _open(user: User, watcher: Watcher, session_id: str, reason: str) -> None:
    """Write the look to the access log, and read along from then on; or say why not."""
    try:
        await database.run(_open_words, user.pk, session_id, reason)
    except VoiceError as error:
        watcher.refuse(session_id, error)
    else:
        watcher.open(session_id, reason)


def _open_words(user_id: int, session_id: str, reason: str) -> None:
    """Permissions are read anew: the sign-in may be older than a change of them."""
    try:
        open_words(User.objects.get(pk=user_id), session_id, reason)
    except Http404:
        raise NotFound("There is no such call.") from None
    except PermissionDenied:
        raise Forbidden("You may not review conversations.", code="permission_denied") from None
    except ReasonRequired:
        raise InvalidEvent("Say why you look.", code="reason_required") from None


def _parsed(text: object) -> dict[str, Any]:
    if not isinstance(text, str) or len(text) > MESSAGE_MAX_CHARS:
        return {}
    try:
        asked = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return asked if isinstance(asked, dict) else {}
