"""Ends what a dead process left behind, and forgets what never began."""

from __future__ import annotations

import datetime as dt
import logging

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from conversations.actions import sweep_hidden_conversations
from realtime import lifecycle, server_identity
from realtime.call_leases import CallLease
from realtime.core.effects import EndReason
from realtime.models import ClientSecret, RealtimeSession, SessionState
from realtime.voice_settings import voice_in_effect

logger = logging.getLogger(__name__)

# Five missed heartbeats; also the time after which an aborted connection's slot is free.
STALE_AFTER_S = 15
LONGEST_SECRET_S = 7_200


def end_lost_sessions(*, trust_heartbeats: bool, user_id: int | None = None) -> int:
    """End sessions whose server is gone, with `server_lost`; returns how many.

    trust_heartbeats: also end those not seen for 15 s. Pass False while our own heartbeats fail or
        have only just begun: after a database outage everybody looks stale.
    """
    held = CallLease.objects.open().filter(
        session=OuterRef("pk"), connection_id=OuterRef("connection_id")
    )
    # A call goes on at its provider: it is taken over (`realtime.calls`), not ended here.
    holding = RealtimeSession.objects.running().exclude(Exists(held))
    if user_id is not None:
        holding = holding.filter(user_id=user_id)
    servers = holding.values_list("server_id", flat=True).distinct()
    dead = [server_id for server_id in servers if server_identity.is_known_dead(server_id)]
    lost = Q(server_id__in=dead)
    if trust_heartbeats:
        horizon = timezone.now() - dt.timedelta(seconds=STALE_AFTER_S)
        lost |= Q(last_seen_at__lt=horizon)
    ended = 0
    for session in holding.filter(lost):
        ended += lifecycle.finish(
            session.pk, session.connection_id, EndReason.SERVER_LOST, session.last_seen_at
        )
    for server_id in dead:
        # Its lock tells those who take its calls over that it is dead.
        if not CallLease.objects.open().filter(server_id=server_id).exists():
            server_identity.forget(server_id)
    if ended:
        logger.warning("%d sessions were left behind by a server that is gone", ended)
    return ended


def forget_unopened() -> int:
    """End minted sessions whose secret ran out unused, and delete their empty conversations."""
    now = timezone.now()
    good = ClientSecret.objects.filter(session=OuterRef("pk"), expires_at__gt=now, revoked_at=None)
    unopened = RealtimeSession.objects.filter(
        ~Exists(good),
        state=SessionState.MINTED,
        slot_taken_at=None,
        # One opened with a token has no secret; its slot is taken a moment after its row is made.
        created_at__lt=now - dt.timedelta(seconds=STALE_AFTER_S),
    )
    forgotten = unopened.update(state=SessionState.ENDED, ended_at=now)
    longest_s = max(LONGEST_SECRET_S, settings.REALTIME_TOKEN_EXPIRY_SEC)
    sweep_hidden_conversations(dt.timedelta(seconds=longest_s + voice_in_effect().session_s))
    return forgotten
