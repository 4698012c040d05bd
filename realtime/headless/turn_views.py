"""`POST /api/voice/turns`: one recording in, one answer out."""

from __future__ import annotations

from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from realtime.callers import caller, sign_in_id
from realtime.core.audio import wav_header
from realtime.headless.bodies import AnyAccept, audio_of
from realtime.headless.serializers import TurnSerializer, TurnWishSerializer
from realtime.headless.turns import Turn, take_turn
from realtime.headless.views import AUDIO_BODY
from realtime.policies import policy_for

WAV_TYPES = ("audio/wav", "audio/x-wav", "audio/wave", "audio/*")


class TurnView(APIView):
    """A question and its answer, in a session of their own."""

    content_negotiation_class = AnyAccept

    @extend_schema(
        parameters=[TurnWishSerializer],
        request=AUDIO_BODY,
        responses={200: TurnSerializer, (200, "audio/wav"): OpenApiTypes.BINARY},
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Say a recording; with `Accept: audio/wav` the spoken answer comes back, else JSON."""
        query = TurnWishSerializer.fields_of(request.query_params)
        wish = TurnWishSerializer(data=query, context={"policy": policy_for(caller(request))})
        wish.is_valid(raise_exception=True)
        pcm = audio_of(request)
        turn = async_to_sync(take_turn)(
            caller(request), wish.mint_request(), sign_in_id(request), pcm
        )
        return _wav(turn) if _wants_wav(request) else Response(_described(turn))


def _wants_wav(request: Request) -> bool:
    accepted = request.headers.get("Accept", "").lower().split(",")
    return any(part.partition(";")[0].strip() in WAV_TYPES for part in accepted)


def _wav(turn: Turn) -> HttpResponse:
    response = HttpResponse(wav_header(len(turn.pcm)) + turn.pcm, content_type="audio/wav")
    response.headers["X-Session-Id"] = turn.session_id
    response.headers["X-Conversation-Id"] = str(turn.conversation_id)
    return response


def _described(turn: Turn) -> dict[str, object]:
    return {
        "session_id": turn.session_id,
        "conversation_id": turn.conversation_id,
        "transcript": turn.transcript,
        "text": turn.text,
        "item_id": turn.item_id,
        "audio_ms": turn.audio_ms,
        "status": turn.status,
    }
