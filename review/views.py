"""`/api/review/`: other people's conversations, for those who may read them."""

from __future__ import annotations

from urllib.parse import unquote

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from conversations.access import access_conversation_for_review
from conversations.export.download import FormatParameterDecides, export_response
from conversations.export.formats import EXPORT_FORMATS
from conversations.models import Conversation
from conversations.paging import ConversationPages
from conversations.queries import transcript_of
from conversations.views import requested_format
from realtime import sessions
from realtime.models import RealtimeSession
from review import audit
from review.permissions import MayEndSession, MayExport, MayReview
from review.queries import ReviewFilters, conversations_for_review, sessions_of
from review.serializers import (
    EndSessionSerializer,
    ReviewConversationSerializer,
    ReviewFilterSerializer,
    ReviewSessionSerializer,
    ReviewTranscriptSerializer,
)

REASON_HEADER = "X-Access-Reason"
REASON_PARAMETER = OpenApiParameter(
    REASON_HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Why you look; percent-encode what is not ASCII. Kept in the access log.",
)


def reviewer(request: Request) -> User:
    """The signed-in person; the permission classes let no other through."""
    assert isinstance(request.user, User)
    return request.user


def access_reason(request: Request) -> str:
    return unquote(request.headers.get(REASON_HEADER, ""), errors="replace")


class ReviewListView(GenericAPIView[Conversation]):
    permission_classes = (MayReview,)
    serializer_class = ReviewConversationSerializer
    pagination_class = ConversationPages

    def get_queryset(self) -> QuerySet[Conversation]:
        if getattr(self, "swagger_fake_view", False):
            return conversations_for_review(ReviewFilters()).none()
        filters = ReviewFilterSerializer(data=self.request.query_params)
        filters.is_valid(raise_exception=True)
        return conversations_for_review(filters.filters())

    @extend_schema(
        operation_id="list_review_conversations",
        parameters=[ReviewFilterSerializer],
        responses=ReviewConversationSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Everybody's conversations, the most recently used first. Listing is not logged."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class ReviewConversationView(APIView):
    permission_classes = (MayReview,)

    @extend_schema(
        operation_id="read_review_conversation",
        parameters=[REASON_PARAMETER],
        responses=ReviewTranscriptSerializer,
    )
    def get(self, request: Request, conversation_id: str) -> Response:
        """One conversation with all that was said. Somebody else's is written to the access log."""
        conversation = access_conversation_for_review(
            reviewer(request), conversation_id, access_reason(request)
        )
        transcript = transcript_of(conversation)
        body = {
            "id": conversation.pk,
            "title": conversation.title,
            "archived": conversation.archived_at is not None,
            "archived_at": conversation.archived_at,
            "seq": transcript.seq,
            "created_at": conversation.created_at,
            "updated_at": conversation.updated_at,
            "owner": conversation.owner,
            "items_count": len(transcript.items),
            "items": transcript.items,
            "sessions": sessions_of(conversation),
        }
        return Response(ReviewTranscriptSerializer(body).data)


class ReviewExportView(APIView):
    permission_classes = (MayReview, MayExport)
    content_negotiation_class = FormatParameterDecides

    @extend_schema(
        operation_id="export_review_conversation",
        parameters=[
            REASON_PARAMETER,
            OpenApiParameter("format", OpenApiTypes.STR, enum=list(EXPORT_FORMATS), default="md"),
        ],
        responses={
            (200, chosen.media_type): OpenApiTypes.STR for chosen in EXPORT_FORMATS.values()
        },
    )
    def get(self, request: Request, conversation_id: str) -> HttpResponse:
        """Somebody's conversation as a file; logged like reading it."""
        wished = requested_format(request)
        conversation = access_conversation_for_review(
            reviewer(request), conversation_id, access_reason(request)
        )
        audit.record(
            reviewer(request), "conversation.export", [str(conversation.pk)], format=wished
        )
        return export_response(conversation, wished)


class EndSessionView(APIView):
    permission_classes = (MayEndSession,)

    @extend_schema(
        operation_id="end_session",
        request=EndSessionSerializer,
        responses=ReviewSessionSerializer,
    )
    def post(self, request: Request, session_id: str) -> Response:
        """End a live session (close 4410). One that has ended already stays as it ended."""
        body = EndSessionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        if not RealtimeSession.objects.filter(public_id=session_id).exists():
            raise Http404
        reason = body.validated_data["reason"]
        if sessions.request_end(session_id, reviewer(request).pk, reason):
            audit.record(reviewer(request), "session.end", [session_id], reason=reason)
        session = RealtimeSession.objects.select_related("user", "ended_by").get(
            public_id=session_id
        )
        return Response(ReviewSessionSerializer(session).data)


class NothingHereView(APIView):
    """Any other address below `/api/review/`: 403 like all of it, and 404 only for reviewers."""

    permission_classes = (MayReview,)
    schema = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        raise Http404
