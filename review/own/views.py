"""`/api/me/`: what people see and decide about their own data."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations import actions
from conversations.errors import ConversationNotFound
from conversations.models import AccessLogEntry, Conversation
from conversations.paging import ConversationPages
from review import audit
from review.exports.streaming import streamed
from review.own.archive import archive_of
from review.own.serializers import DeletedSerializer, OwnAccessSerializer
from review.views import reviewer as caller


class OwnAccessLogView(GenericAPIView[AccessLogEntry]):
    serializer_class = OwnAccessSerializer
    pagination_class = ConversationPages

    def get_queryset(self) -> QuerySet[AccessLogEntry]:
        if getattr(self, "swagger_fake_view", False):
            return AccessLogEntry.objects.none()
        return AccessLogEntry.objects.filter(owner=caller(self.request)).order_by(
            "-visited_at", "-pk"
        )

    @extend_schema(operation_id="list_own_access_log", responses=OwnAccessSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Who has read my conversations, when and why, the newest first."""
        page = self.paginate_queryset(self.get_queryset()) or []
        ids = [entry.conversation_id for entry in page]
        mine = Conversation.objects.filter(pk__in=ids, owner=caller(request))
        context = {"titles": dict(mine.values_list("pk", "title"))}
        return self.get_paginated_response(
            OwnAccessSerializer(page, many=True, context=context).data
        )


class OwnArchiveView(APIView):
    @extend_schema(
        operation_id="export_own_data", responses={(200, "application/json"): OpenApiTypes.STR}
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Everything that is kept about me, as one JSON file."""
        person = caller(request)
        return streamed(request, archive_of(person), "application/json", "voiceassist-data.json")


class OwnConversationsView(APIView):
    @extend_schema(operation_id="delete_own_conversations", responses={200: DeletedSerializer})
    def delete(self, request: Request) -> Response:
        """Delete all my conversations with everything that was said in them, for good."""
        person = caller(request)
        mine = list(Conversation.objects.filter(owner=person))
        deleted = 0
        for conversation in mine:
            try:
                actions.delete_conversation(conversation)
            except ConversationNotFound:
                continue  # in another tab, just now
            deleted += 1
        audit.record(person, "own.delete", [str(one.pk) for one in mine])
        return Response(DeletedSerializer({"conversations": deleted}).data)
