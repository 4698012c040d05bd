"""The lock under which what a user may still use is counted and changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from realtime.models import UserAllowance


@contextmanager
def counting(user_id: int) -> Iterator[None]:
    """A transaction in which no other process counts this user's sessions."""
    UserAllowance.objects.get_or_create(user_id=user_id)
    with transaction.atomic():
        UserAllowance.objects.filter(pk=user_id).update(counted_at=timezone.now())
        yield
