"""The Django app of sessions in flight."""

from __future__ import annotations

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "realtime"
    verbose_name = "Voice sessions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.kept_rows import keep
        from realtime import checks, models, revocation
        from realtime.tracing import privacy

        keep(models.VoiceSettings, models.RealtimeModel, models.Voice)
        checks.register_checks()
        revocation.connect()
        privacy.connect()
