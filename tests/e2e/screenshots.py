"""`python -m tests.e2e.screenshots` takes the README's pictures from the product as it is."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright

from scripts.install import build_frontend
from tests.e2e.browser import Microphone, launch_with_microphone
from tests.e2e.chat_page import ChatPage
from tests.e2e.server import ROOT, ServerProcess
from tests.e2e.speech import recording
from tests.e2e.tab import Tab

IMAGES = ROOT / "docs" / "images"
SIZE = ViewportSize(width=1280, height=800)
TYPED = ("my name is marguerite", "what is seven times six", "what is my name")


def shoot(tab: Tab, name: str) -> None:
    """One picture; the pointer and the text cursor stay out of it."""
    tab.page.mouse.move(0, 0)
    path = IMAGES / f"{name}.png"
    tab.page.screenshot(path=path, animations="disabled", caret="hide")
    print(path.relative_to(ROOT))


def picture_chat_and_call(browser: Browser, server: ServerProcess, microphone: Microphone) -> str:
    """A conversation written and spoken; returns its id."""
    with Tab(browser, server.url, viewport=SIZE, speaker=microphone.speaker) as tab:
        chat = ChatPage(tab)
        chat.sign_in(server)
        for said in ("tell me a story", "what time is it"):
            chat.type(said)
            chat.expect_line("user", said)
            expect(chat.thread.locator("[data-role=assistant]:not([aria-hidden])")).to_have_count(1)
            chat.conversation_id  # noqa: B018  (waits until the address is the conversation's)
            tab.page.get_by_role("link", name="New conversation").click()
            expect(chat.thread.locator("[data-role]")).to_have_count(0)
        for answers, said in enumerate(TYPED, 1):
            chat.type(said)
            expect(chat.thread.locator("[data-role=assistant]:not([aria-hidden])")).to_have_count(
                answers
            )
        shoot(tab, "chat")
        chat.start_call()
        tab.say(recording("goforward"))
        chat.wait_until_heard(1, heard_ms=800)
        chat.expect_line("user", "go forward ten meters")
        tab.say("count to twenty")
        chat.wait_until_heard(2, heard_ms=2500)
        chat.expect_state("speaking")
        shoot(tab, "call")
        chat.end_call()
        return chat.conversation_id


def picture_review(browser: Browser, server: ServerProcess, conversation_id: str) -> None:
    with Tab(browser, server.url, viewport=SIZE, is_probed=False) as tab:
        chat = ChatPage(tab)
        chat.sign_in(server, "admin")
        tab.open(f"/review/{conversation_id}")
        expect(tab.page.get_by_text("go forward ten meters").first).to_be_visible()
        shoot(tab, "review")


def main() -> None:
    """Needs Chromium, flite and sox; writes docs/images/{chat,call,review}.png."""
    build_frontend()
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="voiceassist-screenshots-") as name:
        server = ServerProcess(Path(name))
        server.start()
        try:
            with sync_playwright() as playwright:
                microphone = Microphone(Path(name))
                browser = launch_with_microphone(playwright, microphone)
                conversation_id = picture_chat_and_call(browser, server, microphone)
                picture_review(browser, server, conversation_id)
                browser.close()
        finally:
            server.stop()


if __name__ == "__main__":
    main()
