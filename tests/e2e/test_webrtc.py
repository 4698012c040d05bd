"""A call by WebRTC is heard, answered, cut, muted, ended and stored as one by WebSocket is."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.e2e.browser import ALLOW_PROMPTS, FAKE_DEVICE, Microphone, launch
from tests.e2e.chat_page import ChatPage
from tests.e2e.rest import Json, RestPerson
from tests.e2e.server import ServerProcess
from tests.e2e.speech import recording
from tests.e2e.tab import PROBES, Tab

# Without it Chromium has no candidate to offer on a machine that is its own whole network.
LOOPBACK = "--allow-loopback-in-peer-connection"
NO_UDP = "--webrtc-ip-handling-policy=disable_non_proxied_udp"
COUNT_END = "twenty."


@pytest.fixture(scope="module")
def calling_browser(playwright_driver: Playwright) -> Iterator[Browser]:
    chromium = launch(playwright_driver, ALLOW_PROMPTS, FAKE_DEVICE, LOOPBACK)
    yield chromium
    chromium.close()


class RtcTab(Tab):
    """A page whose calls go by WebRTC, as chosen in its settings."""

    def sign_in(self, server: ServerProcess) -> ChatPage:
        self.context.add_init_script(path=PROBES / "rtc.js")
        chat = ChatPage(self)
        chat.sign_in(server)
        self.open("/settings")
        self.page.get_by_label("WebRTC").check()
        self.open("/?debug=1")
        expect(chat.composer).to_be_visible()
        return chat

    def audible_ms_at_element(self, after_ms: float = 0) -> float:
        return float(self.page.evaluate("after => rtcAudibleMs(after)", after_ms))

    def wait_until_audible(self, length_ms: float, after_ms: float = 0) -> None:
        self.wait_until(
            lambda: self.audible_ms_at_element(after_ms) >= length_ms, "the answer to be audible"
        )

    def expect_event(self, type_: str) -> None:
        log = self.page.get_by_label("Events")
        expect(log.get_by_text(re.compile(f'"type":"{re.escape(type_)}"')).first).to_be_attached()


@pytest.fixture
def rtc_tab(
    calling_browser: Browser, server: ServerProcess, microphone: Microphone
) -> Iterator[RtcTab]:
    with RtcTab(calling_browser, server.url, speaker=microphone.speaker) as tab:
        yield tab


def test_a_call_by_webrtc_is_heard_answered_cut_muted_ended_and_stored(
    rtc_tab: RtcTab, server: ServerProcess, demo: RestPerson, admin: RestPerson
) -> None:
    tab = rtc_tab
    chat = tab.sign_in(server)
    chat.start_call()
    expect(chat.panel).to_have_attribute("data-line", "webrtc")
    tab.say(recording("goforward"))
    chat.expect_line("user", "go forward ten meters")
    chat.expect_line("assistant", "Going forward ten meters.")
    tab.wait_until_audible(500)

    chat.expect_state("listening")
    asked_ms = tab.now_ms()
    tab.say("count to twenty")
    chat.expect_state("speaking")
    tab.wait_until_audible(1500, asked_ms)
    tab.say("stop")
    chat.expect_state("interrupted")
    tab.expect_event("output_audio_buffer.cleared")
    tab.expect_event("conversation.item.truncated")
    chat.expect_state("listening")

    chat.control("Mute").click()
    chat.expect_state("muted")
    tab.say("what time is it")
    tab.pause(2)
    chat.expect_state("muted")
    chat.control("Unmute").click()
    chat.expect_state("listening")

    chat.type("what is seven times six")
    chat.expect_line("assistant", "forty two")
    chat.end_call()
    tab.wait_until(lambda: tab.page.locator("audio").count() == 0, "the element to be let go of")

    conversation_id = chat.conversation_id
    ended = tab.wait_until(
        lambda: [s for s in demo.sessions(conversation_id) if s["state"] == "ended"],
        "the session to end",
    )
    (session,) = ended
    assert (session["transport"], session["end_reason"]) == ("webrtc", "user_hangup")
    assert session["usage"]["output_audio_tokens"] > 0
    assert session["usage"]["input_audio_tokens"] > 0
    items = demo.items(conversation_id)
    said = [(item["role"], item["source"]) for item in items if item["text"]]
    assert said[:2] == [("user", "voice"), ("assistant", "voice")]
    count = next(item for item in items if item["text"].endswith(COUNT_END))
    assert 500 < count["heard_ms"] < 8000
    assert count["text"].startswith(count["heard_text"])
    assert COUNT_END not in count["heard_text"]
    assert not any("time is it" in item["text"] for item in items)

    before = chat.lines()
    chat.open_conversation(conversation_id)
    tab.wait_until(lambda: chat.lines() == before, "the thread as it was before the reload")
    review: Json = admin.get(f"/api/review/conversations/{conversation_id}/")
    assert [i["text"] for i in review["items"]] == [i["text"] for i in items]


def test_an_end_by_an_admin_reaches_the_page_with_its_reason(
    rtc_tab: RtcTab, server: ServerProcess, admin: RestPerson
) -> None:
    chat = rtc_tab.sign_in(server)
    chat.start_call()
    rtc_tab.say("hello")
    chat.expect_line("assistant", "Hello")
    session_id = running_session(admin)
    answer = admin.ask("POST", f"/api/review/sessions/{session_id}/end", json={"reason": "test"})
    assert answer.status_code == 200, answer.text
    chat.expect_state("ended")
    expect(chat.panel).to_contain_text("by an administrator: test")


def test_where_udp_is_blocked_the_call_goes_over_websocket_and_says_so(
    playwright_driver: Playwright, server: ServerProcess, microphone: Microphone
) -> None:
    blocked = launch(playwright_driver, ALLOW_PROMPTS, FAKE_DEVICE, NO_UDP, whole=True)
    with RtcTab(blocked, server.url, speaker=microphone.speaker) as tab:
        chat = tab.sign_in(server)
        chat.start_call()
        expect(chat.panel).to_have_attribute("data-line", "websocket")
        expect(chat.alert).to_contain_text("WebRTC did not get through")
        expect(chat.panel).to_contain_text("Connected over WebSocket")
        tab.say(recording("goforward"))
        chat.expect_line("user", "go forward ten meters")
        chat.expect_line("assistant", "Going forward ten meters.")
        chat.end_call()
        tab.open("/voice-test")
        tab.page.get_by_role("button", name="Test the connection").click()
        for name, verdict in (("websocket", "ok"), ("webrtc", "problem")):
            part = tab.page.get_by_test_id(f"part-{name}")
            expect(part).to_have_attribute("data-verdict", verdict)
        expect(part).to_contain_text("Media does not get through this network.")
    blocked.close()


def test_the_voice_test_tells_whether_webrtc_gets_through(
    calling_browser: Browser, server: ServerProcess
) -> None:
    with Tab(calling_browser, server.url) as tab:
        ChatPage(tab).sign_in(server)
        tab.open("/voice-test")
        tab.page.get_by_role("button", name="Test the connection").click()
        part = tab.page.get_by_test_id("part-webrtc")
        expect(part).to_have_attribute("data-verdict", "ok")
        expect(part).to_contain_text(re.compile(r"A call connected in \d+ ms"))


def running_session(admin: RestPerson) -> str:
    listed = admin.get("/api/review/conversations/", status="live")["results"]
    return str(listed[0]["session"]["session_id"])
