"""`/api/admin/models/`, `…/prices/` and `…/voices/`."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.db import transaction
from django.db.models import Model
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from administration.catalogue import (
    ModelChangesSerializer,
    ModelSerializer,
    PriceSerializer,
    VoiceRowChangesSerializer,
    VoiceRowSerializer,
    told,
)
from administration.permissions import MayAdminister, StillNeeded, administrator
from realtime.models import ModelPrice, RealtimeModel, Voice
from realtime.voice_settings import voice_in_effect
from review import audit


class ModelListView(APIView):
    permission_classes = (MayAdminister,)

    @extend_schema(operation_id="admin_models", responses=ModelSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The models that are known here, with every version of their prices."""
        rows = RealtimeModel.objects.prefetch_related("prices__model")
        context = {"voice": voice_in_effect()}
        return Response(ModelSerializer(rows, many=True, context=context).data)

    @extend_schema(
        operation_id="admin_add_model", request=ModelSerializer, responses={201: ModelSerializer}
    )
    def post(self, request: Request) -> Response:
        """Add one of this server's own provider. One with an address of its own is added in the
        Django admin."""
        context = {"voice": voice_in_effect()}
        wished = ModelSerializer(data=request.data, context=context)
        wished.is_valid(raise_exception=True)
        with transaction.atomic():
            row = wished.save(**_provenance(request, wished.validated_data))
            audit.record(administrator(request), "model.add", [row.name])
        return Response(wished.data, status=status.HTTP_201_CREATED)


class ModelView(APIView):
    permission_classes = (MayAdminister,)

    @extend_schema(
        operation_id="admin_change_model", request=ModelChangesSerializer, responses=ModelSerializer
    )
    def patch(self, request: Request, model_id: int) -> Response:
        """Switch it on or off, set the day of its retirement, or the note."""
        row = get_object_or_404(RealtimeModel, pk=model_id)
        changes = ModelChangesSerializer(row, data=request.data, partial=True)
        changes.is_valid(raise_exception=True)
        voice = voice_in_effect()
        switches_off = changes.validated_data.get("enabled") is False
        if switches_off and row.name in {voice.model, voice.transcription_model}:
            raise StillNeeded("It is the default. Choose another default model first.")
        _save(request, changes, "model.change", row.name)
        return Response(ModelSerializer(row, context={"voice": voice}).data)


class PriceListView(APIView):
    permission_classes = (MayAdminister,)

    @extend_schema(
        operation_id="admin_add_price", request=PriceSerializer, responses={201: PriceSerializer}
    )
    def post(self, request: Request, model_id: int) -> Response:
        """A new version, from a day on. What was charged before stays as it is."""
        model = get_object_or_404(RealtimeModel, pk=model_id)
        wished = PriceSerializer(data=request.data)
        wished.is_valid(raise_exception=True)
        day = wished.validated_data["valid_from"]
        if model.prices.filter(valid_from=day).exists():
            raise ValidationError({"valid_from": ["There is a price from this day on already."]})
        with transaction.atomic():
            row = wished.save(model=model, **_provenance(request, wished.validated_data))
            amounts = told(wished.validated_data)
            audit.record(administrator(request), "price.add", [row.version], changes=amounts)
        return Response(wished.data, status=status.HTTP_201_CREATED)


class PriceView(APIView):
    permission_classes = (MayAdminister,)

    @extend_schema(
        operation_id="admin_change_price", request=PriceSerializer, responses=PriceSerializer
    )
    def patch(self, request: Request, price_id: int) -> Response:
        """Correct a version by which nothing was charged yet; else 409 `still_needed`."""
        row = self._uncharged(price_id)
        changes = PriceSerializer(row, data=request.data, partial=True)
        changes.is_valid(raise_exception=True)
        for name, value in changes.validated_data.items():
            setattr(row, name, value)
        try:
            row.full_clean()
        except ModelError as error:
            raise ValidationError(error.message_dict) from None
        _save(request, changes, "price.change", row.version)
        return Response(PriceSerializer(row).data)

    @extend_schema(operation_id="admin_delete_price", responses={204: None})
    def delete(self, request: Request, price_id: int) -> Response:
        """Take back a version by which nothing was charged yet; else 409 `still_needed`."""
        row = self._uncharged(price_id)
        with transaction.atomic():
            audit.record(administrator(request), "price.delete", [row.version])
            row.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _uncharged(self, price_id: int) -> ModelPrice:
        row = get_object_or_404(ModelPrice.objects.select_related("model"), pk=price_id)
        if row.has_charged():
            raise StillNeeded(row.CHARGED)
        return row


class VoiceListView(APIView):
    permission_classes = (MayAdminister,)

    @extend_schema(operation_id="admin_voices", responses=VoiceRowSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The voices that are known here."""
        context = {"voice": voice_in_effect()}
        return Response(VoiceRowSerializer(Voice.objects.all(), many=True, context=context).data)

    @extend_schema(
        operation_id="admin_add_voice",
        request=VoiceRowSerializer,
        responses={201: VoiceRowSerializer},
    )
    def post(self, request: Request) -> Response:
        """Add a voice by the name that the provider knows it by."""
        wished = VoiceRowSerializer(data=request.data, context={"voice": voice_in_effect()})
        wished.is_valid(raise_exception=True)
        with transaction.atomic():
            row = wished.save(**_provenance(request, wished.validated_data))
            audit.record(administrator(request), "voice.add", [row.name])
        return Response(wished.data, status=status.HTTP_201_CREATED)


class VoiceView(APIView):
    permission_classes = (MayAdminister,)

    @extend_schema(
        operation_id="admin_change_voice",
        request=VoiceRowChangesSerializer,
        responses=VoiceRowSerializer,
    )
    def patch(self, request: Request, voice_id: int) -> Response:
        """Switch it on or off, or recommend it."""
        row = get_object_or_404(Voice, pk=voice_id)
        changes = VoiceRowChangesSerializer(row, data=request.data, partial=True)
        changes.is_valid(raise_exception=True)
        voice = voice_in_effect()
        if changes.validated_data.get("enabled") is False and row.name == voice.voice:
            raise StillNeeded("It is the default. Choose another default voice first.")
        _save(request, changes, "voice.change", row.name)
        return Response(VoiceRowSerializer(row, context={"voice": voice}).data)


@transaction.atomic
def _save(request: Request, changes: Any, action: str, target: str) -> Model:
    row: Model = changes.save()
    audit.record(
        administrator(request), action, [target], changes=told(dict(changes.validated_data))
    )
    return row


def _provenance(request: Request, given: dict[str, Any]) -> dict[str, Any]:
    """Where a fact comes from that names no source: from whom it was typed in, today."""
    source = given.get("source") or f"entered by {administrator(request).get_username()}"
    return {"source": source[:200], "as_of": timezone.localdate()}
