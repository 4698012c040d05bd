"""Whether calls are taken at all: in the status, at the mint and at the call itself."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from tests.realtime.conftest import ApiClient

pytestmark = pytest.mark.django_db(transaction=True)

MINT, CALLS = "/api/voice/realtime-session", "/v1/realtime/calls"


@pytest.fixture(params=["webrtc_disabled", "webrtc_not_installed"])
def reason(
    request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> str:
    code: str = request.param
    if code == "webrtc_disabled":
        settings.WEBRTC_ENABLED = False
    else:
        find = importlib.util.find_spec

        def without_aiortc(name: str, *rest: Any) -> Any:
            return None if name == "aiortc" else find(name, *rest)

        monkeypatch.setattr(importlib.util, "find_spec", without_aiortc)
    return code


def test_a_server_that_takes_no_calls_says_so_before_one_is_made(
    alice: User, api: ApiClient, reason: str
) -> None:
    assert api(alice).get("/api/voice/status").json()["webrtc"]["available"] is False
    refused = api(alice).post(MINT, {"transport": "webrtc"})
    assert (refused.status_code, refused.json()["code"]) == (503, reason)
    assert api(alice).post(MINT, {"transport": "websocket"}).status_code == 200


def test_a_call_to_a_server_that_takes_none_is_refused(
    alice: User, api: ApiClient, reason: str
) -> None:
    refused = api(alice).generic("POST", CALLS, "v=0\r\n", content_type="application/sdp")
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, reason)


def test_a_server_that_takes_calls_says_where(alice: User, api: ApiClient) -> None:
    assert api(alice).get("/api/voice/status").json()["webrtc"]["available"] is True
    minted = api(alice).post(MINT, {"transport": "webrtc"}).json()
    assert minted["calls_url"] == "http://testserver/v1/realtime/calls"
    assert minted["ice_servers"] == []
    assert "calls_url" not in api(alice).post(MINT, {}).json()
