"""The JSON of one call."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from conversations.models import AccessLogEntry
from conversations.serializers import ItemSerializer
from realtime.models import ResponseUsage
from review.calls.serializers import CallSerializer
from review.marks.serializers import CommentSerializer, ReviewSerializer
from review.serializers import PersonSerializer


class AnswerTimeSerializer(serializers.ModelSerializer[ResponseUsage]):
    """One answer in the latency table. first_audio_ms: from the request for it to its first audio
    at the gateway."""

    response_id = serializers.CharField(source="reference")

    class Meta:
        model = ResponseUsage
        fields = (
            "response_id",
            "item_ids",
            "status",
            "error_code",
            "first_audio_ms",
            "is_interrupted",
            "created_at",
        )


class UsageSerializer(serializers.ModelSerializer[ResponseUsage]):
    """What one response or transcription used, and cost at the prices of `price_version`."""

    class Meta:
        model = ResponseUsage
        fields = (
            "kind",
            "reference",
            "input_text_tokens",
            "input_audio_tokens",
            "input_image_tokens",
            "cached_text_tokens",
            "cached_audio_tokens",
            "cached_image_tokens",
            "output_text_tokens",
            "output_audio_tokens",
            "audio_s",
            "audio_in_bytes",
            "audio_in_ms",
            "audio_out_bytes",
            "audio_out_ms",
            "cost_usd",
            "price_version",
            "created_at",
        )


class SentLineSerializer(serializers.Serializer[Any]):
    item_id = serializers.CharField()
    role = serializers.CharField()
    text = serializers.CharField()


class SentSerializer(serializers.Serializer[Any]):
    """What one run of the call sent to the model when it began, the server's own instructions
    included. `gone` counts the lines of the history whose words have been deleted since."""

    sent_at = serializers.DateTimeField()
    instructions = serializers.CharField()
    voice = serializers.CharField()
    output_modalities = serializers.ListField(child=serializers.CharField())
    tools = serializers.ListField(child=serializers.CharField())
    history = SentLineSerializer(many=True)
    gone = serializers.IntegerField()


class ContextSerializer(serializers.Serializer[Any]):
    """What was asked for when the call was made, and in `sent` what the model was given."""

    instructions = serializers.CharField()
    voice = serializers.CharField()
    output_modalities = serializers.ListField(child=serializers.CharField())
    tools = serializers.ListField(child=serializers.CharField())
    earlier_items = serializers.IntegerField(
        help_text="Said before in the same conversation; the newest were sent as history."
    )
    sent = SentSerializer(many=True)


class AccessSerializer(serializers.ModelSerializer[AccessLogEntry]):
    reviewer = serializers.CharField(source="reviewer_username")

    class Meta:
        model = AccessLogEntry
        fields = ("reviewer", "reason", "visited_at")


class OneCallSerializer(serializers.Serializer[Any]):
    """A call with what was said, measured, paid, noted and seen."""

    call = CallSerializer(source="row")
    end_note = serializers.CharField(source="row.session.end_note")
    ended_by = PersonSerializer(source="row.session.ended_by", allow_null=True)
    items = ItemSerializer(many=True)
    latency = AnswerTimeSerializer(source="responses", many=True)
    usage = UsageSerializer(source="usages", many=True)
    context_sent = ContextSerializer(source="context", allow_null=True)
    review = ReviewSerializer(source="row.review", allow_null=True)
    comments = CommentSerializer(many=True)
    access = AccessSerializer(source="accesses", many=True)
