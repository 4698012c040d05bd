"""From a request to the session it is about: the caller's own, wherever it lives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import TypeVar

from asgiref.sync import async_to_sync
from django.utils import timezone
from rest_framework.request import Request

from realtime.callers import caller
from realtime.core.errors import NotFound
from realtime.headless.errors import SessionOver, SessionUnreachable
from realtime.headless.hall import LINGER_S
from realtime.headless.neighbours import reach
from realtime.headless.ports import HeadlessPort
from realtime.headless.serializers import TRANSPORT
from realtime.headless.stream_tokens import StreamGrant
from realtime.models import RealtimeSession, SessionState

Result = TypeVar("Result")


def own_session(request: Request, public_id: str) -> RealtimeSession:
    """The caller's headless session. Raises NotFound for anybody else's and for any other kind."""
    grant = request.auth
    is_for_this = not isinstance(grant, StreamGrant) or grant.public_id == public_id
    rows = RealtimeSession.objects.filter(user=caller(request), transport=TRANSPORT)
    session = rows.filter(public_id=public_id).first() if is_for_this else None
    if session is None:
        raise NotFound("There is no such session.")
    return session


def with_session(
    session: RealtimeSession,
    do: Callable[[HeadlessPort], Awaitable[Result]],
    *,
    or_just_ended: bool = False,
) -> Result:
    """What `do` returns, done on the event loop where sessions live. Call from a view's thread.

    or_just_ended: also with one that its process still remembers.
    Raises SessionOver for one that has ended, SessionUnreachable, and what `do` raises.
    """
    has_ended = session.state == SessionState.ENDED
    if has_ended and not (or_just_ended and _lingers(session)):
        raise _over()

    async def reach_and_do() -> Result:
        reached = reach(session.public_id, session.server_id)
        if reached is None:
            raise _over()
        return await do(reached)

    try:
        return async_to_sync(reach_and_do)()
    except SessionUnreachable:
        if has_ended:
            raise _over() from None
        raise


def _lingers(session: RealtimeSession) -> bool:
    ended_at = session.ended_at
    return ended_at is not None and timezone.now() - ended_at < dt.timedelta(seconds=LINGER_S)


def _over() -> SessionOver:
    return SessionOver("This session has ended. Start another one.")
