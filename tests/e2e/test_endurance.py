"""Many turns in one call, many calls in one tab: nothing fails, nothing stays behind."""

from __future__ import annotations

from tests.e2e.browser import Microphone
from tests.e2e.chat_page import ChatPage
from tests.e2e.rest import RestPerson
from tests.e2e.server import ServerProcess
from tests.e2e.tab import Tab

# Each comes over the answer to the one before, as people talk.
SPOKEN = (
    "hello",
    "what is two plus two",
    "my name is marguerite",
    "what is five times three",
    "what is my name",
    "what time is it",
    "tell me a story",
    "count to twenty",
)
TYPED_TURNS = 12
HEARD_MS = 300
CALLS = 5
NOTHING_HELD = {"tracks": 0, "contexts": 0, "workers": 0, "callSockets": 0}


def test_a_call_of_twenty_turns_answers_each_of_them(
    talking_tab: Tab, server: ServerProcess, demo: RestPerson
) -> None:
    tab, chat = talking_tab, ChatPage(talking_tab)
    chat.sign_in(server)
    chat.start_call()
    for turn, line in enumerate(SPOKEN, 1):
        tab.say(line)
        chat.wait_until_heard(turn, HEARD_MS)
    for turn in range(1, TYPED_TURNS + 1):
        chat.type(f"what is {turn} plus two")
        chat.wait_until_heard(len(SPOKEN) + turn, HEARD_MS)
    chat.wait_for_answers(len(SPOKEN) + TYPED_TURNS)
    conversation_id = chat.conversation_id
    chat.end_call()
    assert tab.wire("error") == []
    done = [frame.event["response"]["status"] for frame in tab.wire("response.done")]
    assert len(done) == len(SPOKEN) + TYPED_TURNS
    assert set(done) <= {"completed", "cancelled"}
    stored = demo.spoken(conversation_id)
    assert [role for role, _text in stored] == ["user", "assistant"] * len(done)
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
        chat.wait_until_heard(call + 1, HEARD_MS)
        assert tab.held() == {"tracks": 1, "contexts": 1, "workers": 1, "callSockets": 0}
        chat.end_call()
        tab.wait_until(lambda: tab.held() == NOTHING_HELD, f"call {call + 1} giving back", 1)
    closed = [frame for frame in tab.wire(side="state") if frame.type == "closed"]
    assert len(tab.wire("dialled")) == CALLS
    assert [frame.event["code"] for frame in closed] == [1000] * CALLS
    conversation_id = chat.conversation_id
    tab.wait_until(
        lambda: all(session["end_reason"] for session in demo.sessions(conversation_id)),
        "every session ended",
        timeout_s=5,
    )
    reasons = [session["end_reason"] for session in demo.sessions(conversation_id)]
    assert reasons == ["user_hangup"] * CALLS
