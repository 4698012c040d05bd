"""Every credential on a real server: what each opens, and how each refusal reaches its client."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
import pytest
from websockets.exceptions import InvalidStatus

from tests.contract.gateway import Gateway, Socket, ended

KEYS = "/api/keys/"
SECRETS = "/v1/realtime/client_secrets"


@dataclass(frozen=True)
class Key:
    id: str
    value: str

    @property
    def header(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.value}"}


def make_key(gateway: Gateway, *scopes: str, **wishes: Any) -> Key:
    wish = {"name": "a test", "scopes": scopes or ("mint",), **wishes}
    answer = gateway.request("POST", KEYS, json=wish)
    assert answer.status_code == 201, answer.text
    return Key(answer.json()["id"], answer.json()["key"])


def revoke(gateway: Gateway, key: Key) -> None:
    assert gateway.request("DELETE", f"{KEYS}{key.id}/").status_code == 204


def from_now(**span: float) -> str:
    return (dt.datetime.now(dt.UTC) + dt.timedelta(**span)).isoformat()


async def open_with(gateway: Gateway, value: str, **options: Any) -> Socket:
    socket = await gateway.dial(value, **options)
    await socket.wait_for("session.created")
    return socket


async def test_a_key_opens_a_session_whose_words_are_filed_as_the_apis(gateway: Gateway) -> None:
    key = make_key(gateway, "mint", "history")
    socket = await open_with(gateway, key.value)
    await socket.say("hello")
    await socket.wait_for("response.done")
    await socket.connection.close()
    listed = gateway.http.get("/api/voice/sessions/", headers=key.header).json()["results"]
    assert listed[0]["session_id"] == socket.events[0]["session"]["id"]
    items = gateway.http.get(
        f"/api/conversations/{listed[0]['conversation_id']}/items/", headers=key.header
    ).json()["results"]
    assert (items[0]["text"], items[0]["source"]) == ("hello", "api")
    used = gateway.request("GET", KEYS).json()["results"]
    assert next(one for one in used if one["id"] == key.id)["last_used_at"] is not None


@pytest.mark.parametrize("path", ["/api/voice/realtime-session", SECRETS])
async def test_a_key_mints_secrets_for_others_and_they_speak_as_the_api(
    gateway: Gateway, path: str
) -> None:
    key = make_key(gateway)
    minted = gateway.http.post(path, json={}, headers=key.header).json()
    socket = await open_with(gateway, minted.get("api_key") or minted["value"])
    await socket.say("hello")
    await socket.wait_for("response.done")
    await socket.connection.close()
    session = gateway.session(socket.events[0]["session"]["id"])
    assert gateway.items(session["conversation_id"])[0]["source"] == "api"


async def test_revoking_a_key_ends_its_sessions_and_kills_its_unused_secrets(
    gateway: Gateway,
) -> None:
    key, other = make_key(gateway), make_key(gateway)
    unused = gateway.http.post(SECRETS, json={}, headers=key.header).json()["value"]
    minted = gateway.http.post(SECRETS, json={}, headers=key.header).json()["value"]
    socket, direct = await open_with(gateway, minted), await open_with(gateway, key.value)
    bystander = await open_with(gateway, other.value)
    revoke(gateway, key)
    assert await socket.closed(timeout_s=5) == (4401, "not_authenticated")
    assert (await direct.closed(timeout_s=5))[0] == 4401
    with pytest.raises(InvalidStatus) as refused:
        await gateway.dial(unused)
    assert refused.value.response.status_code == 401
    await bystander.say("hello")
    await bystander.wait_for("response.output_text.done")
    await bystander.connection.close()
    session = await ended(gateway, socket.events[0]["session"]["id"])
    assert session["end_reason"] == "auth_expired"


async def test_a_key_that_expires_ends_its_sessions_and_kills_its_unused_secrets(
    gateway: Gateway,
) -> None:
    key = make_key(gateway, expires_at=from_now(seconds=4))
    unused = gateway.http.post(SECRETS, json={}, headers=key.header).json()["value"]
    socket = await open_with(gateway, key.value)
    assert (await socket.closed(timeout_s=9))[0] == 4401
    for value, code in ((unused, "invalid_client_secret"), (key.value, "api_key_expired")):
        offered = ["realtime", f"openai-insecure-api-key.{value}"]
        browser = await gateway.dial(subprotocols=offered)
        assert await browser.closed() == (4401, code)


def bad_credentials(gateway: Gateway) -> dict[str, tuple[str, int, str]]:
    """Kind → what is sent, and the HTTP status and code that it earns."""
    left = gateway.sign_in()
    orphan = gateway.mint(token=left["access"])["api_key"]
    gateway.http.post("/api/token/logout/", json={"refresh": left["refresh"]})
    access = gateway.access()
    claims = jwt.decode(access, options={"verify_signature": False})
    expired = jwt.encode({**claims, "exp": 1_000_000_000}, gateway.process.secret_key, "HS256")
    revoked = make_key(gateway)
    revoke(gateway, revoked)
    return {
        "expired access token": (expired, 401, "token_not_valid"),
        "forged access token": (jwt.encode(claims, "k" * 64, "HS256"), 401, "token_not_valid"),
        "refresh token": (gateway.sign_in()["refresh"], 401, "token_not_valid"),
        "signed out": (left["access"], 401, "token_not_valid"),
        "secret of who signed out": (orphan, 401, "invalid_client_secret"),
        "revoked key": (revoked.value, 401, "api_key_revoked"),
        "unknown key": ("va_" + "a" * 43, 401, "invalid_api_key"),
        "provider's key": ("sk-proj-" + "a" * 43, 401, "invalid_api_key"),
        "key without the scope": (
            make_key(gateway, "headless", "history").value,
            403,
            "insufficient_scope",
        ),
    }


async def test_programs_read_a_refusal_as_http_and_browsers_as_an_event_and_a_close(
    gateway: Gateway,
) -> None:
    for kind, (value, status, code) in bad_credentials(gateway).items():
        with pytest.raises(InvalidStatus) as refused:
            await gateway.dial(value)
        answer = refused.value.response
        assert (answer.status_code, answer.headers["Content-Type"]) == (
            status,
            "application/json",
        ), kind
        error = json.loads(answer.body or b"")["error"]
        assert (set(error), error["code"]) == ({"message", "type", "code", "param"}, code), kind
        assert error["type"] == "invalid_request_error", kind
        assert re.fullmatch(r"req_[0-9a-f]{32}", answer.headers["x-request-id"]), kind
        assert ("WWW-Authenticate" in answer.headers) == (status == 401), kind
        browser = await gateway.dial(
            subprotocols=["realtime", f"openai-insecure-api-key.{value}"],
            origin=gateway.process.url,
        )
        assert await browser.closed() == (4000 + status, code), kind
        assert browser.errors() == [code], kind
        rest = gateway.http.post(SECRETS, json={}, headers={"Authorization": f"Bearer {value}"})
        assert rest.status_code == status, kind
        assert rest.json()["error"]["type"] == "invalid_request_error", kind


async def test_a_client_secret_is_no_rest_credential(gateway: Gateway) -> None:
    secret = gateway.mint()["api_key"]
    authorization = {"Authorization": f"Bearer {secret}"}
    for method, path in (("POST", SECRETS), ("GET", "/v1/models"), ("GET", "/api/me/")):
        answer = gateway.http.request(method, path, headers=authorization)
        assert answer.status_code == 401, path
        body = answer.json()
        assert body.get("error", body)["code"] == "wrong_credential", path
    await (await open_with(gateway, secret)).connection.close()


def allow_origin(gateway: Gateway, origin: str) -> None:
    """As an administrator does, in the Django admin."""
    with httpx.Client(base_url=gateway.process.url) as browser:

        def post(path: str, **form: str) -> httpx.Response:
            token = browser.cookies["csrftoken"]
            return browser.post(path, data={**form, "csrfmiddlewaretoken": token})

        browser.get("/admin/login/")
        post("/admin/login/", username="admin", password=gateway.process.passwords["admin"])
        answer = post("/admin/accounts/allowedorigin/add/", origin=origin)
        assert answer.status_code == 302, answer.text


async def test_a_page_that_an_admin_lists_mints_and_opens_and_others_do_neither(
    gateway: Gateway,
) -> None:
    listed = "https://app.example.org"
    key = make_key(gateway)
    preflight = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, x-stainless-lang",
    }
    with pytest.raises(InvalidStatus):
        await gateway.dial(key.value, origin=listed)
    allow_origin(gateway, listed)
    asked = gateway.http.options(SECRETS, headers={"Origin": listed, **preflight})
    assert asked.status_code == 204
    assert asked.headers["Access-Control-Allow-Headers"] == "authorization, x-stainless-lang"
    minted = gateway.http.post(SECRETS, json={}, headers={"Origin": listed, **key.header})
    assert minted.status_code == 200
    assert minted.headers["Access-Control-Allow-Origin"] == listed
    offered = ["realtime", f"openai-insecure-api-key.{minted.json()['value']}"]
    socket = await gateway.dial(subprotocols=offered, origin=listed)
    await socket.wait_for("session.created")
    await socket.connection.close()
    for near in (f"{listed}/", f"{listed}:443", "https://App.example.org", "null"):
        with pytest.raises(InvalidStatus) as refused:
            await gateway.dial(key.value, origin=near)
        assert refused.value.response.status_code == 403, near
        foreign = {"Origin": near, **key.header}
        answer = gateway.http.post(SECRETS, json={}, headers=foreign)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "origin_not_allowed")
        assert not [name for name in answer.headers if name.startswith("access-control")], near


@pytest.mark.parametrize("path", ["/v1/realtime/client_secrets", "/api/token/"])
def test_an_answer_given_before_the_body_was_read_is_named_as_well(
    gateway: Gateway, path: str
) -> None:
    answer = gateway.http.post(path, content=b"x" * (1024 * 1024 + 1))
    assert answer.status_code == 413
    assert re.fullmatch(r"req_[0-9a-f]{32}", answer.headers["x-request-id"])


def test_a_page_reads_that_its_body_was_too_large(gateway: Gateway) -> None:
    body, origin = b"x" * (1024 * 1024 + 1), gateway.process.url
    answer = gateway.http.post(SECRETS, content=body, headers={"Origin": origin})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert "X-Request-Id" in answer.headers["Access-Control-Expose-Headers"]
    answer = gateway.http.post(SECRETS, content=body, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 413
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_a_request_is_found_in_the_log_by_the_name_in_its_answer(gateway: Gateway) -> None:
    answer = gateway.http.get("/v1/models", headers={"x-request-id": "req_of_the_client"})
    with pytest.raises(InvalidStatus) as refused:
        await gateway.dial("ek_unknown")
    socket = await open_with(gateway, gateway.access())
    assert socket.connection.response is not None
    accepted = socket.connection.response.headers["x-request-id"]
    await socket.connection.close()
    names = (
        answer.headers["x-request-id"],
        refused.value.response.headers["x-request-id"],
        accepted,
    )
    assert len(set(names)) == 3
    for _ in range(100):
        log = gateway.process.log()
        if all(name in log for name in names):
            break
        await asyncio.sleep(0.05)
    assert [name for name in names if name not in log] == []
    assert "req_of_the_client" not in log
