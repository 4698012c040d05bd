from __future__ import annotations

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "review"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.administered import administered
        from review.audit import record_administered

        administered.connect(record_administered, dispatch_uid="review.audit")
