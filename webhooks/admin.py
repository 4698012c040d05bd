"""Webhooks in the Django admin: added, changed, tested, replayed, by those who may manage them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from accounts.models import User
from webhooks import actions as webhook_actions
from webhooks.addresses import AddressRefused, checked_url
from webhooks.models import MANAGE_WEBHOOKS, Attempt, Delivery, Endpoint

if TYPE_CHECKING:
    EndpointAdminBase = admin.ModelAdmin[Endpoint]
    DeliveryAdminBase = admin.ModelAdmin[Delivery]
    AttemptInlineBase = admin.TabularInline[Attempt, Delivery]
    EndpointForm = forms.ModelForm[Endpoint]
else:
    EndpointAdminBase = DeliveryAdminBase = admin.ModelAdmin
    AttemptInlineBase = admin.TabularInline
    EndpointForm = forms.ModelForm

SETTABLE = ("url", "description", "include_transcript", "is_enabled")


class CheckedEndpointForm(EndpointForm):
    class Meta:
        model = Endpoint
        fields = SETTABLE

    def clean_url(self) -> str:
        try:
            return str(checked_url(self.cleaned_data["url"]))
        except AddressRefused as refused:
            raise forms.ValidationError(str(refused), code=refused.code) from None


class _Managed:
    """One permission for all of it."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MANAGE_WEBHOOKS)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(MANAGE_WEBHOOKS)


@admin.register(Endpoint)
class EndpointAdmin(_Managed, EndpointAdminBase):
    form = CheckedEndpointForm
    list_display = (
        "__str__",
        "is_enabled",
        "disabled_because",
        "failing_since",
        "include_transcript",
        "created_at",
    )
    readonly_fields = ("disabled_because", "failing_since", "created_by", "created_at")
    actions = ("send_test", "rotate_secret")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MANAGE_WEBHOOKS)

    def has_change_permission(self, request: HttpRequest, obj: Endpoint | None = None) -> bool:
        return request.user.has_perm(MANAGE_WEBHOOKS)

    def has_delete_permission(self, request: HttpRequest, obj: Endpoint | None = None) -> bool:
        return request.user.has_perm(MANAGE_WEBHOOKS)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """Its deliveries go with it; nobody has a permission for these alone."""
        listed, counted, _needed, kept = super().get_deleted_objects(objs, request)
        return listed, counted, set(), kept

    def save_model(
        self, request: HttpRequest, obj: Endpoint, form: forms.ModelForm[Endpoint], change: bool
    ) -> None:
        actor = _actor(request)
        if change:
            changes = {name: form.cleaned_data[name] for name in form.changed_data}
            webhook_actions.change(actor, obj, changes)
            return
        made, secret = webhook_actions.create(
            actor, {name: form.cleaned_data[name] for name in SETTABLE}
        )
        obj.pk, obj._state.adding = made.pk, False
        self._show(request, made, secret)

    def delete_model(self, request: HttpRequest, obj: Endpoint) -> None:
        webhook_actions.delete(_actor(request), obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        for endpoint in queryset:
            webhook_actions.delete(_actor(request), endpoint)

    @admin.action(description="Send a test event")
    def send_test(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        for endpoint in queryset:
            webhook_actions.send_test(_actor(request), endpoint)
        self.message_user(request, "The deliveries tell how it went.")

    @admin.action(description="Make a new signing secret")
    def rotate_secret(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        for endpoint in queryset:
            self._show(request, endpoint, webhook_actions.rotate_secret(_actor(request), endpoint))

    def _show(self, request: HttpRequest, endpoint: Endpoint, secret: str) -> None:
        """Messages of the admin live in a signed cookie until they are shown, then are gone."""
        shown = format_html(
            "The signing secret of {}, shown this once: <code>{}</code>", endpoint, secret
        )
        self.message_user(request, shown, messages.WARNING)


class AttemptInline(AttemptInlineBase):
    model = Attempt
    extra = 0
    can_delete = False
    readonly_fields = ("number", "began_at", "duration_ms", "status", "error")

    def has_add_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(MANAGE_WEBHOOKS)


@admin.register(Delivery)
class DeliveryAdmin(_Managed, DeliveryAdminBase):
    list_display = (
        "message_id",
        "endpoint",
        "event_type",
        "session",
        "state",
        "attempt_count",
        "created_at",
        "due_at",
    )
    list_filter = ("state", "event_type", "endpoint")
    list_select_related = ("endpoint", "session")
    search_fields = ("message_id", "session__public_id")
    exclude = ("claim", "claimed_until")
    inlines = (AttemptInline,)
    actions = ("replay",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    @admin.action(description="Send again", permissions=["view"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        for delivery in queryset.select_related("endpoint"):
            try:
                webhook_actions.replay(_actor(request), delivery)
            except webhook_actions.WebhookDisabled as refused:
                self.message_user(request, str(refused.detail), messages.ERROR)
                return


def _actor(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
