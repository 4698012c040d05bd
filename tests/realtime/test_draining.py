"""A server that is about to stop makes nothing that could not be opened on it any more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.models import User
from realtime import serving
from realtime.core.errors import Draining
from realtime.mint import create_direct_session
from realtime.models import RealtimeSession
from tests.realtime.conftest import ApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _draining() -> Iterator[None]:
    serving.stop()
    yield
    serving.begin()


@pytest.mark.parametrize("path", ["/api/voice/realtime-session", "/v1/realtime/client_secrets"])
def test_minting_answers_503_and_says_when_to_try_again(
    dave: User, api: ApiClient, path: str
) -> None:
    answer = api(dave).post(path, {})
    assert answer.status_code == 503
    error = answer.json().get("error") or answer.json()
    assert error["code"] == "server_draining"
    assert int(answer.headers["Retry-After"]) > 0
    assert not RealtimeSession.objects.exists()


def test_a_session_without_a_secret_is_not_made_either(dave: User) -> None:
    with pytest.raises(Draining):
        create_direct_session(dave, None)
    assert not RealtimeSession.objects.exists()


def test_history_and_status_are_served_to_the_end(dave: User, api: ApiClient) -> None:
    assert api(dave).get("/api/voice/status").status_code == 200
    assert api(dave).get("/api/conversations/").status_code == 200


def test_a_server_that_starts_takes_sessions(dave: User, api: ApiClient) -> None:
    serving.begin()
    assert api(dave).post("/api/voice/realtime-session", {}).status_code == 200
