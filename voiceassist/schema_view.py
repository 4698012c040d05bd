"""The OpenAPI document of `/api/schema/`."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

_documents: dict[str, bytes | str] = {}


class SchemaView(SpectacularAPIView):
    """drf-spectacular's view with its `?format=json|yaml`, a name that elsewhere belongs to the
    export and is therefore switched off for all of DRF.

    The document is the same for everybody and is made once in a process: making it takes most of a
    second, and anybody may ask.
    """

    def get_renderers(self) -> list[BaseRenderer]:
        renderers = super().get_renderers()
        asked = self.request.GET.get("format")
        return [one for one in renderers if one.format == asked] or renderers

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        renderer = request.accepted_renderer
        content = _documents.get(renderer.media_type)
        if content is None:
            generator: Any = SchemaGenerator
            schema = generator().get_schema(request=None, public=True)
            content = renderer.render(schema, renderer_context={})
            _documents[renderer.media_type] = content
        return HttpResponse(
            content,
            content_type=renderer.media_type,
            headers={"Content-Disposition": f'inline; filename="VoiceAssist.{renderer.format}"'},
        )
