"""The lock under which what a user may still use is counted and changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from conversations.rows import change, insert_once
from realtime.models import UserAllowance


@contextmanager
def counting(user_id: int) -> Iterator[None]:
    """A transaction in which no other process counts this user's sessions."""
    mine = {"user": user_id}
    with transaction.atomic():
        to = {"counted_at": timezone.now()}
        if not change(UserAllowance, mine, to=to):
            insert_once(UserAllowance, **mine)  # waits for whoever is adding it at this moment
            change(UserAllowance, mine, to=to)
        yield
