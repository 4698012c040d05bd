"""WebRTC calls at a provider, against a real HTTP server and the recorded exchange."""

from __future__ import annotations

import json
import logging
import re

import pytest
import yaml

from realtime.core.errors import UpstreamFailed, UpstreamRefused, UpstreamTimedOut
from realtime.runtime.ports import UpstreamTarget
from realtime.upstream.realtime_http import RealtimeHttpCalls, calls_url
from tests.fakes.http_server import FakeHttpServer, fake_http_server
from tests.fakes.recordings import SHARED_DIR

KEY = "sk-canary-1234567890"
TARGET = UpstreamTarget(model="gpt-realtime-2.1", safety_identifier="hashed")
OFFER = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
ANSWER = "v=0\r\no=- 2 2 IN IP4 0.0.0.0\r\n"
SESSION = {"type": "realtime", "model": "gpt-realtime-2.1"}


def calls(server: FakeHttpServer, **options: float | str) -> RealtimeHttpCalls:
    return RealtimeHttpCalls(server.url, KEY, **options)  # type: ignore[arg-type]


def disposition_lines(body: str) -> list[str]:
    """The headers of every part of a form, without the boundary."""
    heads = re.findall(r"--[0-9a-f]+\r\n(.*?)\r\n\r\n", body, re.DOTALL)
    return [line for head in heads for line in head.split("\r\n")]


async def test_a_call_is_made_as_it_was_recorded() -> None:
    path = SHARED_DIR / "recordings" / "test_webrtc__test_answer_webrtc_offer.yaml"
    recorded = yaml.safe_load(path.read_text())["interactions"][0]
    reply = recorded["response"]
    async with fake_http_server() as server:
        location = reply["headers"]["location"][0]
        server.will_answer("201 Created", reply["body"]["string"], Location=location)
        answer = await calls(server).create_call(OFFER, SESSION, TARGET)
    assert answer.call_id == location.rpartition("/")[2]
    assert answer.sdp == reply["body"]["string"]
    (asked,) = server.asked
    assert (asked.method, asked.target) == ("POST", "/v1/realtime/calls")
    assert asked.headers["accept"] == "application/sdp"
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.headers["openai-safety-identifier"] == "hashed"
    assert asked.headers["content-type"].startswith("multipart/form-data; boundary=")
    body = asked.body.decode()
    assert disposition_lines(body) == disposition_lines(recorded["request"]["body"])
    assert f"\r\n\r\n{OFFER}\r\n--" in body
    assert json.loads(body.split("\r\n\r\n")[-1].split("\r\n")[0]) == SESSION


async def test_the_provider_s_refusal_keeps_its_status_code_and_words() -> None:
    error = {"message": "Bad offer.", "type": "x", "code": "invalid_offer", "param": None}
    async with fake_http_server() as server:
        server.will_answer("400 Bad Request", json.dumps({"error": error}))
        with pytest.raises(UpstreamRefused) as refused:
            await calls(server).create_call(OFFER, SESSION, TARGET)
    assert refused.value.provider_status == 400
    assert (refused.value.code, refused.value.message) == ("invalid_offer", "Bad offer.")
    assert not refused.value.retryable


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"error": "no"}'])
async def test_a_refusal_without_openai_s_shape_still_has_a_sentence(body: str) -> None:
    async with fake_http_server() as server:
        server.will_answer("503 Service Unavailable", body)
        with pytest.raises(UpstreamRefused) as refused:
            await calls(server).create_call(OFFER, SESSION, TARGET)
    assert refused.value.message == "The voice provider answered with HTTP 503."
    assert refused.value.retryable


