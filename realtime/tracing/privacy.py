"""A conversation that its owner keeps from reviewers has no event log either."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save

from conversations.models import Conversation
from realtime.models import EventLogPart


def connect() -> None:
    """Call once, when the apps are ready."""
    post_save.connect(_forget, sender=Conversation, dispatch_uid="events of private conversations")


def _forget(instance: Conversation, update_fields: frozenset[str] | None, **_: Any) -> None:
    if instance.is_private and "is_private" in (update_fields or ()):
        EventLogPart.objects.filter(conversation=instance).delete()
