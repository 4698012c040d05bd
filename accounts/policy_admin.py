"""Policies in the Django admin: lists of names are edited one per line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import Field
from django.http import HttpRequest

from accounts.administered import AdministeredAdmin
from accounts.policy_row import Policy

if TYPE_CHECKING:
    PolicyAdminBase = admin.ModelAdmin[Policy]
    PolicyFormBase = forms.ModelForm[Policy]
else:
    PolicyAdminBase = admin.ModelAdmin
    PolicyFormBase = forms.ModelForm

NAME_LISTS = ("models", "voices", "output_modalities")


class NamesField(forms.CharField):
    """A list of names as text, one per line (commas separate as well)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False, widget=forms.Textarea(attrs={"rows": 3, "cols": 40}), **options
        )

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = str(value or "").replace(",", "\n").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(self.prepare_value(initial)) != self.to_python(data))


def _names_field(name: str) -> NamesField:
    described = Policy._meta.get_field(name)
    assert isinstance(described, Field)
    return NamesField(help_text=described.help_text, validators=described.validators)


class PolicyForm(PolicyFormBase):
    models = _names_field("models")
    voices = _names_field("voices")
    output_modalities = _names_field("output_modalities")

    class Meta:
        model = Policy
        exclude = ()


@admin.register(Policy)
class PolicyAdmin(AdministeredAdmin, PolicyAdminBase):
    form = PolicyForm
    list_display = (
        "__str__",
        "priority",
        "models",
        "voices",
        "output_modalities",
        "max_output_tokens",
        "max_tools",
        "day_minutes",
        "month_usd",
        "allow_mcp",
    )
    list_select_related = ("group",)
    fieldsets = (
        (None, {"fields": ("group", "priority")}),
        ("What may be chosen", {"fields": NAME_LISTS}),
        (
            "Bounds",
            {"fields": ("max_instructions_bytes", "max_tools", "max_output_tokens")},
        ),
        ("Quotas of each person", {"fields": ("day_minutes", "month_usd")}),
        (
            "What is allowed",
            {
                "fields": (
                    "allow_mcp",
                    "allow_stored_prompts",
                    "allow_system_items",
                    "may_read_server_instructions",
                )
            },
        ),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        """Everybody else's stays: without it nothing would say what holds for them."""
        if obj is not None and obj.group_id is None and obj.pk is not None:
            return False
        return super().has_delete_permission(request, obj)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Policy | None = None
    ) -> tuple[str, ...]:
        return ("group",) if obj is not None and obj.group_id is None else ()
