"""The REST addresses of the provider's server: client secrets and models (protocol §1)."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from realtime.core.errors import VoiceError
from realtime.upstream.embedded.client_secrets import ClientSecrets
from realtime.upstream.embedded.credentials import find_key
from realtime.upstream.embedded.http_requests import (
    HttpAnswer,
    HttpHandler,
    HttpRequest,
    error_answer,
    json_answer,
    preflight,
    refusal,
)

MODELS = (
    "gpt-realtime-2.1",
    "gpt-realtime-2.1-mini",
    "gpt-realtime-2",
    "gpt-realtime-1.5",
    "gpt-realtime",
)
DEFAULT_MODEL = MODELS[0]
BETA_MESSAGE = (
    "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API."
)
BETA_CODE = "beta_api_shape_disabled"
MISSING_KEY = "Missing bearer or basic authentication in header"


class RestApi:
    """Answers plain HTTP requests by route; `add` puts another face's routes beside them.

    A route is (method, path without `/v1`); a path ending in `/*` takes everything below it.
    """

    def __init__(self, secrets: ClientSecrets) -> None:
        self._secrets = secrets
        self._routes: dict[tuple[str, str], HttpHandler] = {}
        self.add("POST", "/realtime/client_secrets", self._mint)
        self.add("GET", "/models", self._list_models)
        self.add("GET", "/models/*", self._show_model)
        self.add("POST", "/realtime", self._refuse_beta_call)

    def add(self, method: str, path: str, handler: HttpHandler) -> None:
        self._routes[method, path] = handler

    async def answer(self, request: HttpRequest) -> HttpAnswer:
        """Never raises VoiceError: refusals become OpenAI's error bodies."""
        handlers = self._handlers_at(request.path)
        if not handlers:
            return error_answer(
                f"Invalid URL ({request.method} /v1{request.path[:200]})", "unknown_url", 404
            )
        if request.method == "OPTIONS":
            return preflight(request)
        handler = handlers.get(request.method)
        if handler is None:
            return error_answer(f"Not allowed to {request.method} here.", "method_not_allowed", 405)
        if find_key(request.headers.get("authorization"), request.headers.get("api-key")) is None:
            return error_answer(MISSING_KEY, None, 401)
        try:
            return await handler(request)
        except VoiceError as error:
            return refusal(error)

    def _handlers_at(self, path: str) -> Mapping[str, HttpHandler]:
        found: dict[str, HttpHandler] = {}
        for (method, route), handler in self._routes.items():
            below = route.endswith("/*") and path.startswith(route[:-1])
            if path == route or below:
                found.setdefault(method, handler)
        return found

    async def _mint(self, request: HttpRequest) -> HttpAnswer:
        try:
            body = request.json()
        except orjson.JSONDecodeError:
            return error_answer("The body is not valid JSON.", "invalid_json", 400)
        return json_answer(self._secrets.mint(body))

    async def _list_models(self, request: HttpRequest) -> HttpAnswer:
        return json_answer({"object": "list", "data": [_model(name) for name in MODELS]})

    async def _show_model(self, request: HttpRequest) -> HttpAnswer:
        name = request.path.removeprefix("/models/")
        if name not in MODELS:
            message = f"The model '{name[:64]}' does not exist"
            return error_answer(message, "model_not_found", 404, param="model")
        return json_answer(_model(name))

    async def _refuse_beta_call(self, request: HttpRequest) -> HttpAnswer:
        """SDP posted here is the beta's WebRTC (protocol §0.1)."""
        return error_answer(BETA_MESSAGE, BETA_CODE, 400)


def _model(name: str) -> dict[str, object]:
    return {
        "id": name,
        "object": "model",
        "created": 0,
        "owned_by": "embedded",
        "shutdown_date": None,
    }
