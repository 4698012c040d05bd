"""`/voice-test`: each part of the way is tried by itself and told in a copyable report."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Locator, Playwright, expect

from tests.e2e.axe import serious_violations
from tests.e2e.browser import DENY_PROMPTS, FAKE_DEVICE, Microphone, launch
from tests.e2e.chat_page import ChatPage
from tests.e2e.server import ServerProcess
from tests.e2e.speech import recording
from tests.e2e.tab import PHONE, Tab

ALL_WELL = ("browser", "permission", "level", "recording", "speaker", "websocket", "round-trip")


def test_every_part_of_a_good_setup_is_found_good_and_reported(
    browser: Browser, server: ServerProcess, microphone: Microphone
) -> None:
    microphone.say(recording("goforward"), recording("goforward"))
    with Tab(browser, server.url) as tab:
        ChatPage(tab).sign_in(server)
        tab.open("/settings")
        tab.page.get_by_role("link", name="Test my voice set-up").click()
        tab.context.grant_permissions(["clipboard-read", "clipboard-write", "microphone"])
        button = tab.page.get_by_role

        button("button", name="Start microphone").click()
        expect(part(tab, "level")).to_have_attribute("data-verdict", "ok")
        button("button", name="Record three seconds").click()
        expect(part(tab, "recording")).to_have_attribute("data-verdict", "ok")
        button("button", name="Play a tone").click()
        button("button", name="Yes, I heard it").click()
        button("button", name="Test the connection").click()
        for name in ALL_WELL:
            expect(part(tab, name)).to_have_attribute("data-verdict", "ok")
        assert serious_violations(tab.page) == []

        button("button", name="Copy report").click()
        expect(tab.page.get_by_text("Copied.")).to_be_visible()
        report = tab.page.evaluate("navigator.clipboard.readText()")
        for line in (
            r"^Microphone level: OK\. You are heard \(-\d+ dB\)\.$",
            r"^Record and play: OK\.",
            r"^Speaker: OK\.",
            r"^WebSocket: OK\. A session opened in \d+ ms\.$",
            r"^Round trip: OK\. [\d.]+ ms ",
        ):
            assert re.search(line, report, re.MULTILINE), (line, report)
        assert tab.sounds(), "the recording and the tone were not audible"


def test_a_blocked_microphone_is_named_with_its_remedy_and_the_rest_still_works(
    playwright_driver: Playwright, server: ServerProcess
) -> None:
    denying = launch(playwright_driver, DENY_PROMPTS, FAKE_DEVICE, whole=True)
    with Tab(denying, server.url, is_probed=False, viewport=PHONE) as tab:
        ChatPage(tab).sign_in(server)
        tab.open("/voice-test")
        tab.page.get_by_role("button", name="Start microphone").click()
        expect(part(tab, "permission")).to_have_attribute("data-verdict", "problem")
        expect(part(tab, "permission")).to_contain_text("lock icon")
        tab.page.get_by_role("button", name="Test the connection").click()
        expect(part(tab, "websocket")).to_have_attribute("data-verdict", "ok")
        assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    denying.close()


def part(tab: Tab, name: str) -> Locator:
    return tab.page.get_by_test_id(f"part-{name}")
