"""`/api/review/live/`: what the feed `/ws/review/live` shows, for who cannot hold a socket."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from review.live.calls import activities_here, live_floor, with_activities
from review.live.lines import open_live_call
from review.live.serializers import LiveFloorSerializer, OpenedCallSerializer
from review.permissions import MayReview
from review.views import REASON_PARAMETER, access_reason, reviewer


class LiveFloorView(APIView):
    permission_classes = (MayReview,)

    @extend_schema(operation_id="list_live_calls", responses=LiveFloorSerializer)
    def get(self, request: Request) -> Response:
        """The calls that run now, the newest first, without words. Listing is not logged."""
        floor = with_activities(live_floor(), activities_here())
        return Response(LiveFloorSerializer(floor).data)


class LiveCallView(APIView):
    permission_classes = (MayReview,)

    @extend_schema(
        operation_id="read_live_call",
        parameters=[REASON_PARAMETER],
        responses=OpenedCallSerializer,
    )
    def get(self, request: Request, session_id: str) -> Response:
        """The last 200 lines of one call. Somebody else's is written to the access log."""
        opened = open_live_call(reviewer(request), session_id, access_reason(request))
        return Response(OpenedCallSerializer(opened).data)
