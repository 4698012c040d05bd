"""The web pages of others that may use this server, in the Django admin. It counts at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin

from accounts.administered import AdministeredAdmin
from accounts.models import AllowedOrigin
from accounts.origins import canonical_origin

if TYPE_CHECKING:
    OriginAdminBase = admin.ModelAdmin[AllowedOrigin]
    OriginForm = forms.ModelForm[AllowedOrigin]
else:  # Django's own admin classes are not generic at run time
    OriginAdminBase = admin.ModelAdmin
    OriginForm = forms.ModelForm


class AllowedOriginForm(OriginForm):
    def clean_origin(self) -> str:
        """Kept as browsers write it, so that it matches exactly."""
        origin = canonical_origin(self.cleaned_data["origin"])
        if not origin:
            raise forms.ValidationError(
                "An origin is scheme, host and port only, for example https://app.example.org."
            )
        return origin


@admin.register(AllowedOrigin)
class AllowedOriginAdmin(AdministeredAdmin, OriginAdminBase):
    form = AllowedOriginForm
    list_display = ("origin", "note", "created_at")
    search_fields = ("origin", "note")
