"""The audit log: one row for each thing that a reviewer or admin did to other people's calls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AbstractUser

from review.models import AuditEntry

TARGETS_MAX = 1000
SERVER = "(server)"


def record(
    actor: AbstractUser | None, action: str, targets: Iterable[str] = (), **detail: Any
) -> AuditEntry:
    """Write the row, in the transaction of what it tells. `action` is `<thing>.<verb>`; `detail` is
    ids, names and numbers, never words that were said. actor None: the server itself."""
    ids = list(targets)
    return AuditEntry.objects.create(
        actor_id=actor.pk if actor else None,
        actor_username=actor.get_username() if actor else SERVER,
        action=action,
        targets=ids[:TARGETS_MAX],
        target_count=len(ids),
        detail=detail,
    )


def record_administered(
    sender: object,
    *,
    actor: AbstractUser,
    action: str,
    targets: list[str],
    changes: list[str],
    **_: object,
) -> None:
    """Receiver of `accounts.administered`: changes made in the Django admin."""
    record(actor, action[: AuditEntry.ACTION_MAX_CHARS], targets, where="admin", changes=changes)
