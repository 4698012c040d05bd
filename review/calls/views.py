"""`/api/review/calls/`: every call of everybody, one row each."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import Group
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from realtime.core.effects import EndReason
from realtime.models import RealtimeSession
from review.calls.filters import CallFilters, CallFilterSerializer
from review.calls.neighbours import neighbours_of
from review.calls.one_call import open_call
from review.calls.one_call_serializers import OneCallSerializer
from review.calls.queries import filtered_calls, reviewable_calls
from review.calls.rows import rows_of
from review.calls.serializers import (
    CallChoicesSerializer,
    CallSerializer,
    CallSummarySerializer,
    NeighboursSerializer,
)
from review.calls.summary import summary_of
from review.models import CallReview, Tag
from review.permissions import MayReview
from review.views import REASON_PARAMETER, access_reason, reviewer


class CallPages(PageNumberPagination):
    """`?page=` from 1, `?page_size=` up to 100."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 100


def filters_of(request: Request) -> CallFilters:
    """The filter in the query parameters. Raises ValidationError (400) for a wrong one."""
    parameters = CallFilterSerializer(data=request.query_params)
    parameters.is_valid(raise_exception=True)
    return parameters.filters()


class CallListView(GenericAPIView[RealtimeSession]):
    permission_classes = (MayReview,)
    pagination_class = CallPages
    queryset = RealtimeSession.objects.none()

    @extend_schema(
        operation_id="list_review_calls",
        parameters=[CallFilterSerializer],
        responses=CallSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Every call that ever was live, by default the newest first. Listing is not logged."""
        filters = filters_of(request)
        calls = filtered_calls(filters).select_related("user", "conversation", "review__reviewer")
        page: list[RealtimeSession] = self.paginate_queryset(calls) or []
        return self.get_paginated_response(CallSerializer(rows_of(page, filters), many=True).data)


class CallSummaryView(APIView):
    permission_classes = (MayReview,)

    @extend_schema(
        operation_id="summarize_review_calls",
        parameters=[CallFilterSerializer],
        responses=CallSummarySerializer,
    )
    def get(self, request: Request) -> Response:
        """The numbers of all calls that the filter lets through."""
        return Response(CallSummarySerializer(summary_of(filtered_calls(filters_of(request)))).data)


class CallChoicesView(APIView):
    permission_classes = (MayReview,)

    @extend_schema(operation_id="list_review_call_choices", responses=CallChoicesSerializer)
    def get(self, request: Request) -> Response:
        """What occurs in the calls and can be filtered by."""
        calls = reviewable_calls().order_by()
        reviewers = (
            CallReview.objects.order_by().values_list("reviewer__username", flat=True).distinct()
        )
        choices = {
            "models": _sorted(calls.values_list("model", flat=True).distinct()),
            "transports": _sorted(calls.values_list("transport", flat=True).distinct()),
            "languages": _sorted(calls.values_list("language", flat=True).distinct()),
            "end_reasons": [reason.value for reason in EndReason],
            "groups": _sorted(Group.objects.order_by().values_list("name", flat=True)),
            "reviewers": _sorted(reviewers),
            "tags": Tag.objects.all(),
        }
        return Response(CallChoicesSerializer(choices).data)


class CallView(APIView):
    permission_classes = (MayReview,)

    @extend_schema(
        operation_id="read_review_call",
        parameters=[REASON_PARAMETER],
        responses=OneCallSerializer,
    )
    def get(self, request: Request, session_id: str) -> Response:
        """One call with all that is kept of it. Somebody else's is written to the access log."""
        call = open_call(reviewer(request), session_id, access_reason(request))
        return Response(OneCallSerializer(call).data)


class CallNeighboursView(APIView):
    permission_classes = (MayReview,)

    @extend_schema(
        operation_id="read_review_call_neighbours",
        parameters=[CallFilterSerializer],
        responses=NeighboursSerializer,
    )
    def get(self, request: Request, session_id: str) -> Response:
        """The previous and the next call within the filter, in its order."""
        return Response(NeighboursSerializer(neighbours_of(session_id, filters_of(request))).data)


def _sorted(values: Iterable[str | None]) -> list[str]:
    return sorted({value for value in values if value})
