"""A thread of hundreds of lines: opened at its end, read backwards, gone on with."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Request, expect

from tests.e2e.axe import serious_violations
from tests.e2e.chat_page import ChatPage
from tests.e2e.server import ServerProcess
from tests.e2e.tab import Tab

LINES = 450
SCRIPT = f"""
from accounts.models import User
from conversations import actions
conversation = actions.create_conversation(User.objects.get(username="demo"), title="Long talk")
for number in range(1, {LINES} + 1):
    role = "user" if number % 2 else "assistant"
    item = {{"item_id": f"i{{number}}", "text": f"line number {{number}}"}}
    actions.open_item(conversation.pk, "rtc_long", role=role, source="text", **item)
    actions.complete_item(conversation.pk, "rtc_long", **item)
print(conversation.pk)
"""


def top_px(line: Locator) -> float:
    box = line.bounding_box()
    assert box is not None
    return box["y"]


def test_earlier_lines_are_shown_where_the_reader_is_and_are_not_read_out_as_news(
    tab: Tab, server: ServerProcess
) -> None:
    chat = ChatPage(tab)
    chat.sign_in(server)
    chat.open_conversation(server.run_python(SCRIPT).strip())
    page, keys = tab.page, tab.page.keyboard
    region = page.get_by_role("region", name="Thread")
    news, past = chat.thread.locator("li"), page.get_by_role("list", name="Earlier")
    expect(page.get_by_text(f"line number {LINES}", exact=True)).to_be_in_viewport()
    expect(news).to_have_count(200)

    earlier = page.get_by_role("button", name="Show earlier")
    expect(earlier).to_have_text("Show earlier (250)")
    earlier.focus()
    first = page.get_by_text("line number 251", exact=True)
    stood_at = top_px(first)
    keys.press("Enter")
    expect(past.locator("li")).to_have_count(200)
    expect(news).to_have_count(200)
    expect(region.get_by_role("status")).to_have_text("Shown from line 51 on.")
    assert abs(top_px(first) - stood_at) < 2
    expect(earlier).to_be_focused()

    first.evaluate("line => { line.closest('li').isThisOne = true }")
    keys.press("Enter")
    expect(region.get_by_role("status")).to_have_text("Shown from line 1 on.")
    assert abs(top_px(first) - stood_at) < 2
    expect(earlier).to_have_count(0)
    expect(region).to_be_focused()
    chat.type("what is four times five")
    chat.expect_line("assistant", "Four times five is twenty.")
    expect(past.locator("li")).to_have_count(250)
    assert first.evaluate("line => line.closest('li').isThisOne")
    region.focus()
    keys.press("Home")
    expect(page.get_by_text("line number 1", exact=True)).to_be_in_viewport()
    assert serious_violations(page) == []


def test_of_a_long_thread_only_what_is_new_is_fetched(tab: Tab, server: ServerProcess) -> None:
    chat = ChatPage(tab)
    chat.sign_in(server)
    conversation_id = server.run_python(SCRIPT).strip()
    path = f"/api/conversations/{conversation_id}/items/"
    asked: list[Request] = []
    tab.page.on("requestfinished", lambda done: asked.append(done) if path in done.url else None)
    chat.open_conversation(conversation_id)
    chat.expect_line("assistant", f"line number {LINES}")
    chat.type("what is four times five")
    chat.expect_line("assistant", "Four times five is twenty.")
    fetched = tab.wait_until(
        lambda: found if "twenty" in str(found := [told(one) for one in asked]) else [],
        "the answer as it was stored",
    )
    assert len(fetched[0]["results"]) == LINES
    for answer, request in zip(fetched[1:], asked[1:], strict=True):
        assert "?since=" in request.url
        assert len(answer["results"]) <= 2
    assert [line.text for line in chat.lines()][-2:] == [
        "what is four times five",
        "Four times five is twenty.",
    ]


def told(request: Request) -> dict[str, Any]:
    response = request.response()
    assert response is not None
    body: dict[str, Any] = response.json()
    return body
