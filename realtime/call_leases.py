"""Which process listens to which WebRTC call: one row per call at the provider.

A call lives at the provider, not with us, so its row must outlive the process that opened it:
whoever finds the holder dead takes the lease over, listens again, or at least hangs up.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone


class CallLeaseQuerySet(models.QuerySet["CallLease"]):
    def open(self) -> CallLeaseQuerySet:
        """Calls that, as far as we know, run at the provider."""
        return self.filter(ended_at=None)


class CallLease(models.Model):
    """`connection_id` names the run that holds the call; "" while nobody does. `renewed_at` is when
    that run was last known to listen."""

    session = models.ForeignKey(
        "realtime.RealtimeSession", on_delete=models.CASCADE, related_name="calls"
    )
    provider_call_id = models.CharField(max_length=200)
    connection_id = models.CharField(max_length=32, blank=True)
    server_id = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    renewed_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CallLeaseQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["created_at"]
        indexes: ClassVar = [models.Index(fields=["ended_at", "server_id"])]
        verbose_name = "call"

    def __str__(self) -> str:
        return f"call {self.pk} of session {self.session_id}"
