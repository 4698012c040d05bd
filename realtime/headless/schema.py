"""How the OpenAPI document names a stream token. Importing this registers it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from realtime.headless.stream_tokens import PARAMETER


class StreamTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "realtime.headless.stream_tokens.StreamTokenAuthentication"
    name = "streamToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "query",
            "name": PARAMETER,
            "description": "The stream token in `events_url` and its like: for listening alone.",
        }
