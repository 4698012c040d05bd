"""Everyone can use every page and every state of a call: by axe, by keyboard, on a small screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.axe import serious_violations
from tests.e2e.browser import Microphone
from tests.e2e.chat_page import ChatPage
from tests.e2e.server import ServerProcess
from tests.e2e.tab import PHONE, Tab

SCHEMES = ("light", "dark")
# So long nobody speaks, for a state must last until it has been judged.
JUDGING_MS = 6000


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_page_has_a_serious_violation(
    browser: Browser, server: ServerProcess, scheme: str
) -> None:
    found: dict[str, list[str]] = {}
    with Tab(browser, server.url, color_scheme=scheme) as tab:

        def judge(name: str) -> None:
            tab.page.wait_for_load_state("networkidle")
            found[name] = serious_violations(tab.page)

        tab.open("/login")
        expect(tab.page.get_by_label("Username")).to_be_visible()
        judge("login")
        chat = ChatPage(tab)
        chat.sign_in(server, "admin")
        judge("empty")
        chat.type("Tell me a *story* about `code`")
        chat.expect_line("assistant", re.compile("lighthouse"))
        judge("chat")
        tab.page.get_by_role("button", name="Help").click()
        expect(tab.page.get_by_role("dialog")).to_be_visible()
        judge("how-to")
        for address in ("/settings", "/voice-test", "/review/", f"/review/{chat.conversation_id}"):
            tab.open(address)
            expect(tab.page.get_by_role("main")).to_be_visible()
            judge(address.strip("/").replace("/", "-")[:12])
    assert {page: seen for page, seen in found.items() if seen} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_voice_state_has_a_serious_violation(
    browser: Browser, server: ServerProcess, microphone: Microphone, scheme: str
) -> None:
    """Those of a call that goes wrong or asks first are judged where they are provoked."""
    microphone.say(JUDGING_MS, "count to twenty")
    found: dict[str, list[str]] = {}
    with Tab(browser, server.url, color_scheme=scheme) as tab:
        chat = ChatPage(tab)
        chat.sign_in(server)

        def judge(*states: str) -> None:
            chat.expect_state(re.compile(f"^({'|'.join(states)})$"))
            found[states[0]] = serious_violations(tab.page)

        with held_requests(tab, "**/api/voice/realtime-session"):
            chat.voice_button.click()
            judge("pre-buffer")
            chat.control("Cancel").click()
        chat.control("Start talking").click()
        judge("listening")
        judge("user-speaking")
        judge("thinking", "speaking")
        judge("speaking")
        chat.control("Interrupt").click()
        judge("interrupted", "listening")
        chat.control("Mute").click()
        judge("muted")
        chat.control("Collapse call").click()
        judge("muted")
        chat.control("End call").click()
        chat.control("Expand call").click()
        judge("ended")
        microphone.deliver_zeros()
        chat.control("Start again").click()
        judge("no-mic-signal")
        chat.end_call()
    assert {state: seen for state, seen in found.items() if seen} == {}


@contextmanager
def held_requests(tab: Tab, address: str) -> Iterator[None]:
    """Requests to that address are held back meanwhile."""
    held: list[Route] = []
    tab.context.route(address, lambda route: held.append(route))
    yield
    tab.context.unroute(address)
    for route in held:
        route.continue_()


def test_a_whole_call_works_by_keyboard_alone(
    tab: Tab, server: ServerProcess, microphone: Microphone
) -> None:
    microphone.say("count to twenty")
    page, chat = tab.page, ChatPage(tab)
    tab.open("/login")
    expect(page.get_by_label("Username")).to_be_focused()
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


def test_a_small_screen_never_scrolls_sideways(
    browser: Browser, server: ServerProcess, microphone: Microphone
) -> None:
    microphone.say()
    too_wide: dict[str, int] = {}
    with Tab(browser, server.url, viewport=PHONE) as tab:

        def measure(name: str) -> None:
            tab.page.wait_for_load_state("networkidle")
            width_px = int(tab.page.evaluate("document.documentElement.scrollWidth"))
            if width_px > PHONE["width"]:
                too_wide[name] = width_px

        tab.open("/login")
        measure("login")
        chat = ChatPage(tab)
        chat.sign_in(server, "admin")
        measure("empty")
        chat.type("a-word-without-any-place-to-break-it-" * 8)
        chat.expect_line("assistant", re.compile("."))
        measure("chat")
        chat.start_call()
        measure("call")
        tab.page.get_by_role("button", name="Show chat").click()
        measure("collapsed")
        chat.control("End call").click()
        for address in ("/settings", "/voice-test", "/review/", f"/review/{chat.conversation_id}"):
            tab.open(address)
            expect(tab.page.get_by_role("main")).to_be_visible()
            measure(address.strip("/").replace("/", "-")[:12])
    assert too_wide == {}
