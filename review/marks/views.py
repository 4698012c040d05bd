"""Tags, reviews, comments and saved views under `/api/review/`."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations.access import DELETE_CONVERSATION
from conversations.models import Item
from realtime.models import RealtimeSession
from review import audit
from review.calls.filters import CallFilterSerializer
from review.calls.one_call import call_for_review
from review.calls.queries import filtered_calls, reviewable_calls
from review.calls.serializers import TagSerializer
from review.marks import actions
from review.marks.serializers import (
    BulkResultSerializer,
    BulkSerializer,
    ChosenTagSerializer,
    CommentSerializer,
    ReviewSerializer,
    SavedViewSerializer,
)
from review.models import LineComment, SavedView, Tag
from review.permissions import MayReview
from review.views import reviewer


class ReviewStatusView(APIView):
    permission_classes = (MayReview,)

    @extend_schema(
        operation_id="change_call_review", request=ReviewSerializer, responses=ReviewSerializer
    )
    def patch(self, request: Request, session_id: str) -> Response:
        """Set status, rating or note; what is absent stays."""
        session = call_for_review(session_id)
        changes = ReviewSerializer(data=request.data, partial=True)
        changes.is_valid(raise_exception=True)
        review = actions.change_review(reviewer(request), session, changes.validated_data)
        return Response(ReviewSerializer(review).data)


class CallTagsView(APIView):
    permission_classes = (MayReview,)

    @extend_schema(
        operation_id="tag_call", request=ChosenTagSerializer, responses=TagSerializer(many=True)
    )
    def post(self, request: Request, session_id: str) -> Response:
        """Put a tag on the call; answers with all that it has."""
        session = call_for_review(session_id)
        wished = ChosenTagSerializer(data=request.data)
        wished.is_valid(raise_exception=True)
        actions.put_tag(reviewer(request), [session], wished.validated_data["tag"])
        tags = Tag.objects.filter(uses__session=session)
        return Response(TagSerializer(tags, many=True).data)


class CallTagView(APIView):
    permission_classes = (MayReview,)

    @extend_schema(operation_id="untag_call", responses={204: None})
    def delete(self, request: Request, session_id: str, tag_id: int) -> Response:
        """Take the tag off the call."""
        session = call_for_review(session_id)
        tag = Tag.objects.filter(pk=tag_id).first()
        if tag is None:
            raise Http404
        actions.take_tag(reviewer(request), [session], tag)
        return Response(status=status.HTTP_204_NO_CONTENT)


class CommentsView(APIView):
    permission_classes = (MayReview,)

    @extend_schema(
        operation_id="comment_on_line",
        request=CommentSerializer,
        responses={201: CommentSerializer},
    )
    def post(self, request: Request, session_id: str) -> Response:
        """Remark on one line of the call."""
        session = call_for_review(session_id)
        wished = CommentSerializer(data=request.data)
        wished.is_valid(raise_exception=True)
        item_id = wished.validated_data["item_id"]
        if not Item.objects.filter(session_id=session_id, item_id=item_id).exists():
            raise ValidationError({"item_id": ["There is no such line in this call."]})
        written = actions.comment(
            reviewer(request), session, item_id, wished.validated_data["text"]
        )
        return Response(CommentSerializer(written).data, status=status.HTTP_201_CREATED)


class CommentView(APIView):
    permission_classes = (MayReview,)

    @extend_schema(operation_id="delete_comment", responses={204: None})
    def delete(self, request: Request, comment_id: int) -> Response:
        """Take back a remark of one's own."""
        mine = LineComment.objects.filter(pk=comment_id, author=reviewer(request))
        if not mine.delete()[0]:
            raise Http404
        return Response(status=status.HTTP_204_NO_CONTENT)


