"""Commands by plain HTTP (contract §4, Headless): start, say, stop."""

from __future__ import annotations

import contextlib
from typing import Any

from asgiref.sync import async_to_sync
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from realtime import sessions
from realtime.callers import caller, sign_in_id
from realtime.core.audio import pcm16_duration_ms
from realtime.core.effects import EndReason
from realtime.headless.addresses import stream_urls
from realtime.headless.bodies import AnyAccept, audio_of
from realtime.headless.errors import SessionOver, SessionUnreachable
from realtime.headless.own_sessions import own_session, with_session
from realtime.headless.serializers import (
    AcceptedSerializer,
    Base64AudioSerializer,
    StartedSerializer,
    StartSerializer,
    StoppedSerializer,
    TextSerializer,
)
from realtime.headless.starting import start
from realtime.models import RealtimeSession, SessionState
from realtime.policies import policy_for

AUDIO_BODY = {
    "audio/wav": OpenApiTypes.BINARY,
    "audio/pcm;rate=24000": OpenApiTypes.BINARY,
    "audio/flac": OpenApiTypes.BINARY,
    "audio/mpeg": OpenApiTypes.BINARY,
    "audio/ogg": OpenApiTypes.BINARY,
    "audio/webm": OpenApiTypes.BINARY,
    "application/json": Base64AudioSerializer,
}


class StartView(APIView):
    """`POST /api/voice/sessions/`; the list of the same address is another view's."""

    @extend_schema(request=StartSerializer, responses={201: StartedSerializer})
    def post(self, request: Request) -> Response:
        """Start a session that lives on the server and is talked to by HTTP."""
        policy = policy_for(caller(request))
        wish = StartSerializer(data=request.data, context={"policy": policy})
        wish.is_valid(raise_exception=True)
        live, minted = async_to_sync(start)(
            caller(request), wish.mint_request(), sign_in_id(request)
        )
        session = minted.session
        return Response(
            {
                "session_id": live.public_id,
                "conversation_id": str(session.conversation_id),
                "model": session.model,
                "voice": session.voice,
                **stream_urls(request, live.public_id),
            },
            status=status.HTTP_201_CREATED,
            headers={"Cache-Control": "no-store"},
        )


class TextView(APIView):
    """Something typed; the assistant answers it."""

    @extend_schema(request=TextSerializer, responses={202: AcceptedSerializer})
    def post(self, request: Request, public_id: str) -> Response:
        """Add a message of the user and ask for a response."""
        session = own_session(request, public_id)
        body = TextSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        text = body.checked_text()
        with_session(session, lambda live: live.text(text))
        return _accepted(session)


class AudioView(APIView):
    """Something said, as a recording in any usual format."""

    content_negotiation_class = AnyAccept

    @extend_schema(request=AUDIO_BODY, responses={202: AcceptedSerializer})
    def post(self, request: Request, public_id: str) -> Response:
        """Append audio to the input; `commit` ends the turn."""
        session = own_session(request, public_id)
        pcm = audio_of(request)
        with_session(session, lambda live: live.audio(pcm))
        return _accepted(session, audio_ms=pcm16_duration_ms(len(pcm)))


class CommitView(APIView):
    """The end of a spoken turn."""

    @extend_schema(request=None, responses={202: AcceptedSerializer})
    def post(self, request: Request, public_id: str) -> Response:
        """Commit the audio and ask for a response."""
        session = own_session(request, public_id)
        with_session(session, lambda live: live.commit())
        return _accepted(session)


class StopView(APIView):
    """The end of the session."""

    @extend_schema(request=None, responses={200: StoppedSerializer})
    def post(self, request: Request, public_id: str) -> Response:
        """End the session; repeating it is fine. Returns when everything is written."""
        session = own_session(request, public_id)
        if session.state != SessionState.ENDED:
            _stop(session)
            session.refresh_from_db()
        return Response(
            {
                "session_id": session.public_id,
                "conversation_id": session.conversation_id and str(session.conversation_id),
                "state": session.state,
                "end_reason": session.end_reason,
            }
        )


def _stop(session: RealtimeSession) -> None:
    try:
        with contextlib.suppress(SessionOver):
            with_session(session, lambda live: live.stop())
    except SessionUnreachable:
        # Its process reads what is asked of it from the database as well, within a second.
        sessions.request_end(session.public_id, None, why=EndReason.USER_HANGUP)


def _accepted(session: RealtimeSession, **more: Any) -> Response:
    body = {"session_id": session.public_id, "status": "accepted", **more}
    return Response(body, status=status.HTTP_202_ACCEPTED)
