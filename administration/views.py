"""`/api/admin/`: voice, the reading switch, and the log of who changed what."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from administration.permissions import MayAdminister, administrator
from administration.probe import probe
from administration.voice import (
    VoiceChangesSerializer,
    VoiceSerializer,
    change_voice,
    shown_voice,
)
from conversations.access import is_reading_on
from conversations.models import ReadingSwitch
from conversations.paging import ConversationPages
from realtime.upstream_routes import route_of
from realtime.voice_settings import voice_in_effect
from review import audit
from review.models import AuditEntry


class VoiceSettingsView(APIView):
    permission_classes = (MayAdminister,)

    @extend_schema(operation_id="admin_voice", responses=VoiceSerializer)
    def get(self, request: Request) -> Response:
        """What holds for voice, what the server was started with, and how its provider does."""
        return Response(VoiceSerializer(shown_voice()).data)

    @extend_schema(
        operation_id="admin_change_voice_settings",
        request=VoiceChangesSerializer,
        responses=VoiceSerializer,
    )
    def patch(self, request: Request) -> Response:
        """Set some of it. Sessions that open from now on are held to it, on every server process;
        running ones go on as they are."""
        changes = VoiceChangesSerializer(data=request.data)
        changes.is_valid(raise_exception=True)
        if changes.validated_data:
            change_voice(administrator(request), changes.validated_data)
        return Response(VoiceSerializer(shown_voice()).data)


class ProbedSerializer(serializers.Serializer[Any]):
    answers = serializers.BooleanField()
    detail = serializers.CharField()
    took_ms = serializers.IntegerField(allow_null=True)


class ProviderCheckView(APIView):
    permission_classes = (MayAdminister,)

    @extend_schema(operation_id="admin_check_provider", request=None, responses=ProbedSerializer)
    def post(self, request: Request) -> Response:
        """Ask the provider for a session with the default model now, and close it at once."""
        voice = voice_in_effect()
        found = async_to_sync(probe)(route_of(voice.model, voice.provider))
        return Response(ProbedSerializer(found).data)


class ReadingSerializer(serializers.Serializer[Any]):
    is_on = serializers.BooleanField(help_text="Whether anybody reviews conversations here.")


class ReadingView(APIView):
    permission_classes = (MayAdminister,)

    @extend_schema(operation_id="admin_reading", responses=ReadingSerializer)
    def get(self, request: Request) -> Response:
        """Whether reading other people's conversations is allowed on this server."""
        return Response({"is_on": is_reading_on()})

    @extend_schema(
        operation_id="admin_change_reading", request=ReadingSerializer, responses=ReadingSerializer
    )
    def patch(self, request: Request) -> Response:
        """Superusers only; off binds them as well."""
        person = administrator(request)
        if not person.is_superuser:
            raise PermissionDenied("Only superusers decide whether conversations are read.")
        wished = ReadingSerializer(data=request.data)
        wished.is_valid(raise_exception=True)
        is_on = wished.validated_data["is_on"]
        with transaction.atomic():
            ReadingSwitch.objects.update_or_create(
                pk=ReadingSwitch.THE_ROW, defaults={"is_on": is_on}
            )
            audit.record(person, "reading.change", is_on=is_on)
        return Response({"is_on": is_on})


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    targets = serializers.ListField(child=serializers.CharField())
    detail = serializers.DictField()

    class Meta:
        model = AuditEntry
        fields = (
            "id",
            "happened_at",
            "actor_username",
            "action",
            "targets",
            "target_count",
            "detail",
        )
        read_only_fields = fields


class ChangeListView(generics.ListAPIView[AuditEntry]):
    """Who changed or did what, newest first: the audit log."""

    permission_classes = (MayAdminister,)
    serializer_class = AuditEntrySerializer
    pagination_class = ConversationPages

    def get_queryset(self) -> QuerySet[AuditEntry]:
        return AuditEntry.objects.all()


class NothingHereView(APIView):
    """Any other address below `/api/admin/`: 403 like all of it, 404 only for administrators."""

    permission_classes = (MayAdminister,)
    schema = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        raise Http404