class TagListView(APIView):
    permission_classes = (MayReview,)

    @extend_schema(operation_id="list_tags", responses=TagSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Every tag."""
        return Response(TagSerializer(Tag.objects.all(), many=True).data)

    @extend_schema(operation_id="create_tag", request=TagSerializer, responses={201: TagSerializer})
    def post(self, request: Request) -> Response:
        """A new tag: a word and its colour."""
        wished = TagSerializer(data=request.data)
        wished.is_valid(raise_exception=True)
        try:
            with transaction.atomic():
                tag = wished.save()
                audit.record(reviewer(request), "tag.create", [str(tag.pk)], tag=tag.name)
        except IntegrityError:
            raise ValidationError({"name": ["There is a tag of this name."]}) from None
        return Response(wished.data, status=status.HTTP_201_CREATED)


class SavedViewListView(APIView):
    permission_classes = (MayReview,)

    @extend_schema(operation_id="list_saved_views", responses=SavedViewSerializer(many=True))
    def get(self, request: Request) -> Response:
        """One's own views, and those that others share."""
        seen = SavedView.objects.filter(Q(owner=reviewer(request)) | Q(is_shared=True))
        context = {"request": request}
        views = seen.select_related("owner")
        return Response(SavedViewSerializer(views, many=True, context=context).data)

    @extend_schema(
        operation_id="create_saved_view",
        request=SavedViewSerializer,
        responses={201: SavedViewSerializer},
    )
    def post(self, request: Request) -> Response:
        """Keep a filter under a name."""
        wished = SavedViewSerializer(data=request.data, context={"request": request})
        wished.is_valid(raise_exception=True)
        with transaction.atomic():
            view = wished.save(owner=reviewer(request))
            audit.record(reviewer(request), "view.create", [str(view.pk)], shared=view.is_shared)
        return Response(wished.data, status=status.HTTP_201_CREATED)


class SavedViewView(APIView):
    permission_classes = (MayReview,)

    def _mine(self, request: Request, view_id: int) -> SavedView:
        view = SavedView.objects.filter(pk=view_id, owner=reviewer(request)).first()
        if view is None:
            raise Http404
        return view

    @extend_schema(
        operation_id="change_saved_view",
        request=SavedViewSerializer,
        responses=SavedViewSerializer,
    )
    def patch(self, request: Request, view_id: int) -> Response:
        """Rename, share or change a view of one's own."""
        changes = SavedViewSerializer(
            self._mine(request, view_id),
            data=request.data,
            partial=True,
            context={"request": request},
        )
        changes.is_valid(raise_exception=True)
        with transaction.atomic():
            view = changes.save()
            audit.record(reviewer(request), "view.change", [str(view.pk)], shared=view.is_shared)
        return Response(changes.data)

    @extend_schema(operation_id="delete_saved_view", responses={204: None})
    def delete(self, request: Request, view_id: int) -> Response:
        """Delete a view of one's own."""
        view = self._mine(request, view_id)
        with transaction.atomic():
            audit.record(reviewer(request), "view.delete", [str(view.pk)])
            view.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class BulkView(APIView):
    permission_classes = (MayReview,)

    @extend_schema(
        operation_id="change_many_calls", request=BulkSerializer, responses=BulkResultSerializer
    )
    def post(self, request: Request) -> Response:
        """Tag, untag, set the status of, or delete the words of many calls."""
        wished = BulkSerializer(data=request.data)
        wished.is_valid(raise_exception=True)
        wish, actor = wished.validated_data, reviewer(request)
        if wish["action"] == "delete" and not actor.has_perm(DELETE_CONVERSATION):
            raise PermissionDenied
        calls = _chosen(wish)
        match wish["action"]:
            case "tag":
                result = actions.put_tag(actor, calls, wish["tag"])
            case "untag":
                result = actions.take_tag(actor, calls, wish["tag"])
            case "set_status":
                result = actions.set_status(actor, calls, wish["status"])
            case _:
                if wish["confirm"].strip().lower() != f"delete {len(calls)}":
                    raise ValidationError({"confirm": [f"Type `delete {len(calls)}`."]})
                result = actions.delete_words(actor, calls)
        return Response(BulkResultSerializer(result).data)


def _chosen(wish: dict[str, Any]) -> list[RealtimeSession]:
    if "session_ids" in wish:
        return list(reviewable_calls().filter(public_id__in=wish["session_ids"]))
    filters = CallFilterSerializer(data=wish["filter"])
    filters.is_valid(raise_exception=True)
    return list(filtered_calls(filters.filters()))
