"""`/api/review/usage/`: the numbers behind the usage page, as JSON and as CSV."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations.export.download import FormatParameterDecides
from review.calls.filters import CallFilterSerializer
from review.permissions import MayReview
from review.usage.board import usage_board
from review.usage.table import usage_csv

FORMATS = ("json", "csv")
DEFAULT_DAYS = "last_30_days"


class NumbersSerializer(serializers.Serializer[Any]):
    key = serializers.CharField(allow_blank=True, help_text="The day, model or group.")
    calls = serializers.IntegerField()
    minutes = serializers.FloatField()
    users = serializers.IntegerField()
    cost_usd = serializers.DecimalField(max_digits=14, decimal_places=8)
    turns = serializers.IntegerField()
    interruptions = serializers.IntegerField()
    interruptions_per_turn = serializers.FloatField()
    first_audio_p50_ms = serializers.IntegerField(allow_null=True)
    first_audio_p90_ms = serializers.IntegerField(allow_null=True)
    first_audio_p95_ms = serializers.IntegerField(allow_null=True)
    error_rate = serializers.FloatField(help_text="Share of calls, 0 to 1, that broke.")


class EndReasonCountSerializer(serializers.Serializer[Any]):
    end_reason = serializers.CharField()
    calls = serializers.IntegerField()


class UsageBoardSerializer(serializers.Serializer[Any]):
    """Who is in several groups counts in each; the group `""` is who is in none."""

    total = NumbersSerializer()
    days = NumbersSerializer(many=True)
    models = NumbersSerializer(many=True)
    groups = NumbersSerializer(many=True)
    end_reasons = EndReasonCountSerializer(many=True)


class UsageBoardView(APIView):
    permission_classes = (MayReview,)
    content_negotiation_class = FormatParameterDecides

    @extend_schema(
        operation_id="read_review_usage",
        parameters=[
            CallFilterSerializer,
            OpenApiParameter("format", OpenApiTypes.STR, enum=list(FORMATS), default="json"),
        ],
        responses={
            (200, "application/json"): UsageBoardSerializer,
            (200, "text/csv"): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request) -> HttpResponse:
        """The numbers of all calls that the filter lets through, which is that of the call list;
        without days the last 30."""
        wished = request.query_params.get("format", "json")
        if wished not in FORMATS:
            raise ValidationError({"format": f"It is one of {', '.join(FORMATS)}."})
        asked = CallFilterSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        filters = asked.filters()
        if not (filters.preset or filters.date_from or filters.date_to):
            filters = replace(filters, preset=DEFAULT_DAYS)
        board = usage_board(filters)
        if wished == "csv":
            headers = {
                "Content-Disposition": 'attachment; filename="usage.csv"',
                "X-Content-Type-Options": "nosniff",
            }
            return HttpResponse(usage_csv(board), "text/csv; charset=utf-8", headers=headers)
        body = asdict(board)
        body["end_reasons"] = [
            {"end_reason": reason, "calls": count} for reason, count in board.end_reasons
        ]
        return Response(UsageBoardSerializer(body).data)
