"""An administrator at the Django admin of a running server, by its forms."""

from __future__ import annotations

import re
from typing import Any

import httpx

from tests.contract.gateway import Gateway

_NO_PRICES = {"prices-TOTAL_FORMS": "0", "prices-INITIAL_FORMS": "0"}


class Administrator:
    """Signed in as `admin`. Close it with `http.close()`."""

    def __init__(self, gateway: Gateway) -> None:
        self.http = httpx.Client(base_url=gateway.process.url, timeout=20.0)
        self._post("/admin/login/", username="admin", password=gateway.process.passwords["admin"])

    def add_model(self, name: str, **fields: str) -> None:
        """A speech model that may be asked for."""
        facts = {"kind": "realtime", "provider": "openai", "source": "a test"}
        self._post(
            "/admin/realtime/realtimemodel/add/",
            name=name,
            enabled="on",
            as_of="2026-11-20",
            **facts,
            **_NO_PRICES,
            **fields,
        )

    def set_policy(self, **fields: str) -> None:
        """What holds for everybody without a group; what is left out is left to the server."""
        listing = self.http.get("/admin/accounts/policy/").text
        found = re.search(r"/admin/accounts/policy/(\d+)/change/", listing)
        assert found is not None
        self._post(f"/admin/accounts/policy/{found[1]}/change/", priority="100", **fields)

    def _post(self, path: str, **fields: Any) -> None:
        self.http.get(path)
        token = self.http.cookies["csrftoken"]
        answer = self.http.post(path, data={"csrfmiddlewaretoken": token, **fields})
        assert answer.status_code == 302, re.findall(r"errorlist[^>]*>(.*?)</ul", answer.text, re.S)
