"""Who may open a socket: credentials, subprotocols, origins."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from realtime import auth
from realtime.auth import Credential, Via
from realtime.core.errors import Forbidden, NotAuthenticated
from tests import people
from tests.realtime.conftest import MintFor


def scope(subprotocols: tuple[str, ...] = (), /, **headers: str) -> dict[str, Any]:
    return {
        "type": "websocket",
        "scheme": "ws",
        "subprotocols": list(subprotocols),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }


def test_the_header_wins_over_the_subprotocol() -> None:
    found = auth.find_credential(
        scope(("openai-insecure-api-key.ek_b",), authorization="Bearer ek_a")
    )
    assert found == Credential("ek_a", Via.HEADER)


def test_a_browsers_key_is_read_from_its_subprotocol() -> None:
    offered = ("realtime", "openai-insecure-api-key.ek_b", "openai-agents-sdk.0.20.0")
    found = auth.find_credential(scope(offered))
    assert found == Credential("ek_b", Via.SUBPROTOCOL)


def test_cookies_are_no_credential() -> None:
    assert auth.find_credential(scope(cookie="sessionid=abc; refresh=def")) is None
    with pytest.raises(NotAuthenticated):
        auth.authenticate(None)


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["realtime", "openai-insecure-api-key.ek_b"], "realtime"),
        (["voiceassist.v1", "realtime", "openai-insecure-api-key.ek_b"], "realtime"),
        (["voiceassist.v1", "openai-insecure-api-key.ek_b"], "voiceassist.v1"),
        (["openai-insecure-api-key.ek_b"], None),
        ([], None),
    ],
)
def test_only_an_offered_and_keyless_subprotocol_is_selected(
    offered: list[str], chosen: str | None
) -> None:
    assert auth.choose_subprotocol(offered) == chosen


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "http://localhost:8000",
        "https://app.example.org",
        "https://voice.example.org",
    ],
)
async def test_no_origin_our_own_and_allowed_ones_may_open(
    origin: str | None, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.ALLOWED_ORIGINS = ["https://App.example.org:443/"]
    settings.PUBLIC_URL = "https://voice.example.org"
    headers = {"host": "LOCALHOST:8000"} | ({"origin": origin} if origin else {})
    await auth.check_origin(scope(**headers))


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://evil.example", "localhost:8000"),
        ("https://localhost:8000", "localhost:8000"),
        ("http://localhost:8001", "localhost:8000"),
        ("http://localhost:8000.evil.example", "localhost:8000"),
        ("null", "localhost:8000"),
        ("", "localhost:8000"),
        ("http://rebound.example", "rebound.example"),
        ("https://app.example.org.evil.example", "localhost:8000"),
        ("https://app.example.org/", "localhost:8000"),
        ("https://app.example.org:443", "localhost:8000"),
        ("https://APP.example.org", "localhost:8000"),
        ("http://app.example.org", "localhost:8000"),
    ],
)
@pytest.mark.django_db(transaction=True)
async def test_any_other_origin_is_forbidden(origin: str, host: str, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.ALLOWED_ORIGINS = ["https://app.example.org", "null"]
    with pytest.raises(Forbidden) as refused:
        await auth.check_origin(scope(origin=origin, host=host))
    assert refused.value.code == "origin_not_allowed"


@pytest.mark.django_db
def test_a_secret_a_token_and_nothing_else_identify_a_caller(
    alice: User, mint_for: MintFor
) -> None:
    minted = mint_for(alice)
    by_secret = auth.authenticate(Credential(minted.secret.value, Via.HEADER))
    assert (by_secret.user, by_secret.session) == (alice, minted.session)
    by_token = auth.authenticate(Credential(people.access_token_of(alice), Via.HEADER))
    assert (by_token.user, by_token.session) == (alice, None)
    assert by_token.sign_in_id is not None
    for raw in ("", "x", "va_unknown", people.access_token_of(alice)[:-2]):
        with pytest.raises(NotAuthenticated):
            auth.authenticate(Credential(raw, Via.HEADER))
