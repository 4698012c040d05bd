"""`/api/me/usage/`: what the caller has used and has left."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from realtime.callers import caller
from realtime.own_usage import own_usage


def usd_field(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=14, decimal_places=8, **options)


class UsedDaySerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    calls = serializers.IntegerField()
    voice_s = serializers.FloatField()
    cost_usd = usd_field()


class OwnUsageSerializer(serializers.Serializer[Any]):
    """Voice time is of today, money of this month; null where nothing limits it."""

    voice_s = serializers.FloatField()
    voice_limit_s = serializers.FloatField()
    voice_left_s = serializers.FloatField()
    day_resets_at = serializers.DateTimeField()
    cost_usd = usd_field()
    cost_limit_usd = usd_field(allow_null=True)
    cost_left_usd = usd_field(allow_null=True)
    month_resets_at = serializers.DateTimeField()
    calls_this_month = serializers.IntegerField()
    days = UsedDaySerializer(many=True, help_text="The last 31 days, the oldest first.")


class OwnUsageView(APIView):
    @extend_schema(operation_id="read_own_usage", responses=OwnUsageSerializer)
    def get(self, request: Request) -> Response:
        """Your own use, and what is left of your quotas."""
        return Response(OwnUsageSerializer(asdict(own_usage(caller(request).pk))).data)
