"""The product's REST face, as one signed-in person sees it."""

from __future__ import annotations

import logging
from typing import Any

import httpx

from tests.e2e.server import ServerProcess

# Otherwise each request is a line of every failing test's report.
logging.getLogger("httpx").setLevel(logging.WARNING)

Json = dict[str, Any]


class RestPerson:
    """Signs in on every use of an expired token; every answer but 2xx is an AssertionError."""

    def __init__(self, server: ServerProcess, username: str) -> None:
        self._server = server
        self._username = username
        self._client = httpx.Client(base_url=server.url, timeout=10, trust_env=False)

    def sign_in(self) -> None:
        credentials = {
            "username": self._username,
            "password": self._server.passwords[self._username],
        }
        answer = self._client.post("/api/token/", json=credentials)
        assert answer.status_code == 200, answer.text
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access']}"

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Any answer at all, after a new sign-in where the token had expired."""
        if "Authorization" not in self._client.headers:
            self.sign_in()
        answer = self._client.request(method, path, **more)
        if answer.status_code == 401:
            self.sign_in()
            answer = self._client.request(method, path, **more)
        return answer

    def get(self, path: str, **parameters: str) -> Json:
        answer = self.ask("GET", path, params=parameters)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        body: Json = answer.json()
        return body

    def items(self, conversation_id: str) -> list[Json]:
        """The conversation as stored, in order, without what has no text."""
        results: list[Json] = self.get(f"/api/conversations/{conversation_id}/items/")["results"]
        return results

    def spoken(self, conversation_id: str) -> list[tuple[str, str]]:
        """(role, text) of every message of the conversation."""
        return [
            (item["role"], item["text"])
            for item in self.items(conversation_id)
            if item["text"] and item["role"] in ("user", "assistant")
        ]

    def sessions(self, conversation_id: str) -> list[Json]:
        """One's own sessions in that conversation, oldest first."""
        results: list[Json] = self.get("/api/voice/sessions/")["results"]
        return [entry for entry in reversed(results) if entry["conversation_id"] == conversation_id]

    def close(self) -> None:
        self._client.close()
