"""The shapes of `/api/keys/`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from accounts.models import ApiKey

LIFE_MAX_DAYS = 3650


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    """A key without its secret part."""

    scopes = serializers.ListField(child=serializers.ChoiceField(choices=ApiKey.Scope.choices))

    class Meta:
        model = ApiKey
        fields = ("id", "name", "prefix", "scopes", "created_at", "last_used_at", "expires_at")
        read_only_fields = fields


class ApiKeyListSerializer(serializers.Serializer[Any]):
    results = ApiKeySerializer(many=True)


class IssuedApiKeySerializer(ApiKeySerializer):
    key = serializers.CharField(help_text="The key itself. It is shown now and never again.")

    class Meta(ApiKeySerializer.Meta):
        fields = (*ApiKeySerializer.Meta.fields, "key")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]


class ApiKeyWishSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100, help_text="What will use it.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=ApiKey.Scope.choices),
        allow_empty=False,
        max_length=len(ApiKey.Scope),
        help_text="`mint` opens voice sessions, `headless` runs sessions on the server, `history`"
        " reads conversations.",
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    expires_in_days = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=LIFE_MAX_DAYS
    )

    def validate_expires_at(self, value: dt.datetime | None) -> dt.datetime | None:
        if value is not None and value <= timezone.now():
            raise serializers.ValidationError("This moment has passed.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """`expires_at` holds the end afterwards, however it was asked for; None: never."""
        at, days = attrs.get("expires_at"), attrs.pop("expires_in_days", None)
        if at is not None and days is not None:
            raise serializers.ValidationError("Give expires_at or expires_in_days, not both.")
        attrs["expires_at"] = at if days is None else timezone.now() + dt.timedelta(days=days)
        return attrs
