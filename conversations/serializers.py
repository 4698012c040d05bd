"""The JSON shapes of conversations and items (contract §5)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from conversations.models import Conversation, Item


class ConversationSerializer(serializers.ModelSerializer[Conversation]):
    archived = serializers.SerializerMethodField()
    private = serializers.BooleanField(source="is_private", read_only=True)

    class Meta:
        model = Conversation
        fields = (
            "id",
            "title",
            "archived",
            "archived_at",
            "private",
            "seq",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields

    def get_archived(self, conversation: Conversation) -> bool:
        return conversation.archived_at is not None


class ConversationCreateSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(
        max_length=Conversation.TITLE_MAX_CHARS, required=False, allow_blank=True, default=""
    )


class ConversationChangeSerializer(serializers.Serializer[Any]):
    """What PATCH may change; what is absent stays."""

    title = serializers.CharField(
        max_length=Conversation.TITLE_MAX_CHARS, required=False, allow_blank=True
    )
    archived = serializers.BooleanField(required=False)
    private = serializers.BooleanField(
        required=False, help_text="Keep it from reviewers, or let them read it again."
    )


class ConversationFilterSerializer(serializers.Serializer[Any]):
    """The query parameters of the list."""

    search = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        default="",
        help_text="Every word must occur in the title or in what was said.",
    )
    archived = serializers.BooleanField(
        required=False, default=False, help_text="The archived ones instead of the others."
    )


class ItemSerializer(serializers.ModelSerializer[Item]):
    class Meta:
        model = Item
        fields = (
            "item_id",
            "session_id",
            "previous_item_id",
            "role",
            "kind",
            "status",
            "source",
            "text",
            "heard_text",
            "heard_ms",
            "call_id",
            "name",
            "position",
            "created_at",
            "completed_at",
        )
        read_only_fields = fields


class ItemNameSerializer(serializers.ModelSerializer[Item]):
    class Meta:
        model = Item
        fields = ("session_id", "item_id")
        read_only_fields = fields


class TranscriptSerializer(serializers.Serializer[Any]):
    seq = serializers.IntegerField(
        help_text="The items are at least as new as this; refetch on a notice with a larger one."
    )
    since = serializers.IntegerField(
        allow_null=True,
        help_text="These are the items that changed after this `seq`; null: they are all of them.",
    )
    results = ItemSerializer(many=True, source="items")
    removed = ItemNameSerializer(
        many=True, help_text="With `since`: the items that were taken out after it."
    )


class TranscriptFilterSerializer(serializers.Serializer[Any]):
    """The query parameters of a conversation's items."""

    since = serializers.IntegerField(
        required=False,
        default=0,
        min_value=0,
        max_value=2**63 - 1,
        help_text="The `seq` of an earlier answer: only what has changed after it.",
    )
