"""What of all calls a reviewer wants to see: query parameters, and the same as JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from rest_framework import serializers

from conversations.models import Item
from realtime.models import SessionState
from review.models import CallReview

# So that a day after it still exists.
LAST_DAY = dt.date(9998, 12, 31)
FIRST_DAY = dt.date(1, 1, 2)
PRESETS = (
    "today",
    "yesterday",
    "last_7_days",
    "last_30_days",
    "this_week",
    "last_week",
    "this_month",
    "last_month",
)
SORT_KEYS = (
    "started",
    "duration",
    "cost",
    "turns",
    "interruptions",
    "first_audio_p50",
    "first_audio_p95",
    "v2v_p50",
    "v2v_p95",
    "user",
    "model",
    "transport",
    "end_reason",
    "rating",
)
OPENED_BY = ("api", "page")


@dataclass(frozen=True, slots=True)
class CallFilters:
    """Empty values filter nothing; the fields are described in CallFilterSerializer."""

    search: str = ""
    said_by: str = ""
    preset: str = ""
    date_from: dt.date | None = None
    date_to: dt.date | None = None
    user: str = ""
    group: str = ""
    model: str = ""
    transport: str = ""
    end_reason: str = ""
    state: str = ""
    language: str = ""
    opened_by: str = ""
    duration_min_s: float | None = None
    duration_max_s: float | None = None
    cost_min_usd: Decimal | None = None
    cost_max_usd: Decimal | None = None
    first_audio_min_ms: int | None = None
    first_audio_max_ms: int | None = None
    interrupted: bool | None = None
    tool_call: bool | None = None
    tool_error: bool | None = None
    tag: list[str] = field(default_factory=list)
    reviewer: str = ""
    review_status: str = ""
    rating_min: int | None = None
    rating_max: int | None = None
    sort: str = "-started"

    def days(self, today: dt.date) -> tuple[dt.date | None, dt.date | None]:
        """First and last day, both included; a preset stands in for the dates not given."""
        first, last = _preset_days(self.preset, today)
        return self.date_from or first, self.date_to or last


class CallFilterSerializer(serializers.Serializer[Any]):
    """The parameters of the call list. All that are given must hold."""

    search = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        help_text="Words that were said (beginnings of words; a phrase in double quotes), or the id"
        " of a call or conversation.",
    )
    said_by = serializers.ChoiceField(
        choices=Item.Role.choices, required=False, allow_blank=True, help_text="Who said it."
    )
    preset = serializers.ChoiceField(choices=PRESETS, required=False, allow_blank=True)
    date_from = serializers.DateField(required=False, allow_null=True)
    date_to = serializers.DateField(required=False, allow_null=True)
    user = serializers.CharField(
        required=False, allow_blank=True, max_length=150, help_text="A user name or user id."
    )
    group = serializers.CharField(
        required=False, allow_blank=True, max_length=150, help_text="A group's name."
    )
    model = serializers.CharField(required=False, allow_blank=True, max_length=100)
    transport = serializers.CharField(required=False, allow_blank=True, max_length=20)
    end_reason = serializers.CharField(required=False, allow_blank=True, max_length=30)
    state = serializers.ChoiceField(choices=SessionState.choices, required=False, allow_blank=True)
    language = serializers.CharField(required=False, allow_blank=True, max_length=35)
    opened_by = serializers.ChoiceField(choices=OPENED_BY, required=False, allow_blank=True)
    duration_min_s = serializers.FloatField(required=False, min_value=0, max_value=1e9)
    duration_max_s = serializers.FloatField(required=False, min_value=0, max_value=1e9)
    cost_min_usd = serializers.DecimalField(14, 8, required=False, min_value=0)
    cost_max_usd = serializers.DecimalField(14, 8, required=False, min_value=0)
    first_audio_min_ms = serializers.IntegerField(required=False, min_value=0, max_value=10**9)
    first_audio_max_ms = serializers.IntegerField(
        required=False, min_value=0, max_value=10**9, help_text="Of the call's median."
    )
    interrupted = serializers.BooleanField(required=False, allow_null=True, default=None)
    tool_call = serializers.BooleanField(required=False, allow_null=True, default=None)
    tool_error = serializers.BooleanField(required=False, allow_null=True, default=None)
    tag = serializers.ListField(
        child=serializers.CharField(max_length=40, allow_blank=True),
        required=False,
        max_length=10,
        help_text="Names of tags; several are all on the call.",
    )
    reviewer = serializers.CharField(required=False, allow_blank=True, max_length=150)
    review_status = serializers.ChoiceField(
        choices=CallReview.Status.choices, required=False, allow_blank=True
    )
    rating_min = serializers.IntegerField(required=False, min_value=1, max_value=5)
    rating_max = serializers.IntegerField(required=False, min_value=1, max_value=5)
    sort = serializers.ChoiceField(
        choices=[sign + key for key in SORT_KEYS for sign in ("", "-")],
        required=False,
        help_text="`-` in front: the largest first. The default is `-started`.",
    )

    def to_internal_value(self, data: Any) -> Any:
        """As JSON, too, an empty value filters nothing, and one tag may stand without a list."""
        if isinstance(data, dict) and not isinstance(data, QueryDict):
            data = {name: value for name, value in data.items() if value != ""}
            if isinstance(data.get("tag"), str):
                data["tag"] = [data["tag"]]
        return super().to_internal_value(data)

    def validate_date_from(self, value: dt.date | None) -> dt.date | None:
        return value and max(value, FIRST_DAY)

    def validate_date_to(self, value: dt.date | None) -> dt.date | None:
        return value and min(max(value, FIRST_DAY), LAST_DAY)

    def filters(self) -> CallFilters:
        """Call after `is_valid`."""
        return CallFilters(**self.validated_data)


def named_filters(wishes: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the wishes that are filters, as given: to be kept, once they are valid."""
    known = CallFilterSerializer().fields
    return {name: wish for name, wish in wishes.items() if name in known}


def _preset_days(preset: str, today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    day = dt.timedelta(days=1)
    monday = today - today.weekday() * day
    first = today.replace(day=1)
    match preset:
        case "today":
            return today, today
        case "yesterday":
            return today - day, today - day
        case "last_7_days":
            return today - 6 * day, today
        case "last_30_days":
            return today - 29 * day, today
        case "this_week":
            return monday, today
        case "last_week":
            return monday - 7 * day, monday - day
        case "this_month":
            return first, today
        case "last_month":
            return (first - day).replace(day=1), first - day
    return None, None


def today() -> dt.date:
    """In the server's TIME_ZONE."""
    return timezone.localdate()
