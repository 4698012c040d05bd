"""The export as an HTTP download."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from conversations.export.formats import EXPORT_FORMATS
from conversations.models import Conversation
from conversations.queries import transcript_of
from conversations.titles import one_line

FILE_NAME_MAX_CHARS = 80


class FormatParameterDecides(BaseContentNegotiation):
    """`?format=` names the file type, so no Accept header can be wrong."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


def export_response(conversation: Conversation, export_format: str) -> HttpResponse:
    """The whole conversation as an attachment. `export_format` is a key of EXPORT_FORMATS."""
    chosen = EXPORT_FORMATS[export_format]
    content = chosen.render(conversation, transcript_of(conversation).items)
    return HttpResponse(
        # A lone surrogate cannot be written as UTF-8; the rest of the file still can.
        content.encode("utf-8", "replace"),
        content_type=f"{chosen.media_type}; charset=utf-8",
        headers={
            "Content-Disposition": str(
                content_disposition_header(True, f"{_file_stem(conversation)}.{export_format}")
            ),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _file_stem(conversation: Conversation) -> str:
    allowed = "".join(
        char if char.isalnum() or char in " -_" else " " for char in conversation.title
    )
    return one_line(allowed)[:FILE_NAME_MAX_CHARS].strip() or f"conversation-{conversation.pk}"
