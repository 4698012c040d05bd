"""Who wants nothing kept of a call reads so, is answered all the same, and finds nothing."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.browser import Microphone
from tests.e2e.chat_page import ChatPage
from tests.e2e.rest import RestPerson
from tests.e2e.server import ServerProcess
from tests.e2e.tab import Tab


def test_a_call_whose_words_are_not_to_be_kept_says_so_and_leaves_none(
    tab: Tab, server: ServerProcess, microphone: Microphone, demo: RestPerson
) -> None:
    chat = ChatPage(tab)
    chat.sign_in(server)
    tab.open("/settings")
    keep = tab.page.get_by_role("checkbox", name="Keep it in the history")
    expect(keep).to_be_checked()
    keep.uncheck()
    tab.open("/")
    microphone.say("hello")
    chat.start_call()
    expect(chat.panel.get_by_text("What is said here is not kept.")).to_be_visible()
    chat.wait_until_heard(1, heard_ms=200)
    chat.wait_for_answers(1)
    chat.end_call()
    tab.wait_until(
        lambda: demo.get("/api/voice/sessions/")["results"][0]["end_reason"] == "user_hangup",
        "the call ended by the person",
    )
    last = demo.get("/api/voice/sessions/")["results"][0]
    assert (last["turns"], last["save_transcript"]) == (1, False)
    assert demo.spoken(last["conversation_id"]) == []
