"""The JSON of webhooks, their deliveries, and what an administrator may set."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from webhooks.addresses import AddressRefused, checked_url
from webhooks.models import Attempt, Delivery, Endpoint, EventType


class EndpointSerializer(serializers.ModelSerializer[Endpoint]):
    """Never with a secret."""

    created_by = serializers.SerializerMethodField()
    disabled_because = serializers.CharField(
        read_only=True,
        help_text="`failing` or `gone` where the server switched it off, else empty.",
    )

    class Meta:
        model = Endpoint
        fields = (
            "id",
            "url",
            "description",
            "include_transcript",
            "is_enabled",
            "disabled_because",
            "failing_since",
            "previous_secret_until",
            "created_by",
            "created_at",
        )
        read_only_fields = fields

    def get_created_by(self, endpoint: Endpoint) -> str | None:
        return endpoint.created_by.get_username() if endpoint.created_by else None


class IssuedEndpointSerializer(serializers.Serializer[Any]):
    """A webhook with its signing secret, which is shown this once."""

    webhook = EndpointSerializer()
    secret = serializers.CharField(help_text="`whsec_…`, as Standard Webhooks libraries take it.")


class EndpointWishSerializer(serializers.Serializer[Any]):
    """What may be set. Where it is absent, a new one includes the transcript and is enabled, and a
    change leaves it as it is."""

    url = serializers.CharField(max_length=Endpoint.URL_MAX_CHARS)
    description = serializers.CharField(max_length=200, required=False, allow_blank=True)
    include_transcript = serializers.BooleanField(
        required=False, help_text="Needs the permission to export conversations."
    )
    is_enabled = serializers.BooleanField(required=False)

    def validate_url(self, value: str) -> str:
        try:
            return str(checked_url(value))
        except AddressRefused as refused:
            raise serializers.ValidationError(str(refused), code=refused.code) from None


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    class Meta:
        model = Attempt
        fields = ("number", "began_at", "duration_ms", "status", "error")


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    session_id = serializers.CharField(source="session.public_id", default=None, allow_null=True)
    due_at = serializers.SerializerMethodField()
    attempts = AttemptSerializer(many=True)

    class Meta:
        model = Delivery
        fields = (
            "id",
            "message_id",
            "event_type",
            "session_id",
            "state",
            "created_at",
            "due_at",
            "delivered_at",
            "attempts",
        )

    def get_due_at(self, delivery: Delivery) -> str | None:
        """When the next attempt is due; null when none will be made."""
        waits = delivery.state == Delivery.State.PENDING
        field = serializers.DateTimeField()
        return field.to_representation(delivery.due_at) if waits else None


class DeliveryPageSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = DeliverySerializer(many=True)


class DeliveryFilterSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=Delivery.State.choices, required=False)
    event_type = serializers.ChoiceField(choices=EventType.choices, required=False)
