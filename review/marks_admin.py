"""Tags, saved views and the audit log in the Django admin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.http import HttpRequest

from review.models import AuditEntry, SavedView, Tag

if TYPE_CHECKING:
    TagAdminBase = admin.ModelAdmin[Tag]
    ViewAdminBase = admin.ModelAdmin[SavedView]
    AuditAdminBase = admin.ModelAdmin[AuditEntry]
else:
    TagAdminBase = ViewAdminBase = AuditAdminBase = admin.ModelAdmin


@admin.register(Tag)
class TagAdmin(TagAdminBase):
    list_display = ("name", "color")
    search_fields = ("name",)


@admin.register(SavedView)
class SavedViewAdmin(ViewAdminBase):
    list_display = ("name", "owner", "is_shared", "created_at")
    list_filter = ("is_shared",)
    list_select_related = ("owner",)
    search_fields = ("name", "owner__username")


@admin.register(AuditEntry)
class AuditAdmin(AuditAdminBase):
    """Who did what to which calls. Nobody edits it, not even here."""

    list_display = ("happened_at", "actor_username", "action", "target_count", "detail")
    list_filter = ("action", "happened_at")
    search_fields = ("actor_username", "action")
    date_hierarchy = "happened_at"
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False
