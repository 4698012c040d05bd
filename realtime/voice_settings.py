"""What an administrator has set for voice, over the settings this server was started with."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models

from accounts.kept_rows import kept


class Provider(models.TextChoices):
    OPENAI = "openai", "OpenAI, or another Realtime-GA server"
    EMBEDDED = "embedded", "embedded"


class VoiceSettings(models.Model):
    """One row, or none while nobody has set anything. An empty field leaves the matter to the
    setting named beside it."""

    THE_ROW = 1
    INSTRUCTIONS_MAX_CHARS = 32_000

    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_ROW, editable=False)
    enabled = models.BooleanField(
        "voice is on", null=True, blank=True, help_text="Unknown: REALTIME_ENABLED."
    )
    provider = models.CharField(
        max_length=20, choices=Provider.choices, blank=True, help_text="Empty: REALTIME_PROVIDER."
    )
    model = models.CharField(
        "default model", max_length=100, blank=True, help_text="Empty: REALTIME_MODEL."
    )
    transcription_model = models.CharField(
        max_length=100, blank=True, help_text="Empty: REALTIME_TRANSCRIPTION_MODEL."
    )
    voice = models.CharField(
        "default voice", max_length=60, blank=True, help_text="Empty: REALTIME_VOICE."
    )
    instructions = models.TextField(
        "default prompt",
        max_length=INSTRUCTIONS_MAX_CHARS,
        blank=True,
        help_text="Empty: REALTIME_INSTRUCTIONS.",
    )
    session_s = models.PositiveIntegerField(
        "longest session in seconds",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Empty: LIMIT_SESSION_SEC.",
    )
    idle_s = models.PositiveIntegerField(
        "silence in seconds that ends a session",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Empty: LIMIT_IDLE_SEC.",
    )
    latency_target_ms = models.PositiveIntegerField(
        "target for an answer in milliseconds",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="What reviewers see the waiting held against. Empty: LATENCY_TARGET_MS.",
    )
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "voice settings"
        verbose_name_plural = "voice settings"
        permissions = (
            (
                "administer_voice",
                "Can set voice, models, prices, limits and retention",
            ),
        )
        constraints = (
            models.CheckConstraint(condition=models.Q(pk=1), name="one_row_of_voice_settings"),
        )

    def __str__(self) -> str:
        return "Voice settings"


@dataclass(frozen=True, slots=True)
class VoiceInEffect:
    """What holds now for a session that opens."""

    enabled: bool
    provider: str
    model: str
    transcription_model: str
    voice: str
    instructions: str
    session_s: int
    idle_s: int
    latency_target_ms: int


def voice_defaults() -> VoiceInEffect:
    """What this server was started with; no database is asked."""
    return VoiceInEffect(
        enabled=settings.REALTIME_ENABLED,
        provider=settings.REALTIME_PROVIDER,
        model=settings.REALTIME_MODEL,
        transcription_model=settings.REALTIME_TRANSCRIPTION_MODEL,
        voice=settings.REALTIME_VOICE,
        instructions=settings.REALTIME_INSTRUCTIONS,
        session_s=settings.LIMIT_SESSION_SEC,
        idle_s=settings.LIMIT_IDLE_SEC,
        latency_target_ms=settings.LATENCY_TARGET_MS,
    )


def voice_in_effect() -> VoiceInEffect:
    """Ask anew for each session: another process may have written it a moment ago.

    Asks the database, within `one_moment` once; not on the event loop.
    """
    usual = voice_defaults()
    row = next(iter(kept(VoiceSettings)), None)
    if row is None:
        return usual
    return VoiceInEffect(
        enabled=usual.enabled if row.enabled is None else row.enabled,
        provider=row.provider or usual.provider,
        model=row.model or usual.model,
        transcription_model=row.transcription_model or usual.transcription_model,
        voice=row.voice or usual.voice,
        instructions=row.instructions or usual.instructions,
        session_s=row.session_s or usual.session_s,
        idle_s=row.idle_s or usual.idle_s,
        latency_target_ms=row.latency_target_ms or usual.latency_target_ms,
    )
