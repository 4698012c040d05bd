"""REST of sessions for our own pages and programs (contract §4, §8)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.kept_rows import one_moment
from realtime.availability import voice_status, webrtc_offer
from realtime.callers import caller, is_program, sign_in_id
from realtime.ice_servers import ice_servers
from realtime.mint import mint
from realtime.models import RealtimeSession
from realtime.pages import SessionPages
from realtime.policies import policy_for
from realtime.serializers import (
    MintedSerializer,
    MintSerializer,
    SessionSerializer,
    StatusSerializer,
)
from realtime.voice_config import flat_config
from realtime.voice_settings import voice_in_effect

LIMIT_NAMES = (
    "LIMIT_SESSIONS_PER_USER",
    "LIMIT_SESSION_SEC",
    "LIMIT_IDLE_SEC",
    "LIMIT_RESUME_SEC",
    "LIMIT_RESPONSES_PER_SESSION",
    "LIMIT_DAY_SEC",
    "LIMIT_MONTH_USD",
    "LIMIT_EVENTS_PER_SEC",
    "LIMIT_AUDIO_BYTES_PER_SEC",
    "LIMIT_FRAME_BYTES",
    "LIMIT_INSTRUCTIONS_BYTES",
    "LIMIT_TOOLS",
    "LIMIT_AUDIO_BODY_BYTES",
    "LIMIT_AUDIO_SEC",
    "LIMIT_SIGNIN_USER_PER_MIN",
    "LIMIT_SIGNIN_ADDRESS_PER_MIN",
    "LIMIT_MINT_PER_MIN",
)


class MintView(APIView):
    """Create a voice session and the client secret that opens it."""

    @extend_schema(request=MintSerializer, responses={200: MintedSerializer})
    @one_moment()
    def post(self, request: Request) -> Response:
        policy = policy_for(caller(request))
        wish = MintSerializer(data=request.data, context={"policy": policy})
        wish.is_valid(raise_exception=True)
        minted = mint(
            caller(request),
            wish.mint_request(),
            sign_in_id(request),
            is_api_client=is_program(request),
        )
        session = minted.session
        return Response(
            {
                "url": socket_url(request),
                "model": session.model,
                "api_key": minted.secret.value,
                "session_id": session.public_id,
                "expires_at": minted.secret.expires_at_s,
                "conversation_id": str(session.conversation_id),
                "voice_config": flat_config(session.config),
                **call_addresses(request, session),
            },
            headers={"Cache-Control": "no-store"},
        )


class StatusView(APIView):
    """Whether voice is on, and if not, why."""

    permission_classes = (AllowAny,)

    @extend_schema(responses={200: StatusSerializer})
    def get(self, request: Request) -> Response:
        status = voice_status()
        body: dict[str, Any] = {
            "enabled": status.enabled,
            "provider": status.provider,
            "model": status.model,
            "webrtc": asdict(webrtc_offer()),
        }
        if status.reason is not None:  # while enabled a warning: the model will be retired
            body["reason"] = status.reason
        if status.code is not None:
            body["code"] = status.code
        return Response(body)


class SessionListView(generics.ListAPIView[RealtimeSession]):
    """The caller's own sessions, newest first."""

    serializer_class = SessionSerializer
    pagination_class = SessionPages

    def get_queryset(self) -> QuerySet[RealtimeSession]:
        return own_sessions(self.request)


class SessionView(generics.RetrieveAPIView[RealtimeSession]):
    """One of the caller's own sessions; anybody else's is 404."""

    serializer_class = SessionSerializer
    lookup_field = "public_id"

    def get_queryset(self) -> QuerySet[RealtimeSession]:
        return own_sessions(self.request)


class LimitsView(APIView):
    """The limits of this server (contract §8)."""

    permission_classes = (AllowAny,)

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request) -> Response:
        voice = voice_in_effect()
        limits = {
            name.removeprefix("LIMIT_").lower(): getattr(settings, name) for name in LIMIT_NAMES
        }
        return Response({**limits, "session_sec": voice.session_s, "idle_sec": voice.idle_s})


def own_sessions(request: Request) -> QuerySet[RealtimeSession]:
    return RealtimeSession.objects.filter(user=caller(request)).order_by("-created_at", "-pk")


def call_addresses(request: Request, session: RealtimeSession) -> dict[str, Any]:
    """What a page needs besides for a WebRTC call; nothing for another transport."""
    if session.transport != "webrtc":
        return {}
    scheme, netloc, path, _, _ = urlsplit(socket_url(request))
    scheme = "https" if scheme == "wss" else "http"
    return {
        "calls_url": urlunsplit((scheme, netloc, f"{path}/calls", "", "")),
        "ice_servers": ice_servers(session.user_id),
    }


def socket_url(request: Request) -> str:
    """This server's own `/v1/realtime`, as the caller reached us or as PUBLIC_URL says."""
    base = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    parts = urlsplit(base)
    scheme = "wss" if parts.scheme == "https" else "ws"
    return urlunsplit((scheme, parts.netloc, f"{parts.path}/v1/realtime", "", ""))
