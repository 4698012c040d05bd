"""When a person's access ends, so do their live sockets (4401) and their unused secrets."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db.models import Q
from django.utils import timezone

from accounts.signals import access_revoked
from realtime import sessions
from realtime.core.effects import EndReason
from realtime.models import ClientSecret, RealtimeSession


def connect() -> None:
    access_revoked.connect(end_access, dispatch_uid="realtime.revocation")


def end_access(*, user: AbstractUser, family_id: uuid.UUID | None = None, **_kwargs: Any) -> None:
    """End what this sign-in opened; without a `family_id`, whatever the user has open anywhere."""
    mine = Q(user_id=user.pk)
    if family_id is not None:
        mine &= Q(sign_in_id=family_id)
    affected = RealtimeSession.objects.filter(mine)
    ClientSecret.objects.filter(session__in=affected, used_at=None, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    affected.running().update(end_requested=EndReason.AUTH_EXPIRED.value)
    sessions.look_now()
