"""Sign in, talk, hear an answer, find it in the history: the path everything else stands on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import Microphone
from tests.e2e.chat_page import ChatPage, Line
from tests.e2e.rest import RestPerson
from tests.e2e.server import ServerProcess
from tests.e2e.speech import recording
from tests.e2e.tab import Tab
from tests.e2e.waiting import wait_until
from tests.review.stages_from_log import stages_of

# Long enough for the recogniser to be sure, for the answer to come and to be spoken.
ANSWER_PAUSE_MS = 6000
LEAST_ANSWER_MS = 500

WHAT_WAS_SAID = [
    ("user", "go forward ten meters"),
    ("assistant", "Going forward ten meters."),
    ("user", "my name is marguerite"),
    ("assistant", "Nice to meet you, Marguerite."),
]


@dataclass(frozen=True, slots=True)
class FirstCall:
    """What one call left behind: on screen before it was reloaded, at the output, on the wire."""

    conversation_id: str
    lines: list[Line]
    audible_after_answer_ms: list[float]
    held_after_end: dict[str, int]


@pytest.fixture(scope="module")
def first_call(
    browser: Browser, server: ServerProcess, microphone: Microphone
) -> Iterator[FirstCall]:
    """A recorded man and flite speak one turn each; then the call is ended by its button."""
    microphone.say(recording("goforward"), ANSWER_PAUSE_MS, "my name is marguerite")
    with Tab(browser, server.url, moves=True) as tab:
        chat = ChatPage(tab)
        chat.sign_in(server)
        chat.start_call()
        audible = []
        for turn in (1, 2):
            answer = chat.wait_for_answers(turn)[-1]
            tab.wait_until(
                lambda since=answer.at_ms: tab.audible_ms(since) > LEAST_ANSWER_MS,  # type: ignore[misc]
                f"answer {turn} at the audio output",
            )
            audible.append(tab.audible_ms(answer.at_ms))
        for role, text in WHAT_WAS_SAID:
            chat.expect_line(role, text)
        conversation_id = chat.conversation_id
        chat.end_call()
        held = tab.held()
        yield FirstCall(conversation_id, chat.lines(), audible, held)


def test_what_was_said_and_answered_is_on_screen_in_order(first_call: FirstCall) -> None:
    assert [(line.role, line.text) for line in first_call.lines] == WHAT_WAS_SAID


def test_answers_are_audible_at_the_output(first_call: FirstCall) -> None:
    assert all(heard > LEAST_ANSWER_MS for heard in first_call.audible_after_answer_ms)


def test_ending_a_call_gives_back_microphone_context_worker_and_socket(
    first_call: FirstCall,
) -> None:
    assert first_call.held_after_end == {
        "tracks": 0,
        "contexts": 0,
        "workers": 0,
        "callSockets": 0,
    }


def test_everything_said_is_stored_in_order(first_call: FirstCall, demo: RestPerson) -> None:
    assert demo.spoken(first_call.conversation_id) == WHAT_WAS_SAID
    assert {item["status"] for item in demo.items(first_call.conversation_id)} == {"completed"}


def test_the_thread_after_a_reload_equals_the_thread_before(
    first_call: FirstCall, tab: Tab, server: ServerProcess
) -> None:
    chat = ChatPage(tab)
    chat.sign_in(server, to=f"/c/{first_call.conversation_id}")
    chat.expect_line(*WHAT_WAS_SAID[-1])
    assert chat.lines() == first_call.lines
    tab.page.reload()
    chat.expect_line(*WHAT_WAS_SAID[-1])
    assert chat.lines() == first_call.lines


def test_a_reviewer_reads_the_same_over_rest_and_leaves_a_trace(
    first_call: FirstCall, admin: RestPerson
) -> None:
    found = admin.get("/api/review/conversations/", search="marguerite")["results"]
    assert first_call.conversation_id in [entry["id"] for entry in found]
    transcript = admin.get(f"/api/review/conversations/{first_call.conversation_id}/")
    assert [(i["role"], i["text"]) for i in transcript["items"] if i["text"]] == WHAT_WAS_SAID


def test_a_reviewer_sees_how_long_each_answer_took_up_to_the_loudspeaker(
    first_call: FirstCall, admin: RestPerson
) -> None:
    transcript = admin.get(f"/api/review/conversations/{first_call.conversation_id}/")
    call = f"/api/review/calls/{transcript['items'][0]['session_id']}/"
    log: list[dict[str, Any]] = []

    def is_whole() -> bool:
        log[:] = admin.get(f"{call}events/", page_size="500")["results"]
        return "session.ended" in {entry["type"] for entry in log}

    wait_until(is_whole, "the event log of the call")
    turns = admin.get(f"{call}latency/")["turns"]
    computed = stages_of(log)
    assert len(turns) == len(computed) == len(WHAT_WAS_SAID) // 2
    for turn in turns:
        ours = computed[turn["response_id"]]
        assert {name: turn["stages"][name] for name in ours} == ours
        assert turn["view"] == "client"
        assert turn["stages"]["v2v_ms"] > turn["stages"]["playout_ms"] > 0


def test_the_admin_pages_show_the_same_transcript(
    first_call: FirstCall, browser: Browser, server: ServerProcess
) -> None:
    with Tab(browser, server.url, is_probed=False) as tab:
        tab.open(
            f"/admin/login/?next=/admin/conversations/conversation/{first_call.conversation_id}/change/"
        )
        tab.page.get_by_label("Username").fill("admin")
        tab.page.get_by_label("Password").fill(server.passwords["admin"])
        tab.page.get_by_role("button", name="Log in").click()
        for _role, text in WHAT_WAS_SAID:
            expect(tab.page.get_by_text(text, exact=False).first).to_be_visible()


def test_a_second_session_knows_what_was_said_in_the_first(
    first_call: FirstCall,
    tab: Tab,
    server: ServerProcess,
    microphone: Microphone,
    demo: RestPerson,
) -> None:
    microphone.say("what is my name")
    chat = ChatPage(tab)
    chat.sign_in(server, to=f"/c/{first_call.conversation_id}")
    chat.expect_line(*WHAT_WAS_SAID[-1])
    chat.start_call()
    chat.expect_line("assistant", re.compile(r"Your name is Marguerite"))
    chat.end_call()
    stored = demo.spoken(first_call.conversation_id)
    assert stored == [
        *WHAT_WAS_SAID,
        ("user", "what is my name"),
        ("assistant", "Your name is Marguerite."),
    ]
