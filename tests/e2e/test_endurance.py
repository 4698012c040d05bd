"""Many turns in one call, many calls in one tab: nothing fails, nothing stays behind."""

from __future__ import annotations

from tests.e2e.browser import Microphone
from tests.e2e.chat_page import ChatPage
from tests.e2e.rest import RestPerson
from tests.e2e.server import ServerProcess
from tests.e2e.tab import Tab

SPOKEN = ("hello", "what is two plus two", "what day is it", "what is five times three", "stop")
TYPED_TURNS = 15
CALLS = 5
NOTHING_HELD = {"tracks": 0, "contexts": 0, "workers": 0, "callSockets": 0}
# The next person's turn comes over the answer where that is long: so people talk.
PAUSE_MS = 2600


def test_a_call_of_twenty_turns_answers_each_of_them(
    tab: Tab, server: ServerProcess, microphone: Microphone, demo: RestPerson
) -> None:
    script: list[str | int] = []
    for line in SPOKEN:
        script += [line, PAUSE_MS]
    microphone.say(*script)
    chat = ChatPage(tab)
    chat.sign_in(server)
    chat.start_call()
    chat.wait_for_answers(len(SPOKEN), timeout_s=40)
    for turn in range(TYPED_TURNS):
        chat.type(f"what is {turn + 1} plus two")
        chat.wait_for_answers(len(SPOKEN) + turn + 1)
    conversation_id = chat.conversation_id
    chat.end_call()
    assert tab.wire("error") == []
    assert {done.event["response"]["status"] for done in tab.wire("response.done")} <= {
        "completed",
        "cancelled",
    }
    stored = demo.items(conversation_id)
    asked = [item for item in stored if item["role"] == "user"]
    answered = [item for item in stored if item["role"] == "assistant"]
    assert len(asked) == len(answered) == len(SPOKEN) + TYPED_TURNS
    assert [item["text"] for item in asked[: len(SPOKEN)]] == list(SPOKEN)
    assert tab.held() == NOTHING_HELD


def test_five_calls_in_one_tab_leave_nothing_behind(
    tab: Tab, server: ServerProcess, microphone: Microphone, demo: RestPerson
) -> None:
    microphone.say("hello")
    chat = ChatPage(tab)
    chat.sign_in(server)
    for call in range(CALLS):
        if call == 0:
            chat.start_call()
        else:
            chat.control("Start again").click()
            chat.expect_live()
        chat.wait_for_answers(call + 1)
        assert tab.held() == {"tracks": 1, "contexts": 1, "workers": 1, "callSockets": 0}
        chat.end_call()
        tab.wait_until(lambda: tab.held() == NOTHING_HELD, f"call {call + 1} giving back", 1)
    closed = [frame for frame in tab.wire(side="state") if frame.type == "closed"]
    assert len(tab.wire("dialled")) == CALLS
    assert {frame.event["code"] for frame in closed} <= {1000}
    sessions = demo.sessions(chat.conversation_id)
    assert len(sessions) == CALLS
    assert {session["state"] for session in sessions} == {"ended"}
