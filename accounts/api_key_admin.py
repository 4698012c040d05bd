"""API keys in the Django admin: looked at, made and revoked. A key is shown once, when made."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts.administered import AdministeredAdmin
from accounts.api_keys import TooManyKeys, require_room, revoke_api_key, seal
from accounts.models import ApiKey

if TYPE_CHECKING:
    KeyAdminBase = admin.ModelAdmin[ApiKey]
    KeyForm = forms.ModelForm[ApiKey]
else:  # Django's own admin classes are not generic at run time
    KeyAdminBase = admin.ModelAdmin
    KeyForm = forms.ModelForm

ISSUED_KEY = "issued_api_key"  # the attribute of the request that makes one


class ApiKeyForm(KeyForm):
    """`actor` is who fills it in; the admin gives each form its own."""

    actor: ClassVar[Any] = None
    scopes = forms.MultipleChoiceField(
        choices=ApiKey.Scope.choices, widget=forms.CheckboxSelectMultiple
    )

    def clean_expires_at(self) -> dt.datetime | None:
        expires_at: dt.datetime | None = self.cleaned_data["expires_at"]
        if expires_at is not None and expires_at <= timezone.now():
            raise forms.ValidationError("This moment has passed.")
        return expires_at

    def clean(self) -> dict[str, Any]:
        owner = self.cleaned_data.get("user")
        if owner is None:
            return self.cleaned_data
        if owner != self.actor and ApiKey.Scope.HISTORY in self.cleaned_data.get("scopes", ()):
            self.add_error(
                "scopes", "Other people's history is read in the review, which keeps a log of it."
            )
        try:
            require_room(owner)
        except TooManyKeys as error:
            raise forms.ValidationError(str(error)) from None
        return self.cleaned_data


@admin.register(ApiKey)
class ApiKeyAdmin(AdministeredAdmin, KeyAdminBase):
    """What a key may do is decided when it is made; afterwards it can only be revoked."""

    list_display = (
        "name",
        "user",
        "prefix",
        "scope_names",
        "state",
        "created_at",
        "last_used_at",
        "expires_at",
    )
    list_filter = ("created_at", "expires_at", ("user", admin.RelatedOnlyFieldListFilter))
    search_fields = ("name", "prefix", "user__username", "user__email")
    list_select_related = ("user",)
    autocomplete_fields = ("user",)
    actions = ("revoke",)
    form = ApiKeyForm
    fields = ("user", "name", "scopes", "expires_at")
    facts = ("user", "name", "prefix", "scope_names", "state", "created_at", "last_used_at")

    @admin.display(description="scopes")
    def scope_names(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @admin.display(description="state")
    def state(self, key: ApiKey) -> str:
        if key.revoked_at is not None:
            return "revoked"
        is_over = key.expires_at is not None and key.expires_at <= timezone.now()
        return "expired" if is_over else "valid"

    @admin.action(description="Revoke the selected API keys", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        keys = queryset.filter(revoked_at=None).select_related("user")
        for key in keys:
            revoke_api_key(key)
            self.log_change(request, key, "Revoked.")
        self.message_user(request, f"{len(keys)} API keys were revoked.", messages.SUCCESS)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, *args, **kwargs)  # a class of this request's own
        form.actor = request.user
        return form

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        return self.fields if obj is None else (*self.facts, "expires_at", "revoked_at")

    def get_readonly_fields(
        self, request: HttpRequest, obj: ApiKey | None = None
    ) -> tuple[str, ...]:
        return () if obj is None else (*self.facts, "expires_at", "revoked_at")

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if not change:
            setattr(request, ISSUED_KEY, seal(obj))
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the key in the answer itself: a message would carry it through a cookie."""
        context = {
            **self.admin_site.each_context(request),
            "title": "API key made",
            "opts": self.opts,
            "key": obj,
            "value": getattr(request, ISSUED_KEY),
        }
        return TemplateResponse(request, "admin/accounts/apikey/issued.html", context)
