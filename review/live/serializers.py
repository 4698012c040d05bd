"""The JSON of the live floor, the same over REST and in the feed."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from realtime.core.glance import Activity
from review.serializers import PersonSerializer

ACTIVITIES = [("", ""), *((activity.value, activity.value) for activity in Activity)]


class LiveCallSerializer(serializers.Serializer[Any]):
    """One running call, without words."""

    session_id = serializers.CharField()
    conversation_id = serializers.UUIDField(allow_null=True)
    user = serializers.SerializerMethodField()
    state = serializers.CharField(help_text="live or detached.")
    activity = serializers.ChoiceField(
        choices=ACTIVITIES, help_text="What goes on just now; empty while nobody knows."
    )
    transport = serializers.CharField()
    provider = serializers.CharField()
    model = serializers.CharField()
    opened_by = serializers.CharField()
    is_text_only = serializers.BooleanField()
    keeps_words = serializers.BooleanField(
        help_text="False: nothing of what is said is kept, and none of it shown."
    )
    started_at = serializers.DateTimeField()
    turns = serializers.IntegerField()
    interruptions = serializers.IntegerField()
    cost_usd = serializers.DecimalField(14, 8)
    month_usd = serializers.DecimalField(
        14, 8, allow_null=True, help_text="Spent by this person this month, where that is limited."
    )
    month_limit_usd = serializers.DecimalField(14, 2, allow_null=True)
    v2v_ms = serializers.IntegerField(
        allow_null=True, help_text="Voice to voice: the median of its answers so far."
    )
    first_audio_ms = serializers.IntegerField(
        allow_null=True, help_text="The median of its answers so far."
    )
    is_silent = serializers.BooleanField(help_text="Its server gives no sign of life.")

    @extend_schema_field(PersonSerializer)
    def get_user(self, call: Any) -> dict[str, Any]:
        return {"id": call.user_id, "username": call.username}


class LiveFloorSerializer(serializers.Serializer[Any]):
    now = serializers.DateTimeField(
        help_text="By the server's clock; elapsed is `now - started_at`."
    )
    calls = LiveCallSerializer(many=True)
    more = serializers.BooleanField(help_text="There are more than these, the newest.")


class LiveLineSerializer(serializers.Serializer[Any]):
    """One item as far as it has come."""

    item_id = serializers.CharField()
    role = serializers.CharField()
    kind = serializers.CharField()
    status = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field, not Field.source
    name = serializers.CharField(allow_null=True)
    text = serializers.CharField(help_text="Its beginning, where `is_cut`.")
    heard_text = serializers.CharField(
        allow_null=True, help_text="What was played before an interruption."
    )
    is_cut = serializers.BooleanField()


class OpenedCallSerializer(serializers.Serializer[Any]):
    """A running call that was opened, or how it ended meanwhile."""

    session_id = serializers.CharField(source="session.public_id")
    state = serializers.CharField(source="session.state")
    end_reason = serializers.CharField(source="session.end_reason")
    end_note = serializers.CharField(source="session.end_note")
    lines = LiveLineSerializer(many=True)
