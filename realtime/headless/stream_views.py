"""Listening by plain HTTP (contract §4, Headless): events, captions, sound."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import BearerAuthentication
from realtime.core.audio import wav_header
from realtime.headless import schema  # noqa: F401  (registers itself)
from realtime.headless.answers import Sound
from realtime.headless.bodies import AnyAccept
from realtime.headless.errors import SessionOver
from realtime.headless.event_log import Batch
from realtime.headless.own_sessions import own_session, with_session
from realtime.headless.ports import HeadlessPort
from realtime.headless.stream_tokens import (
    PARAMETER,
    StreamTokenAuthentication,
    ticket_of,
)
from realtime.headless.streaming import stream
from realtime.headless.streams import event_stream, sound_stream

TOKEN = OpenApiParameter(
    PARAMETER, str, description="The stream token of `events_url` and its like."
)
LAST_EVENT_ID = OpenApiParameter(
    "Last-Event-ID",
    str,
    OpenApiParameter.HEADER,
    description="Go on behind the event with this `id`; without it, with all that is kept (60 s).",
)
ITEM_ID = OpenApiParameter("item_id", str, description="This answer alone, from its beginning.")
EVENT_STREAM = {(200, "text/event-stream"): OpenApiTypes.STR}


class StreamView(APIView):
    """A stream token, or whatever signs in elsewhere."""

    authentication_classes = (StreamTokenAuthentication, BearerAuthentication)
    content_negotiation_class = AnyAccept
    captions = False

    def listen(self, request: Request, public_id: str) -> HttpResponseBase:
        """Server-sent events, or 204 where nothing will ever follow: it tells an `EventSource` to
        stop coming back."""
        session = own_session(request, public_id)
        after, ticket = last_event_id(request), ticket_of(request)

        async def open_stream(live: HeadlessPort) -> tuple[HeadlessPort, Batch]:
            return live, await live.read_events(
                after, captions=self.captions, wait_s=0.0, ticket=ticket
            )

        try:
            live, first = with_session(session, open_stream, or_just_ended=True)
        except SessionOver:
            return Response(status=204)
        if first.over and not first.events:
            return Response(status=204)
        content = event_stream(live, first, captions=self.captions, ticket=ticket)
        return stream(request, content, "text/event-stream")


class EventsView(StreamView):
    """Everything the session says but the sound."""

    @extend_schema(parameters=[TOKEN, LAST_EVENT_ID], responses=EVENT_STREAM)
    def get(self, request: Request, public_id: str) -> HttpResponseBase:
        """The server events as server-sent events, from the earliest that is kept."""
        return self.listen(request, public_id)


class TranscriptView(StreamView):
    """What is spoken, as captions."""

    captions = True

    @extend_schema(parameters=[TOKEN, LAST_EVENT_ID], responses=EVENT_STREAM)
    def get(self, request: Request, public_id: str) -> HttpResponseBase:
        """`event: transcript` with `{item_id, role, delta|text, final}`."""
        return self.listen(request, public_id)


class SoundView(StreamView):
    """The assistant's voice."""

    @extend_schema(parameters=[TOKEN, ITEM_ID], responses={(200, "audio/wav"): OpenApiTypes.BINARY})
    def get(self, request: Request, public_id: str) -> HttpResponseBase:
        """24 kHz mono PCM16 WAV: the answer in progress or the next, and those that follow."""
        session = own_session(request, public_id)
        item_id, ticket = request.query_params.get("item_id", ""), ticket_of(request)

        async def open_stream(live: HeadlessPort) -> tuple[HeadlessPort, Sound]:
            return live, await live.read_sound(None, item_id=item_id, wait_s=0.0, ticket=ticket)

        live, first = with_session(session, open_stream, or_just_ended=True)
        if first.over and not first.pcm:
            raise SessionOver("This session has ended: nothing will be heard.")
        content = sound_stream(live, first, item_id=item_id, ticket=ticket)
        byte_count = first.byte_count
        length = len(wav_header(0)) + byte_count if item_id and byte_count is not None else None
        return stream(request, content, "audio/wav", length)


def last_event_id(request: Request) -> int | None:
    """The `id` after which to go on; None where there is none, or none of ours."""
    given = request.headers.get("Last-Event-ID", "").strip()
    return int(given) if given.isascii() and given.isdigit() and len(given) < 16 else None
