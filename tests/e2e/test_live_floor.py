"""The live floor: a reviewer watches a call, reads along, and ends it with a reason."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.e2e.axe import serious_violations
from tests.e2e.chat_page import ChatPage
from tests.e2e.server import ServerProcess
from tests.e2e.tab import Tab

HOSTILE = "<script>document.title='owned'</script> my name is \u202eMarguerite"
WHY = "the line is needed elsewhere"
# Playwright itself looks only every so often.
NOTE_WHEN_SEEN = """words => {
  const timer = setInterval(() => {
    if (!document.body.innerText.includes(words)) return;
    window.seenAt = performance.timeOrigin + performance.now();
    clearInterval(timer);
  }, 10);
}"""


def test_a_reviewer_watches_a_call_and_ends_it_with_a_reason(
    browser: Browser, server: ServerProcess, tab: Tab
) -> None:
    speaker = ChatPage(tab)
    speaker.sign_in(server)
    with Tab(browser, server.url, is_probed=False) as watching:
        page, keys = watching.page, watching.page.keyboard
        ChatPage(watching).sign_in(server, "admin")
        watching.open("/review/live")
        expect(page.get_by_role("status").filter(has_text="Live")).to_be_visible()
        expect(page.get_by_role("heading", name="No call is running")).to_be_visible()

        speaker.start_call()
        with Tab(browser, server.url, is_probed=False) as polling:
            polling.page.route_web_socket("**/ws/review/live", lambda line: line.close(code=1013))
            ChatPage(polling).sign_in(server, "admin")
            polling.open("/review/live")
            state = polling.page.get_by_role("status").filter(has_text="Every 5 s")
            expect(state).to_be_visible()
            expect(polling.page.get_by_role("table")).to_contain_text("demo")
        opener = page.get_by_role("button", name="Read along with demo")
        expect(opener).to_be_visible()
        expect(page.get_by_role("table")).to_contain_text("Listening")
        assert serious_violations(page) == []

        keys.press("j")
        expect(opener).to_be_focused()
        keys.press("Enter")
        page.get_by_role("dialog").get_by_label("Reason").fill("the shift")
        keys.press("Enter")
        said = page.get_by_role("log", name="What is said")
        expect(page.get_by_role("heading", name=re.compile("^demo.s call$"))).to_be_focused()
        speaker.type(HOSTILE)
        lines = said.locator("> [data-role]:not([aria-hidden])")
        expect(lines.filter(has_text="<script>")).to_have_count(1)
        expect(lines.filter(has_text="Assistant")).to_have_count(1)
        assert "owned" not in page.title()
        assert "\u202e" not in said.inner_text()
        expect(page.get_by_role("table")).to_contain_text(re.compile("Marguerite"))
        assert serious_violations(page) == []

        page.get_by_role("button", name="End the call…").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Reason").fill(WHY)
        tab.page.evaluate(NOTE_WHEN_SEEN, WHY)
        clicked_at = tab.now_ms()
        dialog.get_by_role("button", name="End session").click()
        speaker.expect_state("ended")
        expect(speaker.panel).to_contain_text(f"ended by an administrator: {WHY}")
        took_ms = tab.page.evaluate("window.seenAt") - clicked_at
        assert 0 < took_ms < 1000, f"the panel closed after {took_ms:.0f} ms"
        expect(page.get_by_text("The call has ended: ended by an administrator")).to_be_visible()
        expect(opener).to_have_count(0)
