"""Typed messages: outside a call answered in text, during a call answered aloud."""

from __future__ import annotations

import re
from contextlib import suppress

from playwright.sync_api import TimeoutError as BrowserTimeout
from playwright.sync_api import expect

from tests.e2e.browser import Microphone
from tests.e2e.chat_page import ChatPage
from tests.e2e.lost_files import LostFiles
from tests.e2e.rest import RestPerson
from tests.e2e.server import ServerProcess
from tests.e2e.tab import Tab


def test_a_typed_message_outside_a_call_is_answered_in_text(
    tab: Tab, server: ServerProcess, demo: RestPerson
) -> None:
    chat = ChatPage(tab)
    chat.sign_in(server)
    chat.type("what is four times five")
    chat.expect_line("user", "what is four times five")
    chat.expect_line("assistant", "Four times five is twenty.")
    assert demo.spoken(chat.conversation_id) == [
        ("user", "what is four times five"),
        ("assistant", "Four times five is twenty."),
    ]
    assert {item["source"] for item in demo.items(chat.conversation_id)} == {"text"}
    assert tab.sounds() == []
    listed = tab.page.get_by_role("navigation", name="Conversations")
    expect(
        listed.get_by_role("link", name=re.compile("what is four times five")).first
    ).to_be_visible()


def test_a_typed_message_during_a_call_is_answered_aloud_though_files_of_the_page_were_lost(
    tab: Tab, server: ServerProcess
) -> None:
    tab.allow_console("ERR_FAILED")
    markdown, panel = LostFiles(tab.page, "markdown"), LostFiles(tab.page, "voice-mode-panel")
    chat = ChatPage(tab)
    chat.sign_in(server)
    chat.voice_button.click()
    retry_what_is_missing(tab, "Voice", panel)
    expect(chat.panel).to_have_css("display", "flex")  # styled, too
    chat.expect_live()
    chat.type("what is four times five")
    answer = chat.wait_for_answers(1)[0]
    tab.wait_until(lambda: tab.audible_ms(answer.at_ms) > 500, "the answer at the output")
    chat.expect_line("assistant", "Four times five is twenty.")
    formatted = chat.thread.locator("[data-role=assistant] [class*=markdown]")
    expect(formatted).to_have_count(0)
    markdown.mend()
    chat.type("what is two plus two")
    expect(formatted).to_have_text(["Four times five is twenty.", re.compile("four")])
    chat.end_call()
    settings = LostFiles(tab.page, "settings-page")
    tab.open("/settings")
    retry_what_is_missing(tab, "This page", settings)
    expect(tab.page.get_by_role("heading", name="API keys")).to_be_visible()


def retry_what_is_missing(tab: Tab, what: str, lost: LostFiles) -> None:
    """See it named, press Retry, and let it come."""
    missing = tab.page.get_by_role("alert").filter(has_text=f"{what} could not be loaded.")
    expect(missing).to_be_visible()
    lost.hold()
    missing.get_by_role("button", name="Retry").click()
    lost.mend()


def test_a_muted_microphone_sends_no_sound_until_it_is_unmuted(
    talking_tab: Tab, server: ServerProcess
) -> None:
    tab, chat = talking_tab, ChatPage(talking_tab)
    chat.sign_in(server)
    chat.start_call()
    chat.control("Mute").click()
    chat.expect_state("muted")
    muted_ms = tab.now_ms()
    tab.pause(tab.say("tell me a story") / 1000 + 0.5)
    unmuting_ms = tab.now_ms()
    chat.control("Unmute").click()
    chat.expect_state("listening")
    tab.say("what time is it")
    chat.expect_line("user", "what time is it")
    chat.end_call()
    sent = tab.wire("input_audio_buffer.append", side="sent")
    while_muted = [frame for frame in sent if muted_ms + 100 < frame.at_ms < unmuting_ms]
    assert [frame for frame in while_muted if frame.event["audio"]["peak"] > 0] == []
    assert any(frame.event["audio"]["peak"] > 0 for frame in sent if frame.at_ms < muted_ms)
    assert [line.text for line in chat.lines() if line.role == "user"] == ["what time is it"]


def test_the_deep_link_opens_the_voice_panel_of_its_conversation(
    tab: Tab, server: ServerProcess, demo: RestPerson, microphone: Microphone
) -> None:
    microphone.say("good morning")
    made = demo.ask("POST", "/api/conversations/", json={"title": "Deep link"}).json()["id"]
    chat = ChatPage(tab)
    chat.sign_in(server)
    tab.open(f"/c/{made}?voice=1")
    # A page that counts as touched starts by itself; any other asks for the first touch.
    with suppress(BrowserTimeout):
        chat.control("Start talking").click(timeout=1500)
    chat.expect_live()
    chat.expect_line("assistant", "Good morning!")
    assert chat.conversation_id == made
    chat.end_call()


def test_first_use_shows_three_steps_and_later_they_are_behind_the_question_mark(
    tab: Tab, server: ServerProcess
) -> None:
    chat = ChatPage(tab)
    chat.sign_in(server)
    steps = tab.page.get_by_role("listitem").filter(has_text=re.compile("Press|Allow|Speak"))
    expect(steps).to_have_count(3)
    chat.start_call()
    chat.end_call()
    tab.open("/")
    expect(chat.composer).to_be_visible()
    expect(steps).to_have_count(0)
    tab.page.get_by_role("button", name="Help").click()
    expect(tab.page.get_by_role("dialog").get_by_role("listitem")).to_have_count(3)


def test_the_debug_view_shows_ones_own_events_without_audio_and_secrets(
    tab: Tab, server: ServerProcess
) -> None:
    chat = ChatPage(tab)
    chat.sign_in(server, to="/%3Fdebug%3D1")
    chat.start_call()
    chat.type("hello")
    chat.wait_for_answers(1)
    expect(tab.page.get_by_text("response.done").first).to_be_visible()
    shown = tab.page.locator("body").inner_text()
    assert "ek_" not in shown
    assert not re.search(r"[A-Za-z0-9+/]{200,}", shown)
    chat.end_call()
