from __future__ import annotations

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "webhooks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from realtime import metrics
        from realtime.signals import session_ended
        from webhooks import checks as checks  # registers them
        from webhooks import meters
        from webhooks.outbox import on_session_ended

        session_ended.connect(on_session_ended, dispatch_uid="webhooks")
        metrics.also_tell(meters.lines)
