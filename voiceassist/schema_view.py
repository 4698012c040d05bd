"""The OpenAPI document of `/api/schema/`."""

from __future__ import annotations

from drf_spectacular.views import SpectacularAPIView
from rest_framework.renderers import BaseRenderer


class SchemaView(SpectacularAPIView):
    """drf-spectacular's view with its `?format=json|yaml`, a name that elsewhere belongs to the
    export and is therefore switched off for all of DRF."""

    def get_renderers(self) -> list[BaseRenderer]:
        renderers = super().get_renderers()
        asked = self.request.GET.get("format")
        return [one for one in renderers if one.format == asked] or renderers
