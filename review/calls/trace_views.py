"""`…/calls/{id}/events/` and `…/latency/`: what passed in a call, and how long it took."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations.access import ConversationNotFound, access_conversation_for_review
from realtime.models import RealtimeSession
from review import audit
from review.calls.events import DIRECTIONS, EventFilter, lines_of, page_of
from review.calls.latency import waterfall_of
from review.calls.one_call import call_for_review
from review.calls.trace_serializers import (
    EventPageSerializer,
    EventQuerySerializer,
    WaterfallSerializer,
)
from review.permissions import MayExport, MayReview
from review.views import REASON_PARAMETER, access_reason, reviewer

JSON_LINES = "application/x-ndjson"


class CallLatencyView(APIView):
    permission_classes = (MayReview,)

    @extend_schema(operation_id="read_review_call_latency", responses=WaterfallSerializer)
    def get(self, request: Request, session_id: str) -> Response:
        """The stages of each answer. Numbers alone, so it is not written to the access log."""
        call = call_for_review(session_id)
        return Response(WaterfallSerializer(waterfall_of(call)).data)


class CallEventsView(APIView):
    permission_classes = (MayReview,)

    @extend_schema(
        operation_id="list_review_call_events",
        parameters=[
            REASON_PARAMETER,
            OpenApiParameter("direction", OpenApiTypes.STR, enum=DIRECTIONS, many=True),
            OpenApiParameter("type", OpenApiTypes.STR, many=True),
            OpenApiParameter("find", OpenApiTypes.STR),
            OpenApiParameter("page", OpenApiTypes.INT, default=1),
            OpenApiParameter("page_size", OpenApiTypes.INT, default=100),
        ],
        responses=EventPageSerializer,
    )
    def get(self, request: Request, session_id: str) -> Response:
        """The protocol events of a call, without sound. Read like its words, and logged like it."""
        query = EventQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        wanted = EventFilter(
            frozenset(asked.get("direction", ())),
            frozenset(asked.get("type", ())),
            asked.get("find", ""),
        )
        call = _readable(request, session_id)
        found = page_of(call, wanted, asked["page"], asked["page_size"])
        return Response(EventPageSerializer(found).data)


class CallEventsExportView(APIView):
    permission_classes = (MayReview, MayExport)

    @extend_schema(
        operation_id="export_review_call_events",
        parameters=[REASON_PARAMETER],
        responses={(200, JSON_LINES): OpenApiTypes.STR},
    )
    def get(self, request: Request, session_id: str) -> HttpResponse:
        """The whole log of a call as JSON lines."""
        call = _readable(request, session_id)
        audit.record(reviewer(request), "call.export", [call.public_id], format="events")
        return HttpResponse(
            b"".join(lines_of(call)),
            content_type=f"{JSON_LINES}; charset=utf-8",
            headers={
                "Content-Disposition": str(
                    content_disposition_header(True, f"{call.public_id}-events.jsonl")
                ),
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )


def _readable(request: Request, session_id: str) -> RealtimeSession:
    """The call, once the look is in the access log; one without its conversation has no words."""
    call = call_for_review(session_id)
    if call.conversation_id is not None:
        try:
            access_conversation_for_review(
                reviewer(request), call.conversation_id, access_reason(request)
            )
        except ConversationNotFound:
            raise Http404 from None
    return call
