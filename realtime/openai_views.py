"""OpenAI's own REST addresses, so that official SDKs need only another base URL and key."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from realtime import catalogue
from realtime.callers import caller, sign_in_id
from realtime.core.errors import InvalidEvent
from realtime.core.session_config import clamp_session, merge_session
from realtime.mint import default_request, mint_ga
from realtime.models import RealtimeModel
from realtime.opening import policy
from realtime.providers import check_session
from realtime.voice_config import ga_session

SECRET_LIFE_LEAST_S, SECRET_LIFE_MOST_S = 10, 7_200
KNOWN_FIELDS = frozenset({"expires_after", "session"})


class ClientSecretsView(APIView):
    """`POST /v1/realtime/client_secrets` (protocol §1.2)."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        body = request.data if request.data else {}
        if not isinstance(body, Mapping):
            raise InvalidEvent("The body must be a JSON object.", code="invalid_value")
        for name in sorted(body.keys() - KNOWN_FIELDS):
            raise InvalidEvent(
                f"Unknown parameter: '{name}'.", code="unknown_parameter", param=str(name)
            )
        life_s = _life_s(body.get("expires_after"))
        config = _session_config(body.get("session"))
        minted = mint_ga(caller(request), config, life_s, sign_in_id(request))
        return Response(
            {
                "value": minted.secret.value,
                "expires_at": minted.secret.expires_at_s,
                "session": {
                    **config,
                    "object": "realtime.session",
                    "id": minted.session.public_id,
                    "model": minted.session.model,
                    "instructions": config.get("instructions", ""),
                    "tools": config.get("tools", []),
                    "tool_choice": config.get("tool_choice", "auto"),
                    "max_output_tokens": config.get("max_output_tokens", "inf"),
                    "tracing": config.get("tracing"),
                    "truncation": config.get("truncation", "auto"),
                    "prompt": config.get("prompt"),
                    "expires_at": 0,
                    "include": config.get("include"),
                },
            },
            headers={"Cache-Control": "no-store"},
        )


class ModelsView(APIView):
    """`GET /v1/models`: what `?model=` may name here."""

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request) -> Response:
        known = {row.name: row for row in RealtimeModel.objects.all()}
        data = []
        for name in catalogue.models():
            row = known.get(name)
            retires_on = row.retires_on.isoformat() if row and row.retires_on else None
            data.append(
                {
                    "id": name,
                    "object": "model",
                    "created": calendar.timegm(row.as_of.timetuple()) if row else 0,
                    "owned_by": row.provider if row else settings.REALTIME_PROVIDER,
                    "shutdown_date": retires_on,
                }
            )
        return Response({"object": "list", "data": data})


def _life_s(expires_after: Any) -> int:
    if expires_after is None:
        return int(settings.REALTIME_TOKEN_EXPIRY_SEC)
    if not isinstance(expires_after, Mapping) or expires_after.get("anchor", "created_at") != (
        "created_at"
    ):
        raise InvalidEvent(
            "Invalid value: expires_after.anchor must be 'created_at'.",
            code="invalid_value",
            param="expires_after.anchor",
        )
    seconds = expires_after.get("seconds", 600)
    is_whole = isinstance(seconds, int) and not isinstance(seconds, bool)
    if not is_whole or not SECRET_LIFE_LEAST_S <= seconds <= SECRET_LIFE_MOST_S:
        raise InvalidEvent(
            f"Invalid value: expires_after.seconds must be between {SECRET_LIFE_LEAST_S} and"
            f" {SECRET_LIFE_MOST_S}.",
            code="invalid_value",
            param="expires_after.seconds",
        )
    return int(seconds)


def _session_config(session: Any) -> dict[str, Any]:
    """The asked session over our defaults, clamped by policy. `model` is a request we clamp."""
    defaults = ga_session(default_request(), settings.REALTIME_MODEL)
    if session is None:
        return defaults
    if not isinstance(session, Mapping):
        raise InvalidEvent("'session' must be an object.", code="invalid_value", param="session")
    if session.get("type", "realtime") != "realtime":
        raise InvalidEvent(
            "Only sessions of type 'realtime' are offered here.",
            code="invalid_value",
            param="session.type",
        )
    asked = clamp_session({**session, "model": settings.REALTIME_MODEL}, policy())
    check_session({**asked, "type": "realtime"})
    return merge_session(defaults, asked)
