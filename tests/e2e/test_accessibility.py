"""Everyone can use every page and every state of a call: by axe, by keyboard, on a small screen."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.axe import serious_violations
from tests.e2e.browser import Microphone
from tests.e2e.chat_page import ChatPage
from tests.e2e.server import ServerProcess
from tests.e2e.tab import PHONE, Tab

SCHEMES = ("light", "dark")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("address", ["/login", "/", "/settings", "/review/"])
def test_a_page_has_no_serious_violation(
    browser: Browser, server: ServerProcess, address: str, scheme: str
) -> None:
    with Tab(browser, server.url, color_scheme=scheme) as tab:
        if address == "/login":
            tab.open("/login")
            expect(tab.page.get_by_label("User name")).to_be_visible()
        else:
            ChatPage(tab).sign_in(server, "admin")
            tab.open(address)
            expect(tab.page.get_by_role("main")).to_be_visible()
            tab.page.wait_for_load_state("networkidle")
        tab.shoot(f"page-{address.strip('/') or 'chat'}-{scheme}")
        assert serious_violations(tab.page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_voice_state_has_a_serious_violation(
    browser: Browser, server: ServerProcess, microphone: Microphone, scheme: str
) -> None:
    microphone.say("count to twenty", 2500, "go forward")
    found: dict[str, list[str]] = {}
    with Tab(browser, server.url, color_scheme=scheme) as tab:
        chat = ChatPage(tab)
        chat.sign_in(server)

        def judge(state: str) -> None:
            tab.shoot(f"voice-{state}-{scheme}")
            found[state] = serious_violations(tab.page)

        tab.context.clear_permissions()
        expect(chat.voice_button).to_be_visible()
        chat.voice_button.click()
        expect(chat.panel).to_be_visible()
        judge("connecting")
        chat.expect_state("listening")
        judge("listening")
        tab.wait_for_frame("input_audio_buffer.speech_started")
        judge("user-speaking")
        chat.expect_state("speaking")
        judge("speaking")
        chat.wait_for_answers(1)
        chat.control("Interrupt").click()
        judge("interrupted")
        chat.control("Mute").click()
        chat.expect_state("muted")
        judge("muted")
        chat.end_call()
        judge("ended")
    assert {state: seen for state, seen in found.items() if seen} == {}


def test_a_whole_call_works_by_keyboard_alone(
    tab: Tab, server: ServerProcess, microphone: Microphone
) -> None:
    microphone.say("count to twenty")
    page, chat = tab.page, ChatPage(tab)
    tab.open("/login")
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type("demo")
    page.keyboard.press("Tab")
    page.keyboard.type(server.passwords["demo"])
    page.keyboard.press("Enter")
    expect(chat.composer).to_be_visible()
    page.keyboard.press("Control+Shift+V")
    chat.expect_live()
    expect(chat.control("Mute")).to_be_focused()
    chat.expect_state("speaking")
    page.keyboard.press("Escape")
    chat.expect_state("listening")
    page.keyboard.press("m")
    chat.expect_state("muted")
    page.keyboard.press("m")
    chat.expect_state("listening")
    page.keyboard.press("t")
    expect(chat.composer).to_be_focused()
    page.keyboard.type("what is two plus two")
    page.keyboard.press("Enter")
    chat.expect_line("assistant", "Two plus two is four.")
    tab_to(page, "End call")
    page.keyboard.press("Control+Shift+E")
    chat.expect_state("ended")
    tab_to(page, "Back to chat")
    page.keyboard.press("Enter")
    expect(chat.panel).to_have_count(0)
    expect(chat.voice_button).to_be_focused()


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of that name has the focus."""
    for _ in range(60):
        focused = page.evaluate(
            "document.activeElement.getAttribute('aria-label')"
            " || document.activeElement.textContent.trim()"
        )
        if focused == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached {name}")


def open_login(chat: ChatPage, server: ServerProcess) -> None:
    chat.tab.open("/login")


def open_chat(chat: ChatPage, server: ServerProcess) -> None:
    chat.sign_in(server)
    chat.type("a-word-without-any-place-to-break-it-" * 8)
    chat.expect_line("assistant", re.compile("."))


def open_settings(chat: ChatPage, server: ServerProcess) -> None:
    chat.sign_in(server)
    chat.tab.open("/settings")
    expect(chat.page.get_by_role("main")).to_be_visible()


def open_review(chat: ChatPage, server: ServerProcess) -> None:
    chat.sign_in(server, "admin")
    chat.tab.open("/review/")
    expect(chat.page.get_by_role("main")).to_be_visible()


def open_call(chat: ChatPage, server: ServerProcess) -> None:
    chat.sign_in(server)
    chat.start_call()


@pytest.mark.parametrize("show", [open_login, open_chat, open_settings, open_review, open_call])
def test_a_small_screen_never_scrolls_sideways(
    browser: Browser, server: ServerProcess, show: Callable[[ChatPage, ServerProcess], None]
) -> None:
    with Tab(browser, server.url, viewport=PHONE) as tab:
        show(ChatPage(tab), server)
        tab.page.wait_for_load_state("networkidle")
        tab.shoot(f"small-{show.__name__.removeprefix('open_')}")
        assert widest(tab.page) <= PHONE["width"]


def widest(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))