async def test_what_the_provider_says_of_our_key_is_not_passed_on() -> None:
    body = json.dumps(
        {"error": {"message": f"Incorrect API key: {KEY}", "code": "invalid_api_key"}}
    )
    async with fake_http_server() as server:
        server.will_answer("401 Unauthorized", body)
        with pytest.raises(UpstreamFailed) as refused:
            await calls(server).create_call(OFFER, SESSION, TARGET)
    assert refused.value.code == "upstream_auth"
    assert "canary" not in refused.value.message


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ('{"error": {}}', {"Location": "/v1/realtime/calls/rtc_1"}),
        (ANSWER, {}),
        ("v=0" + "x" * 300_000, {"Location": "/v1/realtime/calls/rtc_1"}),
    ],
)
async def test_only_sdp_that_names_its_call_is_an_answer(
    body: str, headers: dict[str, str]
) -> None:
    async with fake_http_server() as server:
        server.will_answer("201 Created", body, **headers)
        with pytest.raises(UpstreamFailed) as failed:
            await calls(server).create_call(OFFER, SESSION, TARGET)
    assert failed.value.code == "upstream_bad_answer"


async def test_no_redirect_is_followed() -> None:
    async with fake_http_server() as server:
        server.will_answer(
            "307 Temporary Redirect", "", Location=f"http://127.0.0.1:{server.port}/"
        )
        with pytest.raises(UpstreamRefused):
            await calls(server).create_call(OFFER, SESSION, TARGET)
    assert len(server.asked) == 1


async def test_a_silent_provider_costs_the_time_out_alone() -> None:
    async with fake_http_server() as server:
        server.answer = None
        with pytest.raises(UpstreamTimedOut):
            await calls(server, timeout_s=0.2).create_call(OFFER, SESSION, TARGET)


async def test_a_provider_that_is_away_can_be_asked_again() -> None:
    async with fake_http_server() as server:
        pass
    with pytest.raises(UpstreamFailed) as failed:
        await calls(server).create_call(OFFER, SESSION, TARGET)
    assert (failed.value.code, failed.value.retryable) == ("upstream_unreachable", True)


async def test_an_address_that_is_none_is_the_operator_s_to_correct() -> None:
    with pytest.raises(UpstreamFailed) as failed:
        await RealtimeHttpCalls("ftp://nowhere", KEY).create_call(OFFER, SESSION, TARGET)
    assert failed.value.code == "upstream_misconfigured"


async def test_hanging_up_names_the_call_and_forgives_one_that_is_gone() -> None:
    async with fake_http_server() as server:
        await calls(server).hangup("rtc_u0_1")
        server.will_answer("404 Not Found", '{"error": {"code": "call_id_not_found"}}')
        await calls(server).hangup("rtc_u0_2")
        server.will_answer("500 Internal Server Error", "")
        with pytest.raises(UpstreamRefused):
            await calls(server, key_header="api-key", key_prefix="").hangup("../rtc")
    assert [asked.target for asked in server.asked] == [
        "/v1/realtime/calls/rtc_u0_1/hangup",
        "/v1/realtime/calls/rtc_u0_2/hangup",
        "/v1/realtime/calls/..%2Frtc/hangup",
    ]
    assert server.asked[2].headers["api-key"] == KEY


def test_calls_live_below_the_socket_s_address() -> None:
    assert calls_url("wss://api.openai.com/v1/realtime") == (
        "https://api.openai.com/v1/realtime/calls"
    )
    assert calls_url("ws://h:1/v1/realtime/?model=m&deployment=d", "/rtc_1/hangup") == (
        "http://h:1/v1/realtime/calls/rtc_1/hangup?deployment=d"
    )


async def test_the_log_has_lengths_and_ids_and_neither_sdp_nor_key(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with fake_http_server() as server:
        server.will_answer("201 Created", ANSWER, Location="/v1/realtime/calls/rtc_u0_1")
        await calls(server).create_call(OFFER, SESSION, TARGET)
    assert f"call rtc_u0_1: offer of {len(OFFER)} bytes, provider answered 201" in caplog.text
    assert "IN IP4" not in caplog.text
    assert KEY not in caplog.text
