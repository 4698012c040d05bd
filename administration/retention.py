"""`/api/admin/retention/`: how long each class of data is kept."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from administration.permissions import MayAdminister, administrator
from review import audit
from review.retention import sweep
from review.retention_classes import CLASSES, DAYS_MOST, RetentionTime, days_kept, default_days


class RetentionClassSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    holds = serializers.CharField()
    days = serializers.IntegerField(help_text="What holds; 0: for ever.")
    default_days = serializers.IntegerField(help_text="What the server was started with.")
    least_days = serializers.IntegerField(help_text="Kept at least so long, unless for ever.")


class RetentionChangesSerializer(serializers.Serializer[Any]):
    """Days by the name of a class; 0: for ever; null: as the server was started."""

    days = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=DAYS_MOST, allow_null=True)
    )

    def validate_days(self, value: dict[str, int | None]) -> dict[str, int | None]:
        unknown = sorted(set(value) - {one.name for one in CLASSES})
        if unknown:
            raise ValidationError(f"There is no class {unknown[0][:40]!r}.")
        return value


class SweptSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    days = serializers.IntegerField(help_text="0: kept for ever.")
    rows = serializers.IntegerField(help_text="How many the next run would delete.")


class RetentionView(APIView):
    permission_classes = (MayAdminister,)

    @extend_schema(operation_id="admin_retention", responses=RetentionClassSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Each class of data and how long it is kept; `manage.py retention` carries it out."""
        return Response(_shown())

    @extend_schema(
        operation_id="admin_change_retention",
        request=RetentionChangesSerializer,
        responses=RetentionClassSerializer(many=True),
    )
    def patch(self, request: Request) -> Response:
        """Set some; the next run of `manage.py retention` goes by it."""
        wished = RetentionChangesSerializer(data=request.data)
        wished.is_valid(raise_exception=True)
        changes: dict[str, int | None] = wished.validated_data["days"]
        with transaction.atomic():
            for name, days in changes.items():
                if days is None:
                    RetentionTime.objects.filter(pk=name).delete()
                else:
                    RetentionTime.objects.update_or_create(name=name, defaults={"days": days})
            audit.record(administrator(request), "retention.change", list(changes), days=changes)
        return Response(_shown())


class RetentionPreviewView(APIView):
    permission_classes = (MayAdminister,)

    @extend_schema(operation_id="admin_retention_preview", responses=SweptSerializer(many=True))
    def get(self, request: Request) -> Response:
        """What `manage.py retention` would delete now; nothing is."""
        return Response(SweptSerializer(sweep(dry_run=True), many=True).data)


def _shown() -> list[dict[str, Any]]:
    kept, usual = days_kept(), default_days()
    return [
        {
            "name": one.name,
            "holds": one.holds,
            "days": kept[one.name],
            "default_days": usual[one.name],
            "least_days": one.least_days,
        }
        for one in CLASSES
    ]
