"""A reviewer finds a call among many by keyboard alone; what people said harms nothing there."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.axe import serious_violations
from tests.e2e.chat_page import ChatPage
from tests.e2e.rest import RestPerson
from tests.e2e.review_seed import HOSTILE_ID, HOSTILE_LINES, seed
from tests.e2e.server import ServerProcess
from tests.e2e.tab import Tab

CALLS = 400
REFUND = re.compile("refund", re.IGNORECASE)


@pytest.fixture(scope="module")
def reviewed_server(
    pages_built: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path_factory.mktemp("reviewed"), EMBEDDED_WARM_UP="false")
    process.start()
    try:
        seed(process, CALLS)
        yield process
    finally:
        process.stop()


def test_a_reviewer_finds_tags_and_exports_calls_by_keyboard_alone(
    browser: Browser, reviewed_server: ServerProcess
) -> None:
    with Tab(browser, reviewed_server.url, is_probed=False) as tab:
        page, keys = tab.page, tab.page.keyboard
        ChatPage(tab).sign_in(reviewed_server, "admin")
        tab.open("/review")
        page.get_by_label("Words said").focus()
        keys.type("refund")
        for step in ("user", "last week", "yes"):
            keys.press("Tab")
            keys.type(step)
        keys.press("Tab")
        keys.press("Enter")
        in_use = page.get_by_role("list", name="Filters in use").get_by_role("listitem")
        expect(in_use.first).to_be_visible()
        found = page.locator("section[aria-labelledby=found][aria-busy=false]")
        expect(found).to_be_visible()
        rows = page.locator("[data-step]")
        expect(rows.nth(2)).to_be_visible()
        assert serious_violations(page) == []
        for _ in range(3):
            keys.press("j")
        expect(rows.nth(2)).to_be_focused()
        keys.press("Enter")

        expect(page.get_by_role("dialog", name="Why are you looking?")).to_be_visible()
        page.get_by_label("Reason").focus()
        keys.type("complaint 17")
        keys.press("Enter")
        lines = page.get_by_role("list", name="Transcript").locator("> li")
        expect(lines.filter(has_text=REFUND).first).to_be_visible()
        turn = next(n for n in range(lines.count()) if REFUND.search(lines.nth(n).inner_text()))
        for _ in range(turn + 1):
            keys.press("j")
        keys.press("Enter")
        expect(lines.nth(turn)).to_have_attribute("aria-current", "true")
        expect(page).to_have_url(re.compile(r"#t=[\d.]+$"))

        for name, table in (("Latency", "Answer by answer"), ("Events", "Events")):
            page.get_by_role("tab", name=name).focus()
            keys.press("Enter")
            expect(page.get_by_role("table", name=table)).to_be_visible()
            assert serious_violations(page) == []

        page.get_by_role("tab", name="Review").focus()
        keys.press("Enter")
        page.get_by_role("button", name="Tag…").focus()
        keys.press("Enter")
        page.get_by_role("textbox", name="Tag").focus()
        keys.type("escalate")
        keys.press("Enter")
        expect(page.get_by_role("button", name="Remove tag escalate")).to_be_visible()
        assert serious_violations(page) == []

        page.get_by_role("link", name="Back to the calls").focus()
        keys.press("Enter")
        page.get_by_role("button", name="Export…").first.focus()
        keys.press("Enter")
        export = page.get_by_role("dialog").get_by_role("button", name="Export", exact=True)
        expect(export).to_be_visible()
        with page.expect_download() as download:
            export.focus()
            keys.press("Enter")
        exported = Path(download.value.path()).read_text(encoding="utf-8-sig")
    cells = [cell for row in csv.reader(exported.splitlines()) for cell in row]
    assert any("escalate" in cell for cell in cells)
    assert not [cell for cell in cells if cell[:1] in tuple("=+@\t\r")]


def test_hostile_words_are_shown_as_words(browser: Browser, reviewed_server: ServerProcess) -> None:
    with Tab(browser, reviewed_server.url, is_probed=False) as tab:
        ChatPage(tab).sign_in(reviewed_server, "admin")
        tab.open(f"/review/calls/{HOSTILE_ID}")
        tab.page.get_by_label("Reason").fill("a look")
        tab.page.keyboard.press("Enter")
        lines = tab.page.get_by_role("list", name="Transcript").locator("> li")
        expect(lines).to_have_count(len(HOSTILE_LINES))
        shown = tab.page.get_by_role("list", name="Transcript").inner_text()
        assert "<script>" in shown
        assert not set("\x1b\u202e\u2067") & set(shown)
        assert "owned" not in tab.page.title()
        assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_owner_sees_who_looked_and_why(
    browser: Browser, reviewed_server: ServerProcess
) -> None:
    with Tab(browser, reviewed_server.url, is_probed=False) as tab:
        ChatPage(tab).sign_in(reviewed_server)
        tab.open("/settings")
        visits = tab.page.get_by_role("list", name="Visits").get_by_role("listitem")
        expect(visits).to_have_count(1)
        expect(visits).to_contain_text("a look")
        tab.open("/review")
        expect(tab.page.get_by_text("You may not review")).to_be_visible()


def test_an_administrator_sets_what_holds_from_the_next_session_on(
    browser: Browser, reviewed_server: ServerProcess
) -> None:
    with Tab(browser, reviewed_server.url, is_probed=False) as tab:
        page, keys = tab.page, tab.page.keyboard
        ChatPage(tab).sign_in(reviewed_server, "admin")
        tab.open("/settings")
        page.get_by_role("link", name="Server settings").click()
        page.get_by_role("button", name="Ask the provider now").click()
        expect(page.get_by_text("It works. It is part of this server.")).to_be_visible()
        page.get_by_label("Default voice").select_option("cedar")
        page.get_by_label("Default prompt").fill("Speak like a pirate.")
        keys.press("Tab")
        keys.press("Enter")
        log = page.get_by_role("list", name="Audit log").get_by_role("listitem")
        expect(log.first).to_contain_text("voice settings: change")
        expect(log.first).to_contain_text("cedar")
        page.get_by_role("button", name="Prices (1) of gpt-realtime-2.1", exact=True).click()
        page.get_by_label("Audio out", exact=True).fill("70")
        assert serious_violations(page) == []
        page.get_by_role("button", name="Add price").last.click()
        expect(page.get_by_role("button", name="Prices (2) of gpt-realtime-2.1")).to_be_visible()
        page.get_by_label("People may talk with the assistant").uncheck()
        expect(page.get_by_text("Voice is switched off on this server.")).to_be_visible()
        assert serious_violations(page) == []
        person = RestPerson(reviewed_server, "demo")
        assert person.ask("POST", "/api/voice/realtime-session", json={}).status_code == 503
        page.get_by_label("People may talk with the assistant").check()
        expect(page.get_by_text("Voice is switched off on this server.")).to_be_hidden()
        minted = person.ask("POST", "/api/voice/realtime-session", json={}).json()
        assert minted["voice_config"]["voice"] == "cedar"
        person.close()
