"""How long what is kept: the classes of data, and the rows in which administrators set theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models

DAYS_MOST = 36_500
# Quotas count what was used in the present month.
COUNTED_DAYS = 32


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """setting: the name of what the server was started with. least_days: it is kept so long in any
    case, unless for ever."""

    name: str
    setting: str
    holds: str
    least_days: int = 0

    def bounded(self, days: int) -> int:
        return max(days, self.least_days) if days else 0


CLASSES = (
    RetentionClass("items", "RETENTION_ITEMS_DAYS", "Conversations unused since, with their words"),
    RetentionClass(
        "usage", "RETENTION_USAGE_DAYS", "What single answers used and cost", COUNTED_DAYS
    ),
    RetentionClass(
        "sessions",
        "RETENTION_SESSIONS_DAYS",
        "Ended calls, with their usage, tags and reviews",
        COUNTED_DAYS,
    ),
    RetentionClass("events", "RETENTION_EVENTS_DAYS", "Protocol events of calls, with their words"),
    RetentionClass("access_log", "RETENTION_ACCESS_LOG_DAYS", "Who read whose conversation"),
    RetentionClass("audit_log", "RETENTION_AUDIT_LOG_DAYS", "What reviewers and admins did"),
)


def check_class(name: str) -> None:
    """Raises ValidationError unless there is such a class."""
    if name not in {one.name for one in CLASSES}:
        raise ValidationError("There is no such class of data.", code="invalid")


class RetentionTime(models.Model):
    """How long one class is kept. Without a row: as its `RETENTION_…_DAYS` says."""

    name = models.CharField("class", max_length=20, primary_key=True, validators=[check_class])
    days = models.PositiveIntegerField(
        validators=[MaxValueValidator(DAYS_MOST)], help_text="0: for ever."
    )
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "review"
        ordering: ClassVar = ["name"]
        verbose_name = "retention time"

    def __str__(self) -> str:
        return f"{self.name}: {self.days} days" if self.days else f"{self.name}: for ever"


def default_days() -> dict[str, int]:
    """What this server was started with, by class."""
    return {one.name: one.bounded(getattr(settings, one.setting)) for one in CLASSES}


def days_kept() -> dict[str, int]:
    """What holds now, by class; 0 is for ever."""
    changed = dict(RetentionTime.objects.values_list("name", "days"))
    usual = default_days()
    return {one.name: one.bounded(changed.get(one.name, usual[one.name])) for one in CLASSES}
