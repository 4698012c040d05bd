"""The JSON of the call list."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from review.calls.rows import CallRow
from review.models import CallReview, Tag
from review.serializers import PersonSerializer


class TagSerializer(serializers.ModelSerializer[Tag]):
    class Meta:
        model = Tag
        fields = ("id", "name", "color")


class SnippetPartSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(trim_whitespace=False)
    is_hit = serializers.BooleanField()


class SnippetSerializer(serializers.Serializer[Any]):
    """One line of the call: where the search found it, else the user's first words."""

    item_id = serializers.CharField()
    role = serializers.CharField()
    text = serializers.CharField()
    parts = SnippetPartSerializer(many=True)


class CallSerializer(serializers.Serializer[Any]):
    """One call in the list."""

    session_id = serializers.CharField(source="session.public_id")
    conversation_id = serializers.UUIDField(source="session.conversation_id", allow_null=True)
    title = serializers.SerializerMethodField()
    user = PersonSerializer(source="session.user")
    state = serializers.CharField(source="session.state")
    end_reason = serializers.CharField(source="session.end_reason")
    transport = serializers.CharField(source="session.transport")
    provider = serializers.CharField(source="session.provider")
    model = serializers.CharField(source="session.model")
    voice = serializers.CharField(source="session.voice")
    language = serializers.CharField(source="session.language")
    opened_by = serializers.SerializerMethodField()
    started_at = serializers.DateTimeField(source="session.started_at")
    ended_at = serializers.DateTimeField(source="session.ended_at", allow_null=True)
    duration_ms = serializers.IntegerField(source="session.duration_ms")
    turns = serializers.IntegerField(source="session.turns")
    interruptions = serializers.IntegerField(source="session.interruptions")
    first_audio_p50_ms = serializers.IntegerField(allow_null=True)
    first_audio_p95_ms = serializers.IntegerField(allow_null=True)
    v2v_p50_ms = serializers.FloatField(allow_null=True)
    v2v_p95_ms = serializers.FloatField(allow_null=True)
    cost_usd = serializers.DecimalField(14, 8, source="session.cost_usd")
    audio_in_bytes = serializers.IntegerField(source="session.audio_in_bytes")
    audio_in_ms = serializers.IntegerField(source="session.audio_in_ms")
    audio_out_bytes = serializers.IntegerField(source="session.audio_out_bytes")
    audio_out_ms = serializers.IntegerField(source="session.audio_out_ms")
    tool_calls = serializers.IntegerField()
    tool_errors = serializers.IntegerField()
    flags = serializers.ListField(child=serializers.CharField())
    tags = TagSerializer(many=True)
    review_status = serializers.SerializerMethodField()
    rating = serializers.SerializerMethodField()
    reviewer = serializers.SerializerMethodField()
    snippet = SnippetSerializer(allow_null=True)

    def get_title(self, row: CallRow) -> str:
        conversation = row.session.conversation
        return conversation.title if conversation else ""

    def get_opened_by(self, row: CallRow) -> str:
        return "api" if row.session.is_api_client else "page"

    def get_review_status(self, row: CallRow) -> str:
        return row.review.status if row.review else CallReview.Status.OPEN.value

    def get_rating(self, row: CallRow) -> int | None:
        return row.review.rating if row.review else None

    def get_reviewer(self, row: CallRow) -> str | None:
        reviewer = row.review.reviewer if row.review else None
        return reviewer.get_username() if reviewer else None


class CallSummarySerializer(serializers.Serializer[Any]):
    calls = serializers.IntegerField()
    minutes = serializers.FloatField()
    users = serializers.IntegerField()
    cost_usd = serializers.DecimalField(18, 8)
    turns = serializers.IntegerField()
    interruptions = serializers.IntegerField()
    first_audio_p50_ms = serializers.IntegerField(allow_null=True)
    first_audio_p95_ms = serializers.IntegerField(allow_null=True)
    v2v_p50_ms = serializers.FloatField(allow_null=True)
    v2v_p95_ms = serializers.FloatField(allow_null=True)
    error_rate = serializers.FloatField(help_text="0 to 1.")


class NeighboursSerializer(serializers.Serializer[Any]):
    """Session ids beside a call within the filter."""

    previous = serializers.CharField(allow_null=True)
    next = serializers.CharField(allow_null=True)
    position = serializers.IntegerField(allow_null=True)
    total = serializers.IntegerField()


class CallChoicesSerializer(serializers.Serializer[Any]):
    """What the filters can be set to."""

    models = serializers.ListField(child=serializers.CharField())
    transports = serializers.ListField(child=serializers.CharField())
    languages = serializers.ListField(child=serializers.CharField())
    end_reasons = serializers.ListField(child=serializers.CharField())
    groups = serializers.ListField(child=serializers.CharField())
    reviewers = serializers.ListField(child=serializers.CharField())
    tags = TagSerializer(many=True)
