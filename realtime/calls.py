"""The database side of WebRTC calls: who listens to which, and taking over from the dead."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from realtime import lifecycle, server_identity
from realtime.call_leases import CallLease
from realtime.core.effects import EndReason
from realtime.core.errors import LimitReached
from realtime.models import RealtimeSession

# Leases are renewed every second; this long after the last time their holder is taken for dead
# where it cannot be seen (another machine). On this machine the kernel tells at once. With the wait
# for the next look and the attaching it makes less than five seconds.
STALE_AFTER_S = 3
# After an outage of the database every lease looks stale; by then the living have renewed theirs.
TRUSTED_AFTER_S = 4
# A process that the kernel knows to run may be busy, or its database slow; so long it is not.
HUNG_AFTER_S = 15
RATE_WINDOW_S = 60
# No provider lets a call live longer; what could not be hung up by then is over.
FORGOTTEN_AFTER = dt.timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Lost:
    """A call whose holder is gone, and which is now ours.

    session_pk: the session goes on with it under `connection_id`; None: nobody wants it any more,
        and it is to be hung up.
    unheard_ms: since when nobody is known to have listened.
    was_ours: a run of this process held it.
    """

    lease_pk: int
    provider_call_id: str
    connection_id: str
    model: str
    provider: str
    session_pk: int | None
    unheard_ms: int = 0
    was_ours: bool = False


def check_rate(user_id: int) -> None:
    """A secret may call again and again, each time taking its own call over; not without end.

    Raises LimitReached.
    """
    window_start = timezone.now() - dt.timedelta(seconds=RATE_WINDOW_S)
    recent = CallLease.objects.filter(session__user_id=user_id, created_at__gt=window_start)
    if recent.count() >= settings.LIMIT_MINT_PER_MIN:
        raise LimitReached(
            "Too many calls were made in the last minute.",
            code="rate_limited",
            retry_after_s=RATE_WINDOW_S // 2,
        )


def open_lease(
    session_pk: int, provider_call_id: str, connection_id: str, server_id: str
) -> CallLease:
    """The provider has taken the call: from now on somebody must listen to it."""
    return CallLease.objects.create(
        session_id=session_pk,
        provider_call_id=provider_call_id,
        connection_id=connection_id,
        server_id=server_id,
    )


def renew(server_id: str, connection_ids: Sequence[str]) -> None:
    """These runs of ours listen."""
    held = CallLease.objects.open().filter(server_id=server_id, connection_id__in=connection_ids)
    held.update(renewed_at=timezone.now())


def may_hang_up(lease_pk: int, connection_id: str) -> bool:
    """Whether this run still holds the call; another one may be listening by now."""
    return CallLease.objects.open().filter(pk=lease_pk, connection_id=connection_id).exists()


def close_lease(lease_pk: int, connection_id: str) -> None:
    """The call was hung up."""
    held = CallLease.objects.filter(pk=lease_pk, connection_id=connection_id)
    held.update(ended_at=timezone.now(), connection_id="", server_id="")


def let_go(lease_pk: int, connection_id: str) -> None:
    """The provider could not be told to hang up: whoever looks next tries again."""
    held = CallLease.objects.filter(pk=lease_pk, connection_id=connection_id)
    held.update(connection_id="", server_id="", renewed_at=timezone.now())


def end_with_its_server(lost: Lost) -> None:
    """The call lived in the server that died, and has ended with it."""
    if lost.session_pk is not None:
        died_at = timezone.now() - dt.timedelta(milliseconds=lost.unheard_ms)
        lifecycle.finish(lost.session_pk, lost.connection_id, EndReason.SERVER_LOST, died_at)
    close_lease(lost.lease_pk, lost.connection_id)


def running_lease(session_pk: int) -> CallLease | None:
    """The call that the session's present run holds."""
    lease: CallLease | None = (
        CallLease.objects.open()
        .select_related("session")
        .filter(session_id=session_pk)
        .exclude(connection_id="")
        .order_by("-pk")
        .first()
    )
    return lease


def take_over_lost(server_id: str, ours: Sequence[str] = (), *, trust_renewals: bool) -> list[Lost]:
    """Claim the calls whose holders are gone; of several processes one gets each.

    ours: the runs of this process that listen. A call of ours that none of them has listened to
        for long is lost as well: its run ended while the database was away.
    trust_renewals: also claim those not renewed for a while. Pass False while our own renewals
        fail or have only just begun.
    """
    if not _are_there_calls():
        return []
    now = timezone.now()
    unheard = CallLease.objects.open().exclude(connection_id__in=ours)
    others = unheard.exclude(server_id=server_id)
    holders = [*filter(None, others.values_list("server_id", flat=True).distinct())]
    dead = [holder for holder in holders if server_identity.is_known_dead(holder)]
    alive = [holder for holder in holders if server_identity.is_known_alive(holder)]
    lost = Q(server_id__in=dead)
    # Nobody's: what could not be hung up is tried again, but not by everybody at once.
    lost |= Q(server_id="", renewed_at__lt=now - dt.timedelta(seconds=STALE_AFTER_S))
    # Ours: one that is only just being opened, or closed, has no run either, but not for so long.
    hung = Q(renewed_at__lt=now - dt.timedelta(seconds=HUNG_AFTER_S))
    lost |= Q(server_id=server_id) & hung
    if trust_renewals:
        stale = Q(renewed_at__lt=now - dt.timedelta(seconds=STALE_AFTER_S))
        lost |= hung | (stale & ~Q(server_id__in=[*alive, server_id]))
    claimed = []
    for lease in unheard.filter(lost).select_related("session"):
        if lease.created_at < now - FORGOTTEN_AFTER:
            CallLease.objects.filter(pk=lease.pk).update(ended_at=now)
            continue
        won = _claim(lease, server_id)
        if won is not None:
            claimed.append(won)
    return claimed


def _are_there_calls() -> bool:
    """Asked every second by every process: in words that no queryset need find first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {CallLease._meta.db_table} WHERE ended_at IS NULL LIMIT 1"  # noqa: S608
        )
        return cursor.fetchone() is not None


@transaction.atomic
def _claim(lease: CallLease, server_id: str) -> Lost | None:
    now = timezone.now()
    connection_id = secrets.token_hex(12)
    mine = CallLease.objects.open().filter(
        pk=lease.pk, connection_id=lease.connection_id, server_id=lease.server_id
    )
    if not mine.update(connection_id=connection_id, server_id=server_id, renewed_at=now):
        return None
    session = RealtimeSession.objects.running().filter(
        pk=lease.session_id, connection_id=lease.connection_id
    )
    goes_on = bool(lease.connection_id) and bool(
        session.filter(end_requested="").update(
            connection_id=connection_id, server_id=server_id, last_seen_at=now
        )
    )
    if not goes_on:
        _finish_asked(session.first())
    return Lost(
        lease_pk=lease.pk,
        provider_call_id=lease.provider_call_id,
        connection_id=connection_id,
        model=lease.session.model,
        provider=lease.session.provider,
        session_pk=lease.session_id if goes_on else None,
        unheard_ms=max(0, round((now - lease.renewed_at).total_seconds() * 1000)),
        was_ours=lease.server_id == server_id,
    )


def _finish_asked(session: RealtimeSession | None) -> None:
    """It was to be ended when its server died; nobody else will do that."""
    if session is not None and session.connection_id and session.end_requested:
        lifecycle.finish(session.pk, session.connection_id, EndReason(session.end_requested))
