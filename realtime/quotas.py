"""What a user may still do: live sessions, mints per minute, quotas (contract §8).

Everything counted here is counted in the database under the user's `UserAllowance` lock, so it
holds with one process and with four, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import datetime as dt
import math

from django.conf import settings
from django.db.models import CharField, Count, DateTimeField, DecimalField, QuerySet
from django.utils import timezone

from conversations.made import Given, MadeRows, MadeUpdate
from realtime import reservations
from realtime.core.errors import LimitReached, NotAuthenticated
from realtime.counting import counting as counting
from realtime.models import RealtimeSession, SessionState

MINT_WINDOW_S = 60
SLOT_RETRY_AFTER_S = 15  # an aborted connection's slot is free after this long at the latest


def authorize_session(user_id: int, *, is_text_only: bool = False) -> None:
    """May this user create a session now? Call inside `counting`, with the creation behind it.

    Minting reserves nothing: the slot is taken by `take_slot` on opening.
    Raises LimitReached (with retry_after) or QuotaExhausted.
    """
    now = timezone.now()
    _check_mint_rate(user_id, now)
    _require_free_slot(user_id)
    reservations.check_quota(user_id, now, is_text_only=is_text_only)


def take_slot(
    session: RealtimeSession, *, connection_id: str, server_id: str, transport: str = ""
) -> None:
    """Make `connection_id` the owner of the session and count it against the user's limit.

    transport: by which it is opened; "": as the row says.
    A session that already holds a slot keeps it (a newer connection takes it over).
    Raises LimitReached, QuotaExhausted, or NotAuthenticated when the session ended meanwhile.
    """
    now = timezone.now()
    with counting(session.user_id):
        _require_free_slot(session.user_id, session.pk)
        held = reservations.reserve(session, now)
        taken = _TAKE(
            pk=session.pk,
            now=now,
            connection_id=connection_id,
            server_id=server_id,
            transport=transport or session.transport,
            voice_until=held.voice_until,
            usd_reserved=held.usd_reserved,
        )
    if not taken:
        raise _used()


def retake_slot(session: RealtimeSession, *, connection_id: str) -> None:
    """Count a session again whose client is back; its run, `connection_id`, stays the same.

    Raises LimitReached or QuotaExhausted (it goes on waiting then), or NotAuthenticated when it has
    ended or another connection has taken it over.
    """
    now = timezone.now()
    with counting(session.user_id):
        _require_free_slot(session.user_id, session.pk)
        held = reservations.reserve(session, now)
        mine = RealtimeSession.objects.filter(pk=session.pk, connection_id=connection_id)
        taken = mine.exclude(state=SessionState.ENDED).update(
            state=SessionState.LIVE,
            slot_taken_at=now,
            last_seen_at=now,
            voice_until=held.voice_until,
            usd_reserved=held.usd_reserved,
        )
    if not taken:
        raise _used()


def _require_free_slot(user_id: int, session_pk: int | None = None) -> None:
    """Besides the one that this session may hold already. Raises LimitReached."""
    others = [pk for (pk,) in _LIVE(user_id=user_id) if pk != session_pk]
    if len(others) >= settings.LIMIT_SESSIONS_PER_USER:
        raise _slots_full()


def live_sessions(user_id: int | Given) -> QuerySet[RealtimeSession]:
    return RealtimeSession.objects.filter(user_id=user_id, slot_taken_at__isnull=False)


def _check_mint_rate(user_id: int, now: dt.datetime) -> None:
    window_start = now - dt.timedelta(seconds=MINT_WINDOW_S)
    recent = sum(count for _, count in _RECENT(user_id=user_id, since=window_start))
    if recent < settings.LIMIT_MINT_PER_MIN:
        return
    counted = RealtimeSession.objects.filter(user_id=user_id, created_at__gt=window_start)
    oldest = counted.order_by("created_at").values_list("created_at", flat=True).first() or now
    raise LimitReached(
        "Too many sessions were created in the last minute.",
        code="rate_limited",
        retry_after_s=max(1, math.ceil((oldest - window_start).total_seconds())),
    )


_USER = Given("user_id")
_LIVE = MadeRows(lambda: live_sessions(_USER).order_by().values_list("pk"))
_RECENT = MadeRows(
    lambda: (
        RealtimeSession.objects.filter(
            user_id=_USER, created_at__gt=Given("since", DateTimeField())
        )
        .order_by()
        .values_list("user_id")
        .annotate(count=Count("pk"))
    )
)
_TAKE = MadeUpdate(
    lambda: RealtimeSession.objects.filter(pk=Given("pk")).exclude(state=SessionState.ENDED),
    slot_taken_at=Given("now", DateTimeField()),
    last_seen_at=Given("now", DateTimeField()),
    connection_id=Given("connection_id", CharField()),
    server_id=Given("server_id", CharField()),
    transport=Given("transport", CharField()),
    end_requested="",
    voice_until=Given("voice_until", DateTimeField()),
    usd_reserved=Given("usd_reserved", DecimalField(max_digits=14, decimal_places=8)),
)


def _used() -> NotAuthenticated:
    return NotAuthenticated(
        "This client secret was used for a session that has ended. Create a new one.",
        code="client_secret_used",
    )


def _slots_full() -> LimitReached:
    limit = settings.LIMIT_SESSIONS_PER_USER
    return LimitReached(
        f"You already have {limit} live voice session{'' if limit == 1 else 's'}. End one first.",
        code="too_many_sessions",
        retry_after_s=SLOT_RETRY_AFTER_S,
    )
