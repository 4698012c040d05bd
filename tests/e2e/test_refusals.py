"""Everything that can be in the way of a call has a name, and a way on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.e2e.axe import serious_violations
from tests.e2e.browser import ALLOW_PROMPTS, DENY_PROMPTS, FAKE_DEVICE, launch
from tests.e2e.chat_page import ChatPage
from tests.e2e.server import ServerProcess
from tests.e2e.tab import Tab


def test_a_wrong_password_is_said_and_signs_nobody_in(tab: Tab, server: ServerProcess) -> None:
    tab.allow_console(r"status of 401 .*/api/token/")
    tab.open("/login")
    tab.page.get_by_label("Username").fill("demo")
    tab.page.get_by_label("Password").fill("not the password")
    tab.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(tab.page.get_by_role("alert")).to_be_visible()
    expect(tab.page).to_have_url(f"{server.url}/login")


def test_a_denied_microphone_is_named_and_typing_still_works(
    playwright_driver: Playwright, server: ServerProcess
) -> None:
    browser = launch(playwright_driver, DENY_PROMPTS, FAKE_DEVICE, whole=True)
    try:
        with Tab(browser, server.url, is_probed=False) as tab:
            chat = ChatPage(tab)
            chat.sign_in(server)
            chat.voice_button.click()
            expect(chat.alert).to_contain_text("Microphone is blocked for this site.")
            assert serious_violations(tab.page) == []
            expect(chat.control("Retry")).to_be_visible()
            chat.control("Type instead").click()
            chat.type("hello")
            chat.expect_line("assistant", "Hello!")
    finally:
        browser.close()


def test_a_missing_microphone_is_named(
    playwright_driver: Playwright, server: ServerProcess
) -> None:
    browser = launch(playwright_driver, ALLOW_PROMPTS, whole=True)
    try:
        with Tab(browser, server.url, is_probed=False) as tab:
            chat = ChatPage(tab)
            chat.sign_in(server)
            chat.voice_button.click()
            expect(chat.alert).to_contain_text("No microphone found.")
    finally:
        browser.close()


def test_the_panel_explains_before_the_browser_asks_for_the_microphone(
    playwright_driver: Playwright, server: ServerProcess
) -> None:
    browser = launch(playwright_driver, FAKE_DEVICE, whole=True)
    try:
        with Tab(browser, server.url, is_probed=False) as tab:
            chat = ChatPage(tab)
            chat.sign_in(server)
            chat.voice_button.click()
            chat.expect_state("priming")
            expect(chat.state).to_have_text("Your browser will ask for the microphone")
            assert serious_violations(tab.page) == []
            chat.control("Cancel").click()
            chat.expect_state("idle")
            assert serious_violations(tab.page) == []
            chat.control("Start talking").click()
            chat.expect_state("priming")
            tab.context.grant_permissions(["microphone"])
            chat.control("Continue").click()
            chat.expect_live()
            chat.end_call()
    finally:
        browser.close()


def test_start_while_offline_is_named_and_retry_connects_once_online(
    tab: Tab, server: ServerProcess
) -> None:
    tab.allow_console("ERR_INTERNET_DISCONNECTED|WebSocket")
    chat = ChatPage(tab)
    chat.sign_in(server)
    chat.start_call()  # loads the voice code, as any earlier call would have
    chat.end_call()
    tab.context.set_offline(True)
    chat.control("Start again").click()
    expect(chat.alert).to_contain_text("You are offline.")
    tab.context.set_offline(False)
    chat.control("Retry").click()
    chat.expect_live()
    chat.end_call()


@pytest.fixture(scope="module")
def silent_server(
    pages_built: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """A server whose operator switched voice off."""
    process = ServerProcess(folder_of(tmp_path_factory), REALTIME_ENABLED="false")
    process.start()
    yield process
    process.stop()


def folder_of(factory: pytest.TempPathFactory) -> Path:
    return factory.mktemp("voice-off")


def test_where_voice_is_off_the_button_is_disabled_and_says_why(
    browser: Browser, silent_server: ServerProcess
) -> None:
    with Tab(browser, silent_server.url) as tab:
        chat = ChatPage(tab)
        chat.sign_in(silent_server)
        expect(chat.voice_button).to_be_disabled()
        expect(chat.voice_button).to_have_accessible_description(
            re.compile("^Voice is switched off")
        )
        chat.voice_button.click(force=True)
        expect(chat.panel).to_have_count(0)
