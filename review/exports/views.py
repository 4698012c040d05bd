"""Exports of many calls: small ones at once, large ones in the background."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations.errors import ReasonRequired
from conversations.export.download import FormatParameterDecides
from review import audit
from review.calls.filters import CallFilterSerializer, named_filters
from review.calls.queries import filtered_calls, reviewable_calls
from review.calls.views import filters_of
from review.exports import jobs
from review.exports.formats import FILE_FORMATS, file_name
from review.exports.links import export_behind
from review.exports.reading import export_pieces
from review.exports.serializers import ExportSerializer, ExportWishSerializer
from review.exports.streaming import streamed
from review.models import Export
from review.permissions import MayExport, MayReview
from review.views import REASON_PARAMETER, access_reason, reviewer


class ExportTooLarge(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "export_too_large"


class ExportNowView(APIView):
    permission_classes = (MayReview, MayExport)
    content_negotiation_class = FormatParameterDecides

    @extend_schema(
        operation_id="export_review_calls",
        parameters=[
            CallFilterSerializer,
            REASON_PARAMETER,
            OpenApiParameter("format", OpenApiTypes.STR, enum=list(FILE_FORMATS), default="csv"),
        ],
        responses={
            (200, media_type): OpenApiTypes.STR
            for media_type in sorted({chosen.media_type for chosen in FILE_FORMATS.values()})
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The calls of the filter as a file; each conversation in it is logged like reading it."""
        wished = request.query_params.get("format", "csv")
        if wished not in FILE_FORMATS:
            raise ValidationError({"format": [f"It must be one of {', '.join(FILE_FORMATS)}."]})
        ids = list(filtered_calls(filters_of(request)).values_list("public_id", flat=True))
        if len(ids) > settings.EXPORT_DIRECT_CALLS:
            raise ExportTooLarge(
                f"{len(ids)} calls are exported in the background: POST /api/review/exports/."
            )
        reason = _checked_reason(request, wished)
        told = named_filters(dict(request.query_params.lists()))
        audit.record(reviewer(request), "call.export", ids, format=wished, filter=told)
        pieces = export_pieces(reviewer(request), ids, wished, reason)
        return streamed(request, pieces, FILE_FORMATS[wished].media_type, file_name(wished))


class ExportListView(APIView):
    permission_classes = (MayReview, MayExport)

    @extend_schema(operation_id="list_exports", responses=ExportSerializer(many=True))
    def get(self, request: Request) -> Response:
        """One's own exports, the newest first."""
        mine = Export.objects.filter(owner=reviewer(request), expires_at__gt=timezone.now())
        return Response(ExportSerializer(mine.select_related("owner")[:50], many=True).data)

    @extend_schema(
        operation_id="start_export",
        parameters=[REASON_PARAMETER],
        request=ExportWishSerializer,
        responses={202: ExportSerializer},
    )
    def post(self, request: Request) -> Response:
        """Write the calls of a filter, or those named, into a file, in the background."""
        wish = ExportWishSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        ids = _chosen(wish.validated_data)
        wished = wish.validated_data["format"]
        reason = _checked_reason(request, wished)
        jobs.forget_expired()
        with transaction.atomic():
            export = Export.objects.create(
                owner=reviewer(request),
                format=wished,
                session_ids=ids,
                reason=reason,
                expires_at=timezone.now() + dt.timedelta(seconds=settings.EXPORT_KEEP_SEC),
            )
            told = named_filters(wish.validated_data.get("filter") or {})
            audit.record(reviewer(request), "call.export", ids, format=wished, filter=told)
            jobs.start(export)
        return Response(ExportSerializer(export).data, status=status.HTTP_202_ACCEPTED)


class ExportView(APIView):
    permission_classes = (MayReview, MayExport)

    @extend_schema(operation_id="read_export", responses=ExportSerializer)
    def get(self, request: Request, export_id: uuid.UUID) -> Response:
        """How far it is; once it is done, with a fresh link to the file."""
        mine = Export.objects.select_related("owner").filter(
            pk=export_id, owner=reviewer(request), expires_at__gt=timezone.now()
        )
        export = mine.first()
        if export is None:
            raise Http404
        jobs.restart_if_lost(export)
        return Response(ExportSerializer(export).data)


class ExportFileView(APIView):
    """The link is the credential (`review.exports.links`)."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    content_negotiation_class = FormatParameterDecides

    @extend_schema(
        operation_id="download_export",
        parameters=[OpenApiParameter("token", OpenApiTypes.STR, required=True)],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, export_id: uuid.UUID) -> HttpResponseBase:
        """The finished file."""
        export = export_behind(export_id, request.query_params.get("token", ""))
        parts = export.parts.order_by("number").values_list("data", flat=True)
        pieces = (bytes(data) for data in parts.iterator(chunk_size=4))
        chosen = FILE_FORMATS[export.format]
        return streamed(request, pieces, chosen.media_type, file_name(export.format))


def _chosen(wish: dict[str, Any]) -> list[str]:
    if "session_ids" in wish:
        calls = reviewable_calls().filter(public_id__in=wish["session_ids"]).order_by("-started_at")
    else:
        filters = CallFilterSerializer(data=wish.get("filter") or {})
        filters.is_valid(raise_exception=True)
        calls = filtered_calls(filters.filters())
    return list(calls.values_list("public_id", flat=True))


def _checked_reason(request: Request, wished: str) -> str:
    """Before the first byte, where a refusal can still be told."""
    reason = access_reason(request)[:500]
    if settings.REVIEW_REASON_REQUIRED and FILE_FORMATS[wished].has_words and not reason.strip():
        raise ReasonRequired
    return reason
