"""Reading `POST /v1/realtime/calls`: an offer alone, or a form of an offer and a session."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any, Final

from django.core.files.uploadedfile import UploadedFile
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request

from realtime.core.errors import InvalidEvent

MAX_OFFER_BYTES: Final = 64 * 1024
# A session's instructions and tools; beyond what policy lets through anyway.
MAX_SESSION_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class AskedCall:
    """`session` is what the caller wrote, not yet held to policy; None where it wrote none."""

    offer: str
    session: Any | None


class SdpParser(BaseParser):
    """A raw offer, as browsers send it."""

    media_type = "application/sdp"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Mapping[str, bytes]:
        return {"sdp": stream.read(MAX_OFFER_BYTES + 1)}


PARSERS = (SdpParser, MultiPartParser)


def read_call(request: Request) -> AskedCall:
    """Raises InvalidEvent, naming the part that is missing or wrong."""
    data: Any = request.data
    fields = {name: data[name] for name in data}
    for name in sorted(fields.keys() - {"sdp", "session"}):
        raise InvalidEvent(
            f"Unknown parameter: '{name[:64]}'.", code="unknown_parameter", param=name[:64]
        )
    offer = _offer(_bytes_of(fields.get("sdp", b""), MAX_OFFER_BYTES))
    if "session" not in fields:
        return AskedCall(offer, None)
    return AskedCall(offer, _session(_bytes_of(fields["session"], MAX_SESSION_BYTES)))


def _bytes_of(part: Any, most: int) -> bytes:
    """A part with a file name is a file to Django, one without it is text."""
    if isinstance(part, UploadedFile):
        content: bytes = part.read(most + 1)
        return content
    return part if isinstance(part, bytes) else str(part).encode()


def _offer(body: bytes) -> str:
    if not body.strip():
        raise InvalidEvent(
            "Missing required parameter: 'sdp'.", code="missing_required_parameter", param="sdp"
        )
    if len(body) > MAX_OFFER_BYTES:
        raise InvalidEvent(
            f"Invalid 'sdp': at most {MAX_OFFER_BYTES} bytes are allowed.",
            code="string_above_max_length",
            param="sdp",
        )
    try:
        offer = body.decode()
    except UnicodeDecodeError:
        offer = ""
    if not offer.startswith("v="):
        raise InvalidEvent("'sdp' must be an SDP offer.", code="invalid_offer", param="sdp")
    return offer


def _session(body: bytes) -> Any:
    try:
        session = json.loads(body[: MAX_SESSION_BYTES + 1])
    except (ValueError, RecursionError):
        raise InvalidEvent(
            "The part 'session' is not valid JSON.", code="invalid_json", param="session"
        ) from None
    if session is None:
        raise InvalidEvent(
            "Invalid type for 'session': expected an object.", code="invalid_type", param="session"
        )
    return session
