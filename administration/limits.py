"""`/api/admin/limits/`: what each group of people may use and ask for."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError as ModelError
from django.db import transaction
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.policy_row import NAME_MAX_CHARS, Policy
from administration.catalogue import told
from administration.permissions import MayAdminister, StillNeeded, administrator
from review import audit


class GroupSerializer(serializers.ModelSerializer[Group]):
    people = serializers.IntegerField(help_text="Active ones.")

    class Meta:
        model = Group
        fields = ("id", "name", "people")


class GroupLimitsSerializer(serializers.ModelSerializer[Policy]):
    """What is empty or null leaves the matter to the server. `group` null: everybody else."""

    group = serializers.PrimaryKeyRelatedField(queryset=Group.objects.all(), allow_null=True)
    group_name = serializers.CharField(
        source="group.name", read_only=True, default=None, allow_null=True
    )
    models = serializers.ListField(
        child=serializers.CharField(max_length=NAME_MAX_CHARS), required=False
    )
    voices = serializers.ListField(
        child=serializers.CharField(max_length=NAME_MAX_CHARS), required=False
    )
    output_modalities = serializers.ListField(
        child=serializers.CharField(max_length=NAME_MAX_CHARS),
        required=False,
        help_text="`audio`, `text`; empty: both.",
    )

    class Meta:
        model = Policy
        fields = (
            "id",
            "group",
            "group_name",
            "priority",
            "day_minutes",
            "month_usd",
            "models",
            "voices",
            "output_modalities",
            "max_instructions_bytes",
            "max_tools",
            "max_output_tokens",
            "allow_mcp",
            "allow_stored_prompts",
            "allow_system_items",
            "may_read_server_instructions",
        )


class GroupLimitsChangesSerializer(GroupLimitsSerializer):
    class Meta(GroupLimitsSerializer.Meta):
        read_only_fields = ("group",)


class LimitsSerializer(serializers.Serializer[Any]):
    results = GroupLimitsSerializer(many=True)
    groups = GroupSerializer(many=True)
    server_day_minutes = serializers.FloatField(help_text="LIMIT_DAY_SEC, which bounds all.")
    server_month_usd = serializers.DecimalField(
        max_digits=12, decimal_places=2, allow_null=True, help_text="LIMIT_MONTH_USD; null: any."
    )


class LimitListView(APIView):
    permission_classes = (MayAdminister,)

    @extend_schema(operation_id="admin_limits", responses=LimitsSerializer)
    def get(self, request: Request) -> Response:
        """The rows in the order in which they are looked through, and the groups there are."""
        active = Count("user", filter=Q(user__is_active=True))
        body = {
            "results": Policy.objects.select_related("group"),
            "groups": Group.objects.annotate(people=active).order_by("name"),
            "server_day_minutes": settings.LIMIT_DAY_SEC / 60,
            "server_month_usd": settings.LIMIT_MONTH_USD,
        }
        return Response(LimitsSerializer(body).data)

    @extend_schema(
        operation_id="admin_add_limits",
        request=GroupLimitsSerializer,
        responses={201: GroupLimitsSerializer},
    )
    def post(self, request: Request) -> Response:
        """Limits for a group that has none of its own."""
        wished = GroupLimitsSerializer(data=request.data)
        wished.is_valid(raise_exception=True)
        row = Policy(**wished.validated_data)
        _save(request, row, "policy.add", wished.validated_data)
        return Response(GroupLimitsSerializer(row).data, status=status.HTTP_201_CREATED)


class LimitView(APIView):
    permission_classes = (MayAdminister,)

    @extend_schema(
        operation_id="admin_change_limits",
        request=GroupLimitsChangesSerializer,
        responses=GroupLimitsSerializer,
    )
    def patch(self, request: Request, policy_id: int) -> Response:
        """What is absent stays; running calls are held to the new minutes and money as well."""
        row = get_object_or_404(Policy.objects.select_related("group"), pk=policy_id)
        changes = GroupLimitsChangesSerializer(row, data=request.data, partial=True)
        changes.is_valid(raise_exception=True)
        for name, value in changes.validated_data.items():
            setattr(row, name, value)
        _save(request, row, "policy.change", changes.validated_data)
        return Response(GroupLimitsSerializer(row).data)

    @extend_schema(operation_id="admin_delete_limits", responses={204: None})
    def delete(self, request: Request, policy_id: int) -> Response:
        """The group is held to everybody's limits from now on; those stay (409 `still_needed`)."""
        row = get_object_or_404(Policy.objects.select_related("group"), pk=policy_id)
        if row.group is None:
            raise StillNeeded("Everybody else is held to this row.")
        with transaction.atomic():
            audit.record(administrator(request), "policy.delete", [str(row)])
            row.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


@transaction.atomic
def _save(request: Request, row: Policy, action: str, changes: dict[str, Any]) -> None:
    try:
        row.full_clean()
    except ModelError as error:
        raise ValidationError(error.message_dict) from None
    row.save()
    shown = told({name: value for name, value in changes.items() if name != "group"})
    audit.record(administrator(request), action, [str(row)], changes=shown)
