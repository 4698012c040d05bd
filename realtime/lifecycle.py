"""The states of a session's row, and the only writes that change them.

minted ──begin──► (slot taken) ──mark_live──► live ──finish──► ended
   ▲                    │                     │  ▲                ▲
   └──── finish ────────┘        mark_detached│  │mark_resumed    │
     a dial that failed may be                ▼  │                │
     tried again with the same secret       detached ──finish─────┘
"""

from __future__ import annotations

import datetime as dt
import logging
from decimal import Decimal

from django.db import transaction
from django.db.models import Case, CharField, DateTimeField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from conversations import actions
from conversations.errors import ConversationNotFound
from conversations.made import Given, MadeUpdate
from conversations.notices import Notice, publish
from conversations.rows import RowBy, change
from realtime import client_secrets
from realtime.core.effects import EndReason
from realtime.core.tally import NO_SOUND, Sound
from realtime.models import RealtimeSession, SessionState
from realtime.signals import session_ended
from realtime.voice_config import without_words

logger = logging.getLogger(__name__)

_FIELDS_OF_THE_END = (
    "slot_taken_at",
    "voice_until",
    "usd_reserved",
    "connection_id",
    "end_requested",
    "end_reason",
    "state",
    "ended_at",
    "config",
)
# Ends that say nothing against the secret: the person may press the button again. SERVER_LOST is
# not one of them: the server may have died between sending `session.created` and writing it down.
RETRYABLE = frozenset(
    {
        EndReason.UPSTREAM_CLOSED,
        EndReason.UPSTREAM_ERROR,
        EndReason.UPSTREAM_EXPIRED,
        EndReason.CLIENT_LOST,
        EndReason.USER_HANGUP,
        EndReason.SERVER_SHUTDOWN,
        EndReason.MOVED_DEVICE,
    }
)


_SESSION = RowBy(RealtimeSession, "id", locked=True)
_NOW = Given("now", DateTimeField())


def _mine() -> QuerySet[RealtimeSession]:
    return RealtimeSession.objects.filter(
        pk=Given("pk"), connection_id=Given("connection_id", CharField())
    )


_MARK_LIVE = MadeUpdate(
    _mine,
    # Its client may be gone already: then it was marked as detached, and gave its slot back.
    state=Case(
        When(Q(state=SessionState.DETACHED, slot_taken_at=None), then=Value(SessionState.DETACHED)),
        default=Value(SessionState.LIVE),
    ),
    end_reason="",
    started_at=Coalesce("started_at", _NOW),
    last_seen_at=_NOW,
)
_MARK_DETACHED = MadeUpdate(
    lambda: _mine().exclude(state=SessionState.ENDED),
    state=SessionState.DETACHED,
    slot_taken_at=None,
    last_seen_at=_NOW,
)


@transaction.atomic(savepoint=False)
def mark_live(session_pk: int, connection_id: str) -> None:
    """`session.created` was delivered: the secret is used up and the clock of the call runs."""
    if _MARK_LIVE(pk=session_pk, connection_id=connection_id, now=timezone.now()):
        client_secrets.mark_used(session_pk)


def mark_detached(session_pk: int, connection_id: str) -> None:
    """The client's line broke: its run waits for it, and holds no slot meanwhile."""
    _MARK_DETACHED(pk=session_pk, connection_id=connection_id, now=timezone.now())


@transaction.atomic
def finish(
    session_pk: int,
    connection_id: str,
    reason: EndReason,
    at: dt.datetime | None = None,
    *,
    sound: Sound = NO_SOUND,
) -> bool:
    """The connection is over: free the slot and end the session. False if a newer one owns it.

    sound: what passed over it since its last answer.

    A session that never went live goes back to `minted` while its secret is good.
    """
    session = _SESSION.first(session_pk)
    plus = sound_columns(sound) if sound else {}
    if (
        session is None
        or session.connection_id != connection_id
        or session.state == SessionState.ENDED
    ):
        if plus:
            change(RealtimeSession, {"id": session_pk}, plus=plus)
        return False
    session.slot_taken_at = None
    session.voice_until = None
    session.usd_reserved = Decimal(0)
    session.connection_id = ""
    session.end_requested = ""
    session.end_reason = reason.value
    may_retry = (
        session.state == SessionState.MINTED
        and reason in RETRYABLE
        and session.secrets.filter(revoked_at=None, expires_at__gt=timezone.now()).exists()
    )
    if not may_retry:
        session.state = SessionState.ENDED
        session.ended_at = at or timezone.now()
        if not session.save_transcript:
            session.config = without_words(session.config)
    change(
        RealtimeSession,
        {"id": session_pk},
        to={name: getattr(session, name) for name in _FIELDS_OF_THE_END},
        plus=plus,
    )
    settle_items(session)
    if not may_retry:
        _tell_owner(session)
        _tell_others(session)
    logger.info("session %s ended: %s", session.public_id, reason.value)
    return True


def sound_columns(sound: Sound) -> dict[str, int]:
    """Audio that has passed, to be added to what is written; of a turn, and at the end the rest."""
    return {
        "audio_in_bytes": sound.in_bytes,
        "audio_in_ms": sound.in_ms,
        "audio_out_bytes": sound.out_bytes,
        "audio_out_ms": sound.out_ms,
    }


def settle_items(session: RealtimeSession) -> None:
    """What is still in progress in this session will stay incomplete."""
    if session.conversation_id is None:
        return
    try:
        actions.settle_open_items(session.conversation_id, session.public_id)
    except ConversationNotFound:
        logger.info("session %s outlived its conversation", session.public_id)


def _tell_others(session: RealtimeSession) -> None:
    for receiver, failure in session_ended.send_robust(RealtimeSession, session=session):
        if isinstance(failure, Exception):
            name = getattr(receiver, "__name__", "a receiver")
            logger.error("%s missed the end of %s", name, session.public_id, exc_info=failure)


def _tell_owner(session: RealtimeSession) -> None:
    about = {"session_id": session.public_id, "end_reason": session.end_reason}

    def told() -> list[Notice]:
        conversation = session.conversation
        if conversation is None:
            return []
        return [Notice("session.ended", str(conversation.pk), conversation.seq, about)]

    if session.conversation_id is not None:
        publish(session.user_id, told)
