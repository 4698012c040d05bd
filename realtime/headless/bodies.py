"""Reading audio bodies, and answering whatever a client says it accepts."""

from __future__ import annotations

from collections.abc import Iterable

import orjson
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from realtime.core.errors import InvalidEvent
from realtime.headless import decoding

JSON = "application/json"


def audio_of(request: Request) -> bytes:
    """The request's audio as PCM16 24 kHz mono: the body as its Content-Type says, or the base64 of
    a JSON body. Its size was bounded before it was read (`voiceassist.body_limit`).

    Raises what `decoding` raises, and InvalidEvent for broken JSON.
    """
    # Not `request.data`: DRF takes a body without a Content-Length, as pipes send it, for none.
    body = request._request.read()
    content_type = str(request._request.META.get("CONTENT_TYPE", ""))
    if content_type.partition(";")[0].strip().lower() != JSON:
        return decoding.decode_body(body, content_type)
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise InvalidEvent("The body is not valid JSON.", code="parse_error") from None
    if not isinstance(parsed, dict):
        raise InvalidEvent("The body must be a JSON object.", code="invalid")
    return decoding.decode_base64(parsed.get("audio"))


class AnyAccept(BaseContentNegotiation):
    """`EventSource` and `<audio>` accept what no renderer here is named after."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        return next(iter(parsers), None)

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)
