"""The beta's REST addresses: a flat session in, the same back with its secret (protocol §1.8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from realtime.callers import caller, sign_in_id
from realtime.core.dialect import in_flat_words
from realtime.core.errors import InvalidEvent
from realtime.core.flat_session import check_flat, flat_session_to_ga, ga_session_to_flat
from realtime.core.session_kind import SessionKind
from realtime.effective_session import effective_session
from realtime.mint import Minted, mint_ga
from realtime.policies import policy_for
from realtime.session_requests import body_of, check_known, life_s, session_config

LISTENING_FIELDS = frozenset(
    {
        "client_secret",
        "include",
        "input_audio_format",
        "input_audio_noise_reduction",
        "input_audio_transcription",
        "modalities",
        "turn_detection",
    }
)
FIELDS = LISTENING_FIELDS | {
    "instructions",
    "max_response_output_tokens",
    "model",
    "output_audio_format",
    "prompt",
    "speed",
    "temperature",
    "tool_choice",
    "tools",
    "tracing",
    "truncation",
    "voice",
}
TEMPERATURE = 0.8  # the beta's default; GA has none


class BetaSessionsView(APIView):
    """`POST /v1/realtime/sessions`: a conversation."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        body = body_of(request.data)
        check_known(body, FIELDS)
        minted = _mint(request, body, SessionKind.REALTIME)
        temperature = body.get("temperature")
        shown = {"temperature": TEMPERATURE if temperature is None else temperature}
        return _answer(minted, shown)


class BetaTranscriptionSessionsView(APIView):
    """`POST /v1/realtime/transcription_sessions`: a session that only listens."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        body = body_of(request.data)
        check_known(body, LISTENING_FIELDS)
        return _answer(_mint(request, body, SessionKind.TRANSCRIPTION), {})


def _mint(request: Request, body: Mapping[str, Any], kind: SessionKind) -> Minted:
    life = _life_s(body.get("client_secret"))
    try:
        check_flat(body, "session")
        config = session_config(flat_session_to_ga(body, kind), policy_for(caller(request)))
    except InvalidEvent as error:
        raise _as_asked(error) from None
    return mint_ga(caller(request), config, life, sign_in_id(request))


def _answer(minted: Minted, shown: Mapping[str, Any]) -> Response:
    session, secret = minted.session, minted.secret
    effective = effective_session(session.config, session.public_id, session.model)
    flat = ga_session_to_flat(effective) | {
        **shown,
        "client_secret": {"value": secret.value, "expires_at": secret.expires_at_s},
    }
    return Response(flat, headers={"Cache-Control": "no-store"})


def _life_s(client_secret: Any) -> int:
    """The beta's two addresses called the same wish by two names."""
    if client_secret is None:
        return life_s(None)
    if not isinstance(client_secret, Mapping):
        raise InvalidEvent(
            "Invalid type for 'client_secret': expected an object.",
            code="invalid_type",
            param="client_secret",
        )
    check_known(client_secret, frozenset({"expires_after", "expires_at"}), "client_secret.")
    name = "expires_at" if "expires_at" in client_secret else "expires_after"
    return life_s(client_secret.get(name), f"client_secret.{name}")


def _as_asked(error: InvalidEvent) -> InvalidEvent:
    """The refusal of a GA session, naming the body's own field."""
    if not error.param:
        return error
    message, param = in_flat_words(error.message, error.param)
    plain = param.removeprefix("session.")
    return InvalidEvent(message.replace(param, plain), code=error.code, param=plain)
