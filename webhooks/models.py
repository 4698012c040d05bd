"""Where calls are reported to, what is to be sent there, and how each attempt went."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from realtime.models import RealtimeSession

MANAGE_WEBHOOKS = "webhooks.manage_webhooks"


class Endpoint(models.Model):
    """An address that is told of every call that ends.

    secret, previous_secret: sealed (`webhooks.sealing`). Both sign until `previous_secret_until`.
    failing_since: when the first of an unbroken row of failures was; None after a success.
    """

    class Disabled(models.TextChoices):
        FAILING = "failing", "it failed for too long"
        GONE = "gone", "it answered 410 Gone"

    URL_MAX_CHARS = 500

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    url = models.CharField("address", max_length=URL_MAX_CHARS)
    description = models.CharField(max_length=200, blank=True)
    include_transcript = models.BooleanField(
        default=True, help_text="Send what was said as well, where it may be read."
    )
    is_enabled = models.BooleanField("enabled", default=True)
    disabled_because = models.CharField(
        max_length=10,
        blank=True,
        editable=False,
        choices=Disabled.choices,
        help_text="Set when the server switched it off.",
    )
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    secret = models.TextField(editable=False)
    previous_secret = models.TextField(blank=True, editable=False)
    previous_secret_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar = ["created_at", "pk"]
        default_permissions = ()
        permissions: ClassVar = [("manage_webhooks", "Can manage webhooks")]
        verbose_name = "webhook"

    def __str__(self) -> str:
        return self.description or self.url


class EventType(models.TextChoices):
    SESSION_ENDED = "session.ended", "session.ended"
    TEST = "webhook.test", "webhook.test"


class Delivery(models.Model):
    """One event on its way to one endpoint. Its body is made when it is sent, so that words which
    were deleted meanwhile go nowhere.

    message_id: `webhook-id`, the same in every attempt and replay; receivers know repeats by it.
    due_at, give_up_at: the next attempt is not before the one, and none after the other.
    claimed_until, claim: a worker is sending it; after that time any other may.
    """

    class State(models.TextChoices):
        PENDING = "pending", "pending"
        DELIVERED = "delivered", "delivered"
        FAILED = "failed", "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    message_id = models.CharField(max_length=64)
    event_type = models.CharField(max_length=40, choices=EventType.choices)
    session = models.ForeignKey(
        RealtimeSession, null=True, on_delete=models.CASCADE, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    give_up_at = models.DateTimeField()
    attempt_count = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(
        default=0, help_text="In a row, since it was made or replayed."
    )
    delivered_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    claim = models.CharField(max_length=32, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["state", "due_at"]),
            models.Index(fields=["endpoint", "-created_at"]),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["endpoint", "session"],
                condition=models.Q(event_type=EventType.SESSION_ENDED),
                name="one_report_per_call",
            )
        ]
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return self.message_id


class Attempt(models.Model):
    """One request. The receiver's answer is not kept: it may repeat what was said.

    error: a word of `docs/webhooks.md`; empty when an answer came, whatever its status.
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()
    began_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering: ClassVar = ["number", "pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.delivery_id}"
