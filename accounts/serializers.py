"""The shapes of sign-in and of one's own account."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as DjangoValidationError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User

# The longest a password can be: hashing megabytes would be a cheap way to keep the server busy.
PASSWORD_MAX_CHARS = 1024
TOKEN_MAX_CHARS = 4096


class SignInSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(
        max_length=PASSWORD_MAX_CHARS, trim_whitespace=False, write_only=True
    )


class RefreshTokenSerializer(serializers.Serializer[Any]):
    refresh = serializers.CharField(
        max_length=TOKEN_MAX_CHARS,
        required=False,
        help_text="Required, except from a browser that holds it in the cookie.",
    )


class TokenPairSerializer(serializers.Serializer[Any]):
    access = serializers.CharField(help_text="Send it as `Authorization: Bearer …`; lives 5 min.")
    refresh = serializers.CharField(
        required=False, help_text="Works once. Absent for a browser, which holds it in a cookie."
    )


# What the pages ask about; the permissions themselves belong to `conversations.Conversation`.
SHOWN_PERMISSIONS = (
    "review_conversation",
    "export_conversation",
    "delete_conversation",
    "end_session",
)
# Of other parts, by the name under which the pages know them.
OTHER_PERMISSIONS = {
    "manage_webhooks": "webhooks.manage_webhooks",
    "administer_voice": "realtime.administer_voice",
}


class MeSerializer(serializers.ModelSerializer[User]):
    permissions = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = (
            "id",
            "username",
            "email",
            "first_name",
            "last_name",
            "is_staff",
            "is_superuser",
            "is_demo",
            "permissions",
        )
        read_only_fields = fields

    @extend_schema_field(
        serializers.ListField(
            child=serializers.ChoiceField(choices=[*SHOWN_PERMISSIONS, *OTHER_PERMISSIONS])
        )
    )
    def get_permissions(self, user: User) -> list[str]:
        asked = {name: f"conversations.{name}" for name in SHOWN_PERMISSIONS} | OTHER_PERMISSIONS
        return [name for name, permission in asked.items() if user.has_perm(permission)]


class PasswordChangeSerializer(serializers.Serializer[Any]):
    """Needs `context["user"]`."""

    current_password = serializers.CharField(
        max_length=PASSWORD_MAX_CHARS, trim_whitespace=False, write_only=True
    )
    new_password = serializers.CharField(
        max_length=PASSWORD_MAX_CHARS, trim_whitespace=False, write_only=True
    )

    def validate_current_password(self, value: str) -> str:
        if not self.context["user"].check_password(value):
            raise serializers.ValidationError(
                "This is not your current password.", code="wrong_password"
            )
        return value

    def validate_new_password(self, value: str) -> str:
        try:
            validate_password(value, self.context["user"])
        except DjangoValidationError as error:
            raise serializers.ValidationError(list(error.messages)) from None
        return value
