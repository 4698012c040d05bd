"""Django admin: sessions to look at, and the catalogue of models, voices and prices to edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.administered import AdministeredAdmin
from conversations.access import END_SESSION
from realtime.models import (
    ModelPrice,
    RealtimeModel,
    RealtimeSession,
    ResponseUsage,
    Voice,
    VoiceSettings,
)
from realtime.sessions import request_end

if TYPE_CHECKING:
    UsageInline = admin.TabularInline[ResponseUsage, RealtimeSession]
    PriceInline = admin.TabularInline[ModelPrice, RealtimeModel]
    SessionAdmin = admin.ModelAdmin[RealtimeSession]
    CatalogueModelAdmin = admin.ModelAdmin[RealtimeModel]
    CatalogueVoiceAdmin = admin.ModelAdmin[Voice]
    VoiceSettingsAdminBase = admin.ModelAdmin[VoiceSettings]
    PriceFormSetBase = BaseInlineFormSet[ModelPrice, RealtimeModel, ModelForm[ModelPrice]]
else:  # Django's own admin classes are not generic at run time
    UsageInline = PriceInline = admin.TabularInline
    SessionAdmin = CatalogueModelAdmin = CatalogueVoiceAdmin = admin.ModelAdmin
    VoiceSettingsAdminBase = admin.ModelAdmin
    PriceFormSetBase = BaseInlineFormSet


class ReadOnly:
    """What happened is not edited; the rows are written by sessions alone."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ResponseUsageInline(ReadOnly, UsageInline):
    model = ResponseUsage
    extra = 0
    fields = (
        "created_at",
        "kind",
        "reference",
        "status",
        "first_audio_ms",
        "is_interrupted",
        "input_text_tokens",
        "input_audio_tokens",
        "output_text_tokens",
        "output_audio_tokens",
        "cost_usd",
        "price_version",
        "error_code",
    )
    readonly_fields = fields


@admin.register(RealtimeSession)
class RealtimeSessionAdmin(ReadOnly, SessionAdmin):
    list_display = (
        "public_id",
        "in_review",
        "user",
        "state",
        "end_reason",
        "model",
        "transport",
        "created_at",
        "duration",
        "turns",
        "interruptions",
        "cost_usd",
        "transcript",
    )
    list_filter = (
        "state",
        "end_reason",
        "model",
        "transport",
        "created_at",
        ("user", admin.RelatedOnlyFieldListFilter),
    )
    search_fields = ("public_id", "user__username", "user__email", "conversation__title", "model")
    date_hierarchy = "created_at"
    list_select_related = ("user", "conversation")
    inlines = (ResponseUsageInline,)
    exclude = ("connection_id", "sign_in_id", "conversation")
    readonly_fields = ("transcript", "in_review", "duration")
    actions = ("end_sessions",)

    @admin.display(description="duration")
    def duration(self, session: RealtimeSession) -> str:
        if session.duration_ms is None:
            return "-"
        minutes, seconds = divmod(session.duration_ms // 1000, 60)
        return f"{minutes}:{seconds:02}"

    @admin.display(description="transcript")
    def transcript(self, session: RealtimeSession) -> SafeString | str:
        """A link only: the words are the conversation admin's, which writes the access log."""
        if session.conversation_id is None:
            return "deleted"
        url = reverse("admin:conversations_conversation_change", args=[session.conversation_id])
        return format_html('<a href="{}">Open conversation</a>', url)

    @admin.display(description="review")
    def in_review(self, session: RealtimeSession) -> SafeString | str:
        if session.started_at is None:
            return "-"
        return format_html('<a href="/review/calls/{}">Open in review</a>', session.public_id)

    @admin.action(description="End the selected live sessions", permissions=["end"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[RealtimeSession]) -> None:
        ended = [
            public_id
            for public_id in queryset.values_list("public_id", flat=True)
            if request_end(public_id, request.user.pk)
        ]
        self.message_user(request, f"{len(ended)} sessions are being ended.", messages.SUCCESS)

    def has_end_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(END_SESSION))


class PriceFormSet(PriceFormSetBase):
    def clean(self) -> None:
        """A price by which something was charged stays; changes of it are refused by its row."""
        super().clean()
        if any(form.instance.has_charged() for form in self.deleted_forms):
            raise ValidationError(ModelPrice.CHARGED)


class ModelPriceInline(PriceInline):
    model = ModelPrice
    formset = PriceFormSet
    extra = 0


@admin.register(RealtimeModel)
class RealtimeModelAdmin(AdministeredAdmin, CatalogueModelAdmin):
    list_display = ("name", "kind", "enabled", "server", "retirement", "source", "as_of")
    list_filter = ("enabled", "provider", "kind")
    search_fields = ("name", "base_url")
    inlines = (ModelPriceInline,)
    fieldsets = (
        (None, {"fields": ("name", "kind", "enabled", "provider")}),
        (
            "Where it is",
            {
                "fields": ("base_url", "upstream_name", "key_header", "key_name"),
                "description": (
                    "Leave these empty for a model of this server's own provider. A model with an"
                    " address of its own is spoken with there."
                ),
            },
        ),
        ("What it can", {"fields": ("context_tokens", "max_output_tokens", "retires_on")}),
        ("Where this was read", {"fields": ("note", "source", "as_of")}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: RealtimeModel | None = None) -> bool:
        """With a model go its prices, and one that was charged stays."""
        if obj is not None and any(price.has_charged() for price in obj.prices.all()):
            return False
        return super().has_delete_permission(request, obj)

    @admin.display(description="server", ordering="base_url")
    def server(self, model: RealtimeModel) -> str:
        return urlsplit(model.base_url).hostname or "this server's provider"

    @admin.display(description="retirement", ordering="retires_on")
    def retirement(self, model: RealtimeModel) -> str:
        if model.retires_on is None:
            return "-"
        days = (model.retires_on - timezone.localdate()).days
        if days <= 0:
            return f"⚠ retired on {model.retires_on.isoformat()}"
        return f"⚠ {model.retires_on.isoformat()}, in {days} days"


@admin.register(Voice)
class VoiceAdmin(AdministeredAdmin, CatalogueVoiceAdmin):
    list_display = ("name", "enabled", "recommended", "source", "as_of")
    list_editable = ("enabled", "recommended")


@admin.register(VoiceSettings)
class VoiceSettingsAdmin(AdministeredAdmin, VoiceSettingsAdminBase):
    """One row, the same that the settings page shows; what is empty stays as the server started."""

    list_display = ("__str__", "enabled", "provider", "model", "voice", "changed_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not VoiceSettings.objects.exists()
