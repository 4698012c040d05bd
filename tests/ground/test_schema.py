"""`/api/schema/` speaks YAML and JSON, to machines and in the address bar."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient


@pytest.mark.parametrize(
    ("query", "accept", "kind"),
    [
        ("", "*/*", "application/vnd.oai.openapi"),
        ("", "application/json", "application/json"),
        ("?format=json", "*/*", "application/vnd.oai.openapi+json"),
        ("?format=yaml", "text/html,*/*;q=0.8", "application/vnd.oai.openapi"),
    ],
)
def test_the_schema_comes_in_the_format_asked_for(query: str, accept: str, kind: str) -> None:
    answer = APIClient().get(f"/api/schema/{query}", HTTP_ACCEPT=accept)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].partition(";")[0] == kind
    is_json = answer.content.lstrip().startswith(b"{")
    assert is_json == kind.endswith("json")
