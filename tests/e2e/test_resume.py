"""A call whose line breaks in the middle of an answer goes on with the same session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.axe import serious_violations
from tests.e2e.breakable_line import BreakableLine
from tests.e2e.browser import Microphone
from tests.e2e.chat_page import ChatPage
from tests.e2e.rest import RestPerson
from tests.e2e.server import ServerProcess
from tests.e2e.tab import Tab, WireFrame


@pytest.fixture
def line(server: ServerProcess) -> Iterator[BreakableLine]:
    with BreakableLine(server.port) as breakable:
        yield breakable


def test_a_call_whose_line_breaks_in_mid_answer_goes_on_with_all_of_it(
    browser: Browser, server: ServerProcess, microphone: Microphone, line: BreakableLine
) -> None:
    microphone.say()
    with Tab(browser, line.url) as tab:
        tab.allow_console("ERR_|WebSocket|Failed to load resource")
        chat = ChatPage(tab)
        chat.sign_in(server)
        chat.start_call()
        chat.type("count to twenty")
        chat.wait_until_heard(1, heard_ms=800)
        line.cut()
        chat.expect_state("reconnecting")
        chat.expect_live()
        (resumed,) = tab.wire("voiceassist.session.resumed", side="received")
        assert resumed.event["recovered"] is True
        tab.wait_for_frame("response.done")
        chat.wait_for_answers(1)
        conversation_id = chat.conversation_id
        received = tab.wire(side="received")
        assert whole_transcript(received) == final_transcript(received)
        ids = [frame.event["event_id"] for frame in received if "event_id" in frame.event]
        assert len(set(ids)) == len(ids)
        assert [one.text for one in chat.lines()].count("count to twenty") == 1
        person = RestPerson(server, "demo")
        (session,) = person.sessions(conversation_id)
        assert session["state"] == "live"
        tab.open("/voice-test")  # leaving the page hangs up
        tab.wait_until(
            lambda: person.sessions(conversation_id)[0]["state"] == "ended",
            "the end of the call",
        )
        assert person.sessions(conversation_id)[0]["end_reason"] == "user_hangup"
        person.close()


def test_a_call_whose_line_stays_broken_can_be_read_and_ended(
    browser: Browser, server: ServerProcess, microphone: Microphone, line: BreakableLine
) -> None:
    microphone.say()
    with Tab(browser, line.url) as tab:
        tab.allow_console("ERR_|WebSocket|Failed to load resource")
        chat = ChatPage(tab)
        chat.sign_in(server)
        chat.start_call()
        line.bar()
        chat.expect_state("reconnecting")
        expect(chat.control("Retry now")).to_be_visible()
        assert serious_violations(tab.page) == []
        chat.control("End call").click()
        chat.expect_state("ended")


def whole_transcript(frames: list[WireFrame]) -> str:
    kind = "response.output_audio_transcript.delta"
    return "".join(frame.event["delta"] for frame in frames if frame.type == kind)


def final_transcript(frames: list[WireFrame]) -> str:
    kind = "response.output_audio_transcript.done"
    (final,) = [frame.event["transcript"] for frame in frames if frame.type == kind]
    return str(final)
