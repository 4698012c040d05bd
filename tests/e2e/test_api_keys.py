"""A key of one's own, from the settings page to a program that uses it and is shut out."""

from __future__ import annotations

import httpx
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.e2e.axe import serious_violations
from tests.e2e.chat_page import ChatPage
from tests.e2e.rest import RestPerson
from tests.e2e.server import ServerProcess
from tests.e2e.tab import DESKTOP, PHONE, Tab


def open_keys(tab: Tab, server: ServerProcess) -> None:
    ChatPage(tab).sign_in(server)
    tab.open("/settings")
    expect(tab.page.get_by_role("heading", name="API keys")).to_be_visible()


def create(page: Page, name: str) -> str:
    """Fill in the dialog by keyboard; returns the key that is shown."""
    page.get_by_role("button", name="Create API key").click()
    dialog = page.get_by_role("dialog", name="Create API key")
    expect(dialog.get_by_label("Name")).to_be_focused()
    page.keyboard.type(name)
    dialog.get_by_label("Read history").check()
    life = dialog.get_by_label("Expires")
    life.select_option("Until I revoke it")
    life.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="Create key")).to_be_focused()
    page.keyboard.press("Enter")
    shown = page.get_by_role("dialog", name=f"API key “{name}”")
    return shown.get_by_role("group", name="API key").locator("code").inner_text()


def models(server: ServerProcess, key: str) -> int:
    address = f"{server.url}/v1/models"
    return httpx.get(address, headers={"Authorization": f"Bearer {key}"}).status_code


def test_a_key_is_made_copied_used_and_revoked(tab: Tab, server: ServerProcess) -> None:
    open_keys(tab, server)
    page = tab.page
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    key = create(page, "bridge")
    shown = page.get_by_role("dialog", name="API key “bridge”")
    page.keyboard.press("Escape")  # a slip of the hand
    expect(shown.get_by_role("alert")).to_contain_text("not copied the key")
    shown.get_by_role("button", name="Copy API key").click()
    expect(shown.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == key
    shown.get_by_role("button", name="Copy Settings for an OpenAI SDK").click()
    lines = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert lines == [f"OPENAI_BASE_URL={server.url}/v1", f"OPENAI_API_KEY={key}"]
    shown.get_by_role("button", name="Done").click()
    expect(page.get_by_role("button", name="Create API key")).to_be_focused()
    row = page.get_by_role("list", name="Your API keys").get_by_role("listitem")
    expect(row).to_contain_text(f"{key[:9]}…")
    expect(row).to_contain_text("Voice sessions, Read history")
    expect(row).to_contain_text("never used · never expires")
    assert key not in page.content()

    assert models(server, key) == 200
    tab.open("/settings")
    expect(row).to_contain_text("last used")
    page.get_by_role("button", name="Revoke bridge").click()
    asked = page.get_by_role("dialog", name="Revoke API key?")
    asked.get_by_role("button", name="Cancel").click()
    assert models(server, key) == 200
    page.get_by_role("button", name="Revoke bridge").click()
    asked.get_by_role("button", name="Revoke", exact=True).click()
    expect(page.get_by_text("OPENAI_API_KEY=va_…")).to_be_visible()
    expect(page.get_by_role("button", name="Create API key")).to_be_focused()
    assert models(server, key) == 401


def test_a_wish_that_makes_no_sense_is_explained_where_it_was_made(
    tab: Tab, server: ServerProcess
) -> None:
    open_keys(tab, server)
    page = tab.page
    page.get_by_role("button", name="Create API key").click()
    dialog = page.get_by_role("dialog", name="Create API key")
    make = dialog.get_by_role("button", name="Create key")
    make.click()
    expect(dialog.get_by_label("Name")).to_be_focused()
    expect(dialog.get_by_text("Give it a name")).to_be_visible()
    dialog.get_by_label("Name").fill("bridge")
    dialog.get_by_label("Voice sessions").uncheck()
    make.click()
    expect(dialog.get_by_role("alert")).to_contain_text("at least one thing")
    dialog.get_by_label("Voice sessions").check()
    tab.context.set_offline(True)
    tab.allow_console("ERR_INTERNET_DISCONNECTED")
    make.click()
    expect(dialog.get_by_role("alert")).to_contain_text("offline")
    expect(make).to_be_enabled()
    tab.context.set_offline(False)


def test_everyone_can_use_the_dialogs_in_light_and_dark_and_on_a_phone(
    browser: Browser, server: ServerProcess, demo: RestPerson
) -> None:
    found: dict[str, list[str]] = {}
    for scheme, viewport in (("light", PHONE), ("dark", DESKTOP)):
        with Tab(browser, server.url, color_scheme=scheme, viewport=viewport) as tab:
            page = tab.page

            def judge(
                name: str, scheme: str = scheme, tab: Tab = tab, viewport: ViewportSize = viewport
            ) -> None:
                found[f"{name} {scheme}"] = serious_violations(tab.page)
                width_px = tab.page.evaluate("document.documentElement.scrollWidth")
                assert width_px <= viewport["width"], name

            open_keys(tab, server)
            expect(page.get_by_text("OPENAI_API_KEY=va_…")).to_be_visible()
            page.get_by_role("button", name="Create API key").scroll_into_view_if_needed()
            judge("empty")
            page.get_by_role("button", name="Create API key").click()
            judge("ask")
            page.keyboard.press("Escape")
            create(page, "a telephone bridge with a rather long name of its own")
            judge("issued")
            page.get_by_role("button", name="Done").click()
            expect(page.get_by_role("list", name="Your API keys")).to_be_visible()
            judge("list")
            page.get_by_role("button", name="Revoke a telephone").click()
            judge("revoke")
            page.get_by_role("button", name="Revoke", exact=True).click()
            expect(page.get_by_role("dialog")).to_have_count(0)
    assert demo.get("/api/keys/")["results"] == []
    assert {state: seen for state, seen in found.items() if seen} == {}
