"""Sessions, the secrets that open them, and what responses used; and the names of other rows."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from realtime.call_leases import CallLease as CallLease
from realtime.catalogue_models import KeyHeader as KeyHeader
from realtime.catalogue_models import ModelPrice as ModelPrice
from realtime.catalogue_models import RealtimeModel as RealtimeModel
from realtime.catalogue_models import Voice as Voice
from realtime.trace_models import EventLogPart as EventLogPart
from realtime.trace_models import SentContext as SentContext
from realtime.trace_models import TurnTime as TurnTime
from realtime.voice_settings import Provider as Provider
from realtime.voice_settings import VoiceSettings as VoiceSettings


class SessionState(models.TextChoices):
    MINTED = "minted", "minted"
    LIVE = "live", "live"
    DETACHED = "detached", "detached"
    ENDED = "ended", "ended"


class RealtimeSessionQuerySet(models.QuerySet["RealtimeSession"]):
    def running(self) -> RealtimeSessionQuerySet:
        """Those that some server process is to be running now, with a client or without."""
        return self.filter(
            models.Q(slot_taken_at__isnull=False) | models.Q(state=SessionState.DETACHED)
        )


class RealtimeSession(models.Model):
    """One voice session: from the minting of its secret to its end.

    `slot_taken_at` is set exactly while the session counts against the user's limit;
    `connection_id` names the run that owns it, so that an older one can see that it was superseded;
    a detached session has a run, but no slot.
    """

    public_id = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="realtime_sessions"
    )
    conversation = models.ForeignKey(
        "conversations.Conversation",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="realtime_sessions",
    )
    state = models.CharField(
        max_length=10, choices=SessionState.choices, default=SessionState.MINTED
    )
    end_reason = models.CharField(max_length=30, blank=True)
    end_note = models.CharField(
        max_length=500, blank=True, help_text="The reason given by the person who ended it."
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    transport = models.CharField(max_length=20, default="websocket")
    provider = models.CharField(max_length=20, choices=Provider.choices, default=Provider.OPENAI)
    model = models.CharField(max_length=100)
    voice = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=35, blank=True)
    config = models.JSONField(default=dict, help_text="The GA session object asked for at mint.")
    is_api_client = models.BooleanField(
        default=False, help_text="Opened by a program rather than from our own pages."
    )
    is_text_only = models.BooleanField(default=False)
    greeting = models.BooleanField(default=False)
    sign_in_id = models.UUIDField(
        null=True,
        blank=True,
        editable=False,
        help_text="The sign-in that made it; its end ends it.",
    )
    save_transcript = models.BooleanField(default=True)

    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    slot_taken_at = models.DateTimeField(null=True, blank=True)
    server_id = models.CharField(max_length=100, blank=True)
    connection_id = models.CharField(max_length=32, blank=True)
    end_requested = models.CharField(
        max_length=30,
        blank=True,
        help_text="An end asked for, that its server has yet to carry out.",
    )

    turns = models.PositiveIntegerField(default=0)
    interruptions = models.PositiveIntegerField(default=0)
    input_text_tokens = models.PositiveBigIntegerField(default=0)
    input_audio_tokens = models.PositiveBigIntegerField(default=0)
    input_image_tokens = models.PositiveBigIntegerField(default=0)
    cached_text_tokens = models.PositiveBigIntegerField(default=0)
    cached_audio_tokens = models.PositiveBigIntegerField(default=0)
    cached_image_tokens = models.PositiveBigIntegerField(default=0)
    output_text_tokens = models.PositiveBigIntegerField(default=0)
    output_audio_tokens = models.PositiveBigIntegerField(default=0)
    audio_in_bytes = models.PositiveBigIntegerField(default=0, help_text="Decoded audio.")
    audio_in_ms = models.PositiveBigIntegerField(default=0)
    audio_out_bytes = models.PositiveBigIntegerField(default=0)
    audio_out_ms = models.PositiveBigIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, default=Decimal(0))
    voice_until = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="While it runs: up to when voice time is reserved for it.",
    )
    usd_reserved = models.DecimalField(
        max_digits=14,
        decimal_places=8,
        default=Decimal(0),
        editable=False,
        help_text="While it runs: the cost up to which money is reserved for it.",
    )

    objects = RealtimeSessionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["user", "-created_at"]),
            models.Index(fields=["state", "last_seen_at"]),
        ]
        verbose_name = "voice session"

    def __str__(self) -> str:
        return self.public_id

    @property
    def duration_ms(self) -> int | None:
        """From `session.created` to the end (or the last sign of life); None before it started."""
        if self.started_at is None:
            return None
        until = self.ended_at or self.last_seen_at or self.started_at
        return max(0, round((until - self.started_at).total_seconds() * 1000))


class ClientSecret(models.Model):
    """The hash of an `ek_` secret. It opens its one session, and no other."""

    session = models.ForeignKey(RealtimeSession, on_delete=models.CASCADE, related_name="secrets")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret, hex.")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return f"secret {self.pk} of session {self.session_id}"


class ResponseUsage(models.Model):
    """What one response, or one input transcription, used and cost."""

    class Kind(models.TextChoices):
        RESPONSE = "response", "response"
        TRANSCRIPTION = "transcription", "transcription"

    session = models.ForeignKey(RealtimeSession, on_delete=models.CASCADE, related_name="usages")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.RESPONSE)
    reference = models.CharField(
        max_length=80, help_text="The response id, or the item id of a transcription."
    )
    status = models.CharField(max_length=20, blank=True)
    error_code = models.CharField(max_length=80, blank=True)
    item_ids = models.JSONField(default=list, blank=True)
    first_audio_ms = models.PositiveIntegerField(null=True, blank=True)
    is_interrupted = models.BooleanField(default=False)
    input_text_tokens = models.PositiveIntegerField(default=0)
    input_audio_tokens = models.PositiveIntegerField(default=0)
    input_image_tokens = models.PositiveIntegerField(default=0)
    cached_text_tokens = models.PositiveIntegerField(default=0)
    cached_audio_tokens = models.PositiveIntegerField(default=0)
    cached_image_tokens = models.PositiveIntegerField(default=0)
    output_text_tokens = models.PositiveIntegerField(default=0)
    output_audio_tokens = models.PositiveIntegerField(default=0)
    audio_s = models.FloatField(default=0.0, help_text="Where the provider bills seconds of audio.")
    audio_in_bytes = models.PositiveBigIntegerField(
        default=0, help_text="Decoded audio that passed since the response before was done."
    )
    audio_in_ms = models.PositiveBigIntegerField(default=0)
    audio_out_bytes = models.PositiveBigIntegerField(default=0)
    audio_out_ms = models.PositiveBigIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, default=Decimal(0))
    price_version = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["created_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["session", "kind", "reference"], name="one_usage_per_response"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class UserAllowance(models.Model):
    """One row per user, locked while that user's sessions are counted: makes limits atomic.

    Its update is the first statement of the counting transaction, which takes the row lock on
    PostgreSQL and the write lock on SQLite, in every process alike.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="voice_allowance",
    )
    counted_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"allowance of user {self.pk}"
