"""When the voice minutes run out the last sentence is whole, and the person goes on by typing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.axe import serious_violations
from tests.e2e.browser import Microphone
from tests.e2e.chat_page import ChatPage
from tests.e2e.rest import RestPerson
from tests.e2e.server import ServerProcess
from tests.e2e.tab import Tab

COUNT = (
    "One, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen,"
    " fourteen, fifteen, sixteen, seventeen, eighteen, nineteen, twenty."
)


@pytest.fixture(scope="module")
def short_of_time(
    pages_built: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """A server on which everybody has twelve seconds of voice a day."""
    process = ServerProcess(tmp_path_factory.mktemp("short"), LIMIT_DAY_SEC="12")
    process.start()
    yield process
    process.stop()


def test_at_the_limit_the_sentence_is_whole_and_the_composer_has_the_focus(
    browser: Browser, short_of_time: ServerProcess, microphone: Microphone
) -> None:
    with Tab(browser, short_of_time.url, speaker=microphone.speaker) as tab:
        chat = ChatPage(tab)
        chat.sign_in(short_of_time)
        chat.start_call()
        tab.say("count to twenty")
        expect(chat.panel.get_by_test_id("voice-limit")).to_have_text("Less than 1 min left today")
        assert serious_violations(tab.page) == []
        error = chat.panel.get_by_test_id("voice-error")
        expect(error).to_contain_text("Voice limit reached.", timeout=60_000)
        expect(error).to_contain_text("Continue by typing.")
        expect(chat.composer).to_be_focused()
        conversation_id = chat.conversation_id
        person = RestPerson(short_of_time, "demo")
        answer = person.items(conversation_id)[-1]
        person.close()
        assert (answer["role"], answer["text"], answer["status"]) == (
            "assistant",
            COUNT,
            "completed",
        )
        assert answer["heard_text"] in (None, "", COUNT)
        chat.type("hello")
        chat.expect_line("assistant", "Hello!")
