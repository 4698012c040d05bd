"""Conversations in the Django admin: read-only, by permission, each look at a transcript logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.administered import AdministeredAdmin
from accounts.models import User
from conversations.access import (
    ConversationNotFound,
    access_conversation_for_review,
    may_review,
)
from conversations.models import AccessLogEntry, Conversation, ReadingSwitch
from conversations.queries import matching, transcript_of
from review import marks_admin as marks_admin  # registers what it holds
from review import retention_admin as retention_admin
from review.queries import sessions_of
from review.templatetags.visible_text import visible_text
from review.timeline import timeline

if TYPE_CHECKING:
    ConversationAdminBase = admin.ModelAdmin[Conversation]
    AccessLogAdminBase = admin.ModelAdmin[AccessLogEntry]
    SwitchAdminBase = admin.ModelAdmin[ReadingSwitch]
else:
    ConversationAdminBase = AccessLogAdminBase = SwitchAdminBase = admin.ModelAdmin


admin.site.index_template = "admin/review_pages/index.html"


@admin.register(Conversation)
class ConversationAdmin(ConversationAdminBase):
    list_display = (
        "title_or_id",
        "owner",
        "item_count",
        "created_at",
        "updated_at",
        "is_archived",
        "in_review",
    )
    list_display_links = ("title_or_id",)
    list_filter = (
        ("owner", admin.RelatedOnlyFieldListFilter),
        "created_at",
        "updated_at",
        ("realtime_sessions__model", admin.AllValuesFieldListFilter),
        ("realtime_sessions__end_reason", admin.AllValuesFieldListFilter),
        ("realtime_sessions__state", admin.ChoicesFieldListFilter),
    )
    list_select_related = ("owner",)
    list_per_page = 50
    ordering = ("-updated_at",)
    search_fields = ("title", "owner__username", "items__text")
    search_help_text = "Words of the title, of what was said, or a user name."
    show_full_result_count = False
    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Conversation | None = None) -> bool:
        # The sign-in page asks this of nobody in particular.
        return isinstance(request.user, User) and may_review(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Conversation | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Conversation | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        visible = Count("items", filter=Q(items__deleted_at__isnull=True), distinct=True)
        return (
            super()
            .get_queryset(request)
            .filter(hidden=False, is_private=False)
            .annotate(visible_items=visible)
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Conversation], search_term: str
    ) -> tuple[QuerySet[Conversation], bool]:
        # As in the review API, instead of Django's join over every item of every conversation.
        words = search_term.strip()
        if not words:
            return queryset, False
        found = matching(Conversation.objects.all(), words).values("pk")
        return queryset.filter(Q(pk__in=found) | Q(owner__username__iexact=words)), False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The transcript as a timeline. Without permission 403, before anything is looked up."""
        assert isinstance(request.user, User)
        try:
            conversation = access_conversation_for_review(
                request.user, object_id, request.headers.get("X-Access-Reason", "Django admin")
            )
        except ConversationNotFound:
            raise Http404 from None
        transcript = transcript_of(conversation)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": visible_text(conversation),
            "conversation": conversation,
            "timeline": timeline(transcript.items, sessions_of(conversation)),
            "item_count": len(transcript.items),
        }
        return TemplateResponse(
            request, "admin/conversations/conversation/transcript.html", context
        )

    @admin.display(description="Title", ordering="title")
    def title_or_id(self, conversation: Conversation) -> str:
        return visible_text(conversation)

    @admin.display(description="Items", ordering="visible_items")
    def item_count(self, conversation: Conversation) -> int:
        count: int = conversation.visible_items  # type: ignore[attr-defined]
        return count

    @admin.display(description="Review")
    def in_review(self, conversation: Conversation) -> SafeString:
        return format_html('<a href="/review/{}">Open in review</a>', conversation.pk)

    @admin.display(description="Archived", boolean=True)
    def is_archived(self, conversation: Conversation) -> bool:
        return conversation.archived_at is not None


@admin.register(AccessLogEntry)
class AccessLogAdmin(AccessLogAdminBase):
    """Who read whose transcript, and why. Nobody edits it, not even here."""

    list_display = (
        "visited_at",
        "reviewer_username",
        "owner_username",
        "conversation_id",
        "reason",
    )
    list_filter = ("visited_at", ("reviewer", admin.RelatedOnlyFieldListFilter))
    search_fields = ("reviewer_username", "owner_username", "reason")
    date_hierarchy = "visited_at"
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: AccessLogEntry | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: AccessLogEntry | None = None
    ) -> bool:
        return False


@admin.register(ReadingSwitch)
class ReadingSwitchAdmin(AdministeredAdmin, SwitchAdminBase):
    """Whether reviewers read at all: the superusers' to decide, and binding for them as well."""

    list_display = ("__str__", "changed_at")
    fields = ("is_on",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._decides(request)

    def has_view_permission(self, request: HttpRequest, obj: ReadingSwitch | None = None) -> bool:
        return self._decides(request)

    def has_change_permission(self, request: HttpRequest, obj: ReadingSwitch | None = None) -> bool:
        return self._decides(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._decides(request) and not ReadingSwitch.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: ReadingSwitch | None = None) -> bool:
        return False

    def _decides(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)
