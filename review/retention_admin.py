"""How long each class of data is kept, in the Django admin: the rows of the settings page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin

from accounts.administered import AdministeredAdmin
from review.retention_classes import CLASSES, RetentionTime

if TYPE_CHECKING:
    RetentionAdminBase = admin.ModelAdmin[RetentionTime]
    RetentionForm = forms.ModelForm[RetentionTime]
else:
    RetentionAdminBase = admin.ModelAdmin
    RetentionForm = forms.ModelForm


class RetentionTimeForm(RetentionForm):
    name = forms.ChoiceField(
        label="Class", choices=[(one.name, f"{one.name}: {one.holds}") for one in CLASSES]
    )

    class Meta:
        model = RetentionTime
        fields = ("name", "days")


@admin.register(RetentionTime)
class RetentionTimeAdmin(AdministeredAdmin, RetentionAdminBase):
    """A class without a row is kept as its setting says."""

    form = RetentionTimeForm
    list_display = ("name", "days", "changed_at")
    ordering = ("name",)

    def get_readonly_fields(
        self, request: object, obj: RetentionTime | None = None
    ) -> tuple[str, ...]:
        return () if obj is None else ("name",)
