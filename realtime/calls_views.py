"""`/v1/realtime/calls`: WebRTC calls as OpenAI's SDKs make them (protocol §1.3 and §1.5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from asgiref.sync import async_to_sync
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from realtime.auth import Credential, Via, authenticate
from realtime.call_requests import PARSERS, read_call
from realtime.core.errors import InvalidEvent, LimitReached, UpstreamRefused
from realtime.policies import policy_for
from realtime.session_requests import session_config
from realtime.sideband import hang_up, open_call

# A browser reads nothing of a cross-origin answer but its body and what is named here.
EXPOSED_HEADERS = "Location, X-Request-Id"


class AnyAnswer(BaseContentNegotiation):
    """Clients of calls accept `application/sdp`, and must be able to read an error all the same."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == kind), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


class CallView(APIView):
    """Opened like a socket: by a client secret, an access token or an API key."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    content_negotiation_class = AnyAnswer

    def get_authenticate_header(self, request: Request) -> str:
        return "Bearer"

    def handle_exception(self, exc: Exception) -> Response:
        """What a provider says about the request is its caller's to read, with its own status."""
        response = super().handle_exception(exc)
        if isinstance(exc, UpstreamRefused) and exc.provider_status >= 400:
            response.status_code = exc.provider_status
            if exc.provider_status < 500:
                kind = LimitReached if exc.provider_status == 429 else InvalidEvent
                response.data["error"]["type"] = kind.error_type
        return response

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
        final.headers["Cache-Control"] = "no-store"
        return final


class CallsView(CallView):
    """`POST /v1/realtime/calls`"""

    parser_classes = PARSERS

    @extend_schema(
        request={"application/sdp": OpenApiTypes.STR, "multipart/form-data": OpenApiTypes.OBJECT},
        responses={(201, "application/sdp"): OpenApiTypes.STR},
    )
    def post(self, request: Request) -> HttpResponse:
        """Answer a WebRTC offer; `Location` names the call."""
        credential = credential_of(request)
        user = authenticate(credential).user  # before anything of the body is read
        asked = read_call(request)
        config = None
        if asked.session is not None:
            config = session_config(asked.session, policy_for(user))
        answered = async_to_sync(open_call)(
            credential,
            asked.offer,
            config=config,
            conversation_id=request.query_params.get("conversation_id"),
            model=request.query_params.get("model"),
        )
        return HttpResponse(
            answered.sdp.encode(),
            status=201,
            content_type="application/sdp",
            headers={
                "Location": f"/v1/realtime/calls/{answered.call_id}",
                "Timing-Allow-Origin": "*",
            },
        )


class HangupView(CallView):
    """`POST /v1/realtime/calls/{call_id}/hangup`"""

    @extend_schema(request=None, responses={200: None})
    def post(self, request: Request, call_id: str) -> HttpResponse:
        """End one's own call."""
        hang_up(credential_of(request), call_id)
        return HttpResponse(status=200, content_type="text/plain; charset=utf-8")


def credential_of(request: Request) -> Credential | None:
    scheme, _, raw = request.headers.get("Authorization", "").partition(" ")
    return Credential(raw.strip(), Via.HEADER) if scheme.lower() == "bearer" else None
