"""The HTTP addresses of calls: take one, hang up (protocol §1.3 and §1.5)."""

from __future__ import annotations

from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import orjson

from realtime.core.errors import InvalidEvent, UpstreamRefused
from realtime.runtime.ports import UpstreamTarget
from realtime.upstream.embedded.client_secrets import ClientSecrets
from realtime.upstream.embedded.credentials import find_key
from realtime.upstream.embedded.http_requests import HttpAnswer, HttpRequest, error_answer
from realtime.upstream.embedded.parameters import missing
from realtime.upstream.embedded.provider import EmbeddedProvider
from realtime.upstream.embedded.rest import DEFAULT_MODEL, RestApi

CALLS_PATH = "/realtime/calls"
_PUBLIC_PATH = f"/v1{CALLS_PATH}"


def call_not_found() -> HttpAnswer:
    """As OpenAI answers a call id that is unknown, over, or not ready (protocol §1.4)."""
    return error_answer(
        "No session found for the provided call_id", "call_id_not_found", 404, param=""
    )


class CallsRest:
    """`add_to` puts its routes beside the server's others."""

    def __init__(self, provider: EmbeddedProvider, secrets: ClientSecrets) -> None:
        self._provider = provider
        self._secrets = secrets

    def add_to(self, rest: RestApi) -> None:
        rest.add("POST", CALLS_PATH, self.create)
        rest.add("POST", f"{CALLS_PATH}/*", self.control)

    async def create(self, request: HttpRequest) -> HttpAnswer:
        """201 with the SDP answer; `Location` ends in the call id."""
        calls = self._provider.calls()
        offer, session = self._read(request)
        model = request.query.get("model") or DEFAULT_MODEL
        try:
            answer = await calls.create_call(offer, session, UpstreamTarget(model, ""))
        except UpstreamRefused as refused:
            return error_answer(
                refused.message, refused.code, refused.provider_status, param=refused.param
            )
        headers = {"Location": f"{_PUBLIC_PATH}/{answer.call_id}", "Timing-Allow-Origin": "*"}
        return HttpAnswer(answer.sdp.encode(), 201, "application/sdp", headers)

    async def control(self, request: HttpRequest) -> HttpAnswer:
        """`…/{call_id}/hangup`; the other verbs are for telephone calls, and there are none."""
        call_id, _, verb = request.path.removeprefix(f"{CALLS_PATH}/").partition("/")
        if verb not in ("hangup", "accept", "reject", "refer"):
            return error_answer(f"Invalid URL (POST /v1{request.path[:200]})", "unknown_url", 404)
        call = self._provider.calls().find(call_id)
        if call is None or verb != "hangup":
            return call_not_found()
        await call.hang_up()
        return HttpAnswer(content_type="text/plain; charset=utf-8")

    def _read(self, request: HttpRequest) -> tuple[str, Mapping[str, Any]]:
        """The offer and the session asked for. Raises InvalidEvent, naming the part."""
        content_type = request.headers.get("content-type", "")
        if content_type.lower().startswith("multipart/form-data"):
            parts = _parts(content_type, request.body)
            session = _session(parts["session"]) if "session" in parts else {}
        else:
            parts = {"sdp": request.body}
            key = find_key(request.headers.get("authorization"), request.headers.get("api-key"))
            session = self._secrets.session_of(key or "") or {}
        if not parts.get("sdp", b"").strip():
            raise missing("sdp")
        return parts["sdp"].decode(errors="replace"), session


def _parts(content_type: str, body: bytes) -> Mapping[str, bytes]:
    """The named parts of a form, byte for byte."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    form = BytesParser(policy=HTTP).parsebytes(head + body)
    found: dict[str, bytes] = {}
    for part in form.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            found[name] = content
    return found


def _session(part: bytes) -> Mapping[str, Any]:
    try:
        session = orjson.loads(part)
    except orjson.JSONDecodeError:
        raise InvalidEvent(
            "The part 'session' is not valid JSON.", code="invalid_json", param="session"
        ) from None
    if not isinstance(session, dict):
        raise InvalidEvent("'session' must be an object.", code="invalid_type", param="session")
    return session
