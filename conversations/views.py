"""`/api/conversations/`: one's own history."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations import actions
from conversations.access import access_conversation
from conversations.export.download import FormatParameterDecides, export_response
from conversations.export.formats import EXPORT_FORMATS
from conversations.models import Conversation
from conversations.paging import ConversationPages
from conversations.queries import conversations_of, matching, transcript_of
from conversations.serializers import (
    ConversationChangeSerializer,
    ConversationCreateSerializer,
    ConversationFilterSerializer,
    ConversationSerializer,
    TranscriptFilterSerializer,
    TranscriptSerializer,
)


def caller(request: Request) -> AbstractUser:
    """The signed-in person; every view here requires one."""
    assert isinstance(request.user, AbstractUser)
    return request.user


class ConversationListView(GenericAPIView[Conversation]):
    serializer_class = ConversationSerializer
    pagination_class = ConversationPages

    def get_queryset(self) -> QuerySet[Conversation]:
        if getattr(self, "swagger_fake_view", False):
            return Conversation.objects.none()
        filters = ConversationFilterSerializer(data=self.request.query_params)
        filters.is_valid(raise_exception=True)
        mine = conversations_of(caller(self.request), archived=filters.validated_data["archived"])
        return matching(mine, filters.validated_data["search"])

    @extend_schema(
        operation_id="list_conversations",
        parameters=[ConversationFilterSerializer],
        responses=ConversationSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """My conversations, the most recently used first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        operation_id="create_conversation",
        request=ConversationCreateSerializer,
        responses={201: ConversationSerializer},
    )
    def post(self, request: Request) -> Response:
        """Start an empty conversation."""
        wished = ConversationCreateSerializer(data=request.data)
        wished.is_valid(raise_exception=True)
        conversation = actions.create_conversation(
            caller(request), title=wished.validated_data["title"]
        )
        return Response(ConversationSerializer(conversation).data, status=status.HTTP_201_CREATED)


class ConversationView(APIView):
    @extend_schema(operation_id="read_conversation", responses=ConversationSerializer)
    def get(self, request: Request, conversation_id: str) -> Response:
        """One of my conversations, without its items."""
        conversation = access_conversation(caller(request), conversation_id)
        return Response(ConversationSerializer(conversation).data)

    @extend_schema(
        operation_id="change_conversation",
        request=ConversationChangeSerializer,
        responses=ConversationSerializer,
    )
    def patch(self, request: Request, conversation_id: str) -> Response:
        """Rename it, archive it, keep it from reviewers; each can be taken back."""
        conversation = access_conversation(caller(request), conversation_id)
        changes = ConversationChangeSerializer(data=request.data)
        changes.is_valid(raise_exception=True)
        if "title" in changes.validated_data:
            conversation = actions.rename_conversation(
                conversation, changes.validated_data["title"]
            )
        if "archived" in changes.validated_data:
            conversation = actions.archive_conversation(
                conversation, changes.validated_data["archived"]
            )
        if "private" in changes.validated_data:
            conversation = actions.make_private(conversation, changes.validated_data["private"])
        return Response(ConversationSerializer(conversation).data)

    @extend_schema(operation_id="delete_conversation", responses={204: None})
    def delete(self, request: Request, conversation_id: str) -> Response:
        """Delete it with everything that was said in it, for good."""
        actions.delete_conversation(access_conversation(caller(request), conversation_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ItemListView(APIView):
    @extend_schema(
        operation_id="list_items",
        parameters=[TranscriptFilterSerializer],
        responses=TranscriptSerializer,
    )
    def get(self, request: Request, conversation_id: str) -> Response:
        """Everything that was said in it, in order, and the `seq` this is a snapshot of; or what
        has changed since an earlier one."""
        conversation = access_conversation(caller(request), conversation_id)
        wished = TranscriptFilterSerializer(data=request.query_params)
        wished.is_valid(raise_exception=True)
        transcript = transcript_of(conversation, wished.validated_data["since"])
        return Response(TranscriptSerializer(transcript).data)


class ExportView(APIView):
    content_negotiation_class = FormatParameterDecides

    @extend_schema(
        operation_id="export_conversation",
        parameters=[
            OpenApiParameter("format", OpenApiTypes.STR, enum=list(EXPORT_FORMATS), default="md")
        ],
        responses={
            (200, chosen.media_type): OpenApiTypes.STR for chosen in EXPORT_FORMATS.values()
        },
    )
    def get(self, request: Request, conversation_id: str) -> HttpResponse:
        """The conversation as a file."""
        conversation = access_conversation(caller(request), conversation_id)
        return export_response(conversation, requested_format(request))


def requested_format(request: Request) -> str:
    """The `?format=` of an export, Markdown without one. Raises ValidationError (400)."""
    wished = request.query_params.get("format", "md")
    if wished not in EXPORT_FORMATS:
        raise ValidationError({"format": [f"It must be one of {', '.join(EXPORT_FORMATS)}."]})
    return wished
