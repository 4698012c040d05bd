"""The Agents SDK in a page calls us by WebRTC, with nothing changed but its base URL and key."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from tests.contract.gateway import Gateway
from tests.e2e.browser import ALLOW_PROMPTS, FAKE_DEVICE, Microphone, launch
from tests.e2e.speech import recording
from tests.sdk.conftest import GENEROUS
from tests.sdk.page import build_page, page_server
from tests.sdk.sdks import RUN_TIMEOUT_S, Toolbox

pytestmark = [pytest.mark.browser, pytest.mark.speech]

SDK = "page_agents_webrtc"
# Without it Chromium has no candidate to offer on a machine that is its own whole network.
LOOPBACK = "--allow-loopback-in-peer-connection"


@pytest.fixture(scope="module")
def called(
    tools: Toolbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Gateway, dict[str, Any]]]:
    """The server, and what the page reported of its call."""
    folder = tmp_path_factory.mktemp("webrtc-page")
    build_page(tools, SDK, folder)
    microphone = Microphone(tmp_path_factory.mktemp("microphone"))
    microphone.say(recording("goforward"), 60_000)
    source = f"--use-file-for-fake-audio-capture={microphone.path}%noloop"
    with (
        page_server(folder) as origin,
        Gateway(tmp_path_factory.mktemp("gateway"), ALLOWED_ORIGINS=origin, **GENEROUS) as gateway,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright, ALLOW_PROMPTS, FAKE_DEVICE, LOOPBACK, source)
        page = browser.new_page()
        page.set_default_timeout(RUN_TIMEOUT_S * 1000)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{origin}/{SDK}.html")
        minted = gateway.request("POST", "/v1/realtime/client_secrets", json={})
        report = page.evaluate(
            "([url, key]) => drive(url, key)",
            [f"{gateway.process.url}/v1", minted.json()["value"]],
        )
        browser.close()
        assert complaints == []
        yield gateway, report


def test_it_is_heard_answered_and_remembers(called: tuple[Gateway, dict[str, Any]]) -> None:
    _, report = called
    assert report["errors"] == []
    assert report["voice"]["heard"] == "go forward ten meters"
    assert report["voice"]["said"] == "Going forward ten meters."
    assert report["voice"]["history"] == "go forward ten meters"
    assert report["voice"]["status"] == "completed"
    assert report["voice"]["played"]


def test_its_tool_is_called(called: tuple[Gateway, dict[str, Any]]) -> None:
    tool = called[1]["tool"]
    assert tool["calls"] == [{"city": "London"}]
    assert tool["said"] == "It is foggy and 12 degrees in London."


def test_the_call_is_stored_as_one_by_socket_is(called: tuple[Gateway, dict[str, Any]]) -> None:
    gateway, report = called
    deadline = time.monotonic() + 15
    while (session := gateway.session(report["call_id"]))["state"] != "ended":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (session["transport"], session["end_reason"]) == ("webrtc", "user_hangup")
    assert session["turns"] >= 4
    assert session["usage"]["input_audio_tokens"] > 0
    assert session["usage"]["output_audio_tokens"] > 0
    items = gateway.items(session["conversation_id"])
    assert [(item["role"], item["kind"], item["source"]) for item in items[:5]] == [
        ("user", "message", "voice"),
        ("assistant", "message", "voice"),
        ("user", "message", "api"),
        ("tool", "function_call", "voice"),
        ("tool", "function_call_output", "api"),
    ]
    cut = next(item for item in items if item["heard_ms"] is not None)
    assert 300 < cut["heard_ms"] < 5_000
    assert cut["text"].startswith(cut["heard_text"])
