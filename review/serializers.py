"""The JSON shapes of the review."""

from __future__ import annotations

import datetime as dt
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from conversations.models import Conversation
from conversations.serializers import ConversationSerializer, ItemSerializer
from realtime.models import RealtimeSession, SessionState
from review.queries import ReviewFilters

END_REASON_MAX_CHARS = 500
# So that a day after it still exists.
LAST_DAY = dt.date(9998, 12, 31)


class ReviewFilterSerializer(serializers.Serializer[Any]):
    """The query parameters of the list, see ReviewFilters."""

    search = serializers.CharField(required=False, allow_blank=True, max_length=200)
    user = serializers.CharField(
        required=False, allow_blank=True, max_length=150, help_text="A user name or user id."
    )
    date_from = serializers.DateField(required=False)
    date_to = serializers.DateField(required=False)
    model = serializers.CharField(required=False, allow_blank=True, max_length=100)
    end_reason = serializers.CharField(required=False, allow_blank=True, max_length=30)
    status = serializers.ChoiceField(
        choices=SessionState.choices, required=False, allow_blank=True, help_text="Of a session."
    )

    def validate_date_to(self, value: dt.date) -> dt.date:
        return min(value, LAST_DAY)

    def filters(self) -> ReviewFilters:
        """Call after `is_valid`."""
        return ReviewFilters(**self.validated_data)


class PersonSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("id", "username")
        read_only_fields = fields


class ReviewSessionSerializer(serializers.ModelSerializer[RealtimeSession]):
    session_id = serializers.CharField(source="public_id")
    conversation_id = serializers.UUIDField(allow_null=True)
    user = PersonSerializer()
    ended_by = PersonSerializer(allow_null=True)
    duration_ms = serializers.IntegerField(allow_null=True)

    class Meta:
        model = RealtimeSession
        fields = (
            "session_id",
            "conversation_id",
            "user",
            "state",
            "end_reason",
            "end_note",
            "ended_by",
            "transport",
            "provider",
            "model",
            "voice",
            "created_at",
            "started_at",
            "ended_at",
            "duration_ms",
            "turns",
            "interruptions",
            "cost_usd",
        )
        read_only_fields = fields


class ReviewConversationSerializer(ConversationSerializer):
    """A row of the list; `session` is the newest one."""

    owner = PersonSerializer()
    items_count = serializers.IntegerField()
    snippet = serializers.CharField(allow_null=True)
    session = serializers.SerializerMethodField()

    class Meta(ConversationSerializer.Meta):
        fields = (  # type: ignore[assignment]
            *ConversationSerializer.Meta.fields,
            "owner",
            "items_count",
            "snippet",
            "session",
        )
        read_only_fields = fields  # type: ignore[assignment]

    @extend_schema_field(ReviewSessionSerializer(allow_null=True))
    def get_session(self, conversation: Conversation) -> Any:
        sessions: list[RealtimeSession] = conversation.review_sessions  # type: ignore[attr-defined]
        return ReviewSessionSerializer(sessions[0]).data if sessions else None


class ReviewTranscriptSerializer(serializers.Serializer[Any]):
    """One conversation as a reviewer reads it: flat fields of the conversation, items, sessions."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    archived = serializers.BooleanField()
    archived_at = serializers.DateTimeField(allow_null=True)
    seq = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    owner = PersonSerializer()
    items_count = serializers.IntegerField()
    items = ItemSerializer(many=True)
    sessions = ReviewSessionSerializer(many=True)


class EndSessionSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(
        max_length=END_REASON_MAX_CHARS,
        help_text="Kept with the session; the reviewer's own words.",
    )
