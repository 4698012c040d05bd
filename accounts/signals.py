"""What the rest of the product may want to know about a person's access."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.dispatch import Signal

access_revoked = Signal()
"""Sent after commit when access ends early: logout, deactivation, password change.

Arguments: `user`, and `family_id` (UUID of the one sign-in that ended, or None for all of the
user's). Receivers close live sockets (4401) and void unused secrets.
"""


def send_access_revoked(user: AbstractUser, family_id: uuid.UUID | None = None) -> None:
    """Tell the receivers once the surrounding transaction has committed.

    A receiver that fails is logged by Django and never undoes the revocation.
    """

    def send() -> None:
        access_revoked.send_robust(sender=type(user), user=user, family_id=family_id)

    transaction.on_commit(send, robust=True)
