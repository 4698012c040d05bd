from __future__ import annotations

from typing import Any

from rest_framework import serializers

from conversations.models import AccessLogEntry


class OwnAccessSerializer(serializers.ModelSerializer[AccessLogEntry]):
    """A look at a conversation of mine: who, which, when and why."""

    reviewer = serializers.CharField(source="reviewer_username")
    title = serializers.SerializerMethodField(help_text="Empty once the conversation is deleted.")

    class Meta:
        model = AccessLogEntry
        fields = ("reviewer", "conversation_id", "title", "reason", "visited_at")

    def get_title(self, entry: AccessLogEntry) -> str:
        titles: dict[object, str] = self.context.get("titles", {})
        return titles.get(entry.conversation_id, "")


class DeletedSerializer(serializers.Serializer[Any]):
    conversations = serializers.IntegerField(help_text="How many were deleted.")
