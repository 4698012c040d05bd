"""What is changed in the Django admin is told to whoever keeps the log of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import Model, QuerySet
from django.dispatch import Signal
from django.http import HttpRequest

administered = Signal()
"""Sent in the transaction of the change, by `AdministeredAdmin`.

Arguments: `actor` (the user), `action` (`<thing>.add`, `.change` or `.delete`), `targets` (primary
keys as text) and `changes` (short lines that name fields and rows, without their values).
"""

if TYPE_CHECKING:
    AdminBase = admin.ModelAdmin[Any]
else:
    AdminBase = object


class AdministeredAdmin(AdminBase):
    """Put in front of ModelAdmin: each change goes out as `administered`, besides Django's own log
    of the admin, which whoever may edit users can see but reviewers of the audit log cannot."""

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        self._tell(request, "add", [obj], message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        self._tell(request, "change", [obj], message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        self._tell(request, "delete", list(queryset), "")
        return super().log_deletions(request, queryset)

    def _tell(self, request: HttpRequest, verb: str, rows: list[Model], message: Any) -> None:
        thing = str(self.opts.verbose_name).replace(" ", "_")
        administered.send(
            type(self),
            actor=request.user,
            action=f"{thing}.{verb}",
            targets=[str(row.pk) for row in rows],
            changes=list(_lines(message)),
        )


def _lines(message: Any) -> Iterator[str]:
    """Django's own description of a change, flattened."""
    if isinstance(message, str):
        if message:
            yield message
        return
    for part in message:
        for verb, about in part.items():
            words = [verb, str(about.get("name", "")), str(about.get("object", ""))]
            fields = ", ".join(about.get("fields", ()))
            yield " ".join(word for word in words if word) + (f": {fields}" if fields else "")
