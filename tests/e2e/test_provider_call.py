"""A page of another origin calls the embedded provider's own server over WebRTC."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright

from tests.e2e.browser import ALLOW_PROMPTS, FAKE_DEVICE, Microphone, launch
from tests.e2e.server import ROOT
from tests.e2e.speech import recording

pytestmark = [pytest.mark.browser, pytest.mark.speech]

PROBE = Path(__file__).resolve().parent / "probes" / "call.js"
READY = "Embedded provider ready: ws"
TIMEOUT_MS = 30_000


@pytest.fixture
def provider_url() -> Iterator[str]:
    """A provider process of its own; its HTTP base URL."""
    command = [sys.executable, "manage.py", "embedded_provider", "--port", "0"]
    env = os.environ | {"SECRET_KEY": "only-for-this-test-" * 4}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith(READY), line
        yield "http" + line.removeprefix(READY).strip()
        process.terminate()
        assert process.wait(timeout=20) == 0


class EmptyPage(BaseHTTPRequestHandler):
    """A site of another origin, on this host so that its pages may have a microphone."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>call</title>")

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def site_url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def page(playwright_driver: Playwright, microphone: Microphone, site_url: str) -> Iterator[Page]:
    # Twice: on a busy machine the first may be over before the call stands.
    microphone.say(recording("goforward"), 8_000, recording("goforward"))
    source = f"--use-file-for-fake-audio-capture={microphone.path}%noloop"
    flags = (ALLOW_PROMPTS, FAKE_DEVICE, source, "--allow-loopback-in-peer-connection")
    browser = launch(playwright_driver, *flags)
    page = browser.new_page()
    page.goto(site_url)
    page.add_script_tag(path=PROBE)
    yield page
    browser.close()


def wait_for_event(page: Page, **fields: str) -> list[dict[str, Any]]:
    """All events so far, once there is one with these fields."""
    there = "(fields) => call.events.some((event) => fields.every(([k, v]) => event[k] === v))"
    page.wait_for_function(there, arg=list(fields.items()), timeout=TIMEOUT_MS)
    events: list[dict[str, Any]] = page.evaluate("call.events")
    return events


def test_a_page_is_heard_answered_aloud_and_hung_up_on(provider_url: str, page: Page) -> None:
    page.evaluate("(url) => startCall(url)", f"{provider_url}/calls?model=gpt-realtime-2.1")
    assert page.evaluate("call.status") == 201
    events = wait_for_event(page, transcript="Going forward ten meters.")
    assert events[0]["type"] == "session.created"
    heard = [e["transcript"] for e in events if e["type"].endswith("transcription.completed")]
    assert heard[-1] == "go forward ten meters"
    wait_for_event(page, type="output_audio_buffer.stopped")
    assert page.evaluate("energyHeard()") > 0.001

    location = page.evaluate("call.location")
    assert location.startswith("/v1/realtime/calls/rtc_")
    hang_up = urllib.request.Request(
        f"{provider_url}/calls/{location.rpartition('/')[2]}/hangup",
        method="POST",
        headers={"Authorization": "Bearer any"},
    )
    with urllib.request.urlopen(hang_up, timeout=10) as response:
        assert response.status == 200
    wait_for_event(page, type="closed")
