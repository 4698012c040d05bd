"""The server dies in mid-turn: what a client was told is in the database, and life goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.browser import Microphone
from tests.e2e.chat_page import ChatPage
from tests.e2e.log_rules import assert_log_is_clean
from tests.e2e.rest import RestPerson
from tests.e2e.server import ServerProcess
from tests.e2e.tab import Tab, WireFrame

FINALS = {
    "conversation.item.input_audio_transcription.completed": "transcript",
    "response.output_audio_transcript.done": "transcript",
    "response.output_text.done": "text",
}


@pytest.fixture
def mortal_server(pages_built: None, tmp_path: Path) -> Iterator[ServerProcess]:
    """A server of this test's own, to be killed."""
    # The server exactly as `make run` starts it, password hashes and all.
    process = ServerProcess(tmp_path, DJANGO_SETTINGS_MODULE="voiceassist.settings")
    process.start()
    yield process
    assert process.stop() == 0
    assert_log_is_clean(process)


def test_a_killed_server_has_every_final_and_marks_its_session_lost(
    browser: Browser, mortal_server: ServerProcess, microphone: Microphone
) -> None:
    microphone.say(5000, "count to twenty")
    with Tab(browser, mortal_server.url) as tab:
        tab.allow_console(
            "ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket"
        )
        chat = ChatPage(tab)
        chat.sign_in(mortal_server)
        chat.start_call()
        chat.type("my name is marguerite")
        chat.wait_for_answers(1)
        conversation_id = chat.conversation_id
        tab.wait_for_frame("conversation.item.input_audio_transcription.completed", timeout_s=60)
        mortal_server.kill()
        chat.expect_state("reconnecting")
        received = finals(tab)
        assert len(received) >= 2, received
        stored = stored_texts(mortal_server.database_path)
        for item_id, text in received:
            assert stored.count((item_id, text)) == 1, f"{item_id} is not stored once"

        mortal_server.start()
        person = RestPerson(mortal_server, "demo")
        tab.wait_until(
            lambda: endings(person, conversation_id)[:1] == [("ended", "server_lost")],
            "the session marked as lost",
        )
        chat.expect_live()  # the page found its way back by itself
        chat.end_call()
        person.close()
    with Tab(browser, mortal_server.url) as tab:
        chat = ChatPage(tab)
        chat.sign_in(mortal_server, to=f"/c/{conversation_id}")
        chat.expect_line("user", "my name is marguerite")
        seen = [line.text for line in chat.lines()]
        assert [text for _item_id, text in received if text not in seen] == []


def finals(tab: Tab) -> list[tuple[str, str]]:
    """(item id, text) of every final transcript this tab has received."""
    frames: list[WireFrame] = tab.wire(*FINALS, side="received")
    return [(frame.event["item_id"], frame.event[FINALS[frame.type]]) for frame in frames]


def endings(person: RestPerson, conversation_id: str) -> list[tuple[str, str]]:
    """(state, end reason) of each session, oldest first."""
    return [(s["state"], s["end_reason"]) for s in person.sessions(conversation_id)]


def stored_texts(database: Path) -> list[tuple[str, str]]:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return connection.execute("SELECT item_id, text FROM conversations_item").fetchall()
    finally:
        connection.close()
