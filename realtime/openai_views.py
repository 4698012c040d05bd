"""OpenAI's own REST addresses, so that official SDKs need only another base URL and key."""

from __future__ import annotations

import calendar
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.kept_rows import one_moment
from realtime.callers import caller, sign_in_id
from realtime.core.errors import NotFound
from realtime.effective_session import effective_session
from realtime.mint import mint_ga
from realtime.models import RealtimeModel
from realtime.policies import policy_for
from realtime.session_requests import body_of, check_known, life_s, session_config
from realtime.voice_settings import voice_in_effect

FIELDS = frozenset({"expires_after", "session"})
NO_STORE = {"Cache-Control": "no-store"}


class ClientSecretsView(APIView):
    """`POST /v1/realtime/client_secrets` (protocol §1.2)."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses={200: OpenApiTypes.OBJECT})
    @one_moment()
    def post(self, request: Request) -> Response:
        body = body_of(request.data)
        check_known(body, FIELDS)
        life = life_s(body.get("expires_after"))
        config = session_config(body.get("session"), policy_for(caller(request)))
        minted = mint_ga(caller(request), config, life, sign_in_id(request))
        session = minted.session
        return Response(
            {
                "value": minted.secret.value,
                "expires_at": minted.secret.expires_at_s,
                "session": effective_session(session.config, session.public_id, session.model),
            },
            headers=NO_STORE,
        )


class TranslationSecretsView(APIView):
    """`POST /v1/realtime/translations/client_secrets`: a protocol of its own (protocol §1.7)."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses={404: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        raise NotFound(
            "Live translation sessions are not offered by this server.",
            code="translation_not_offered",
        )


class ModelsView(APIView):
    """`GET /v1/models`: what the caller's `?model=` may name here, the default first."""

    @extend_schema(operation_id="v1_models_list", responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request) -> Response:
        models = policy_for(caller(request)).models
        return Response({"object": "list", "data": [shown_model(name) for name in models]})


class ModelView(APIView):
    """`GET /v1/models/{id}`."""

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, name: str) -> Response:
        if name not in policy_for(caller(request)).models:
            raise NotFound(
                f"The model '{name[:100]}' does not exist or you do not have access to it.",
                code="model_not_found",
                param="model",
            )
        return Response(shown_model(name))


def shown_model(name: str) -> dict[str, Any]:
    """A model as OpenAI's SDKs read it; `created` is the day on which its facts were read."""
    row = RealtimeModel.objects.filter(name=name).first()
    retires_on = row.retires_on.isoformat() if row and row.retires_on else None
    return {
        "id": name,
        "object": "model",
        "created": calendar.timegm(row.as_of.timetuple()) if row else 0,
        "owned_by": row.provider if row else voice_in_effect().provider,
        "shutdown_date": retires_on,
    }
