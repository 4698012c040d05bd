"""Speaking or pressing Esc silences the answer at once, and only what was heard counts as said."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from tests.e2e.browser import Microphone
from tests.e2e.chat_page import ChatPage
from tests.e2e.rest import Json, RestPerson
from tests.e2e.server import ServerProcess
from tests.e2e.tab import Sound, Tab

INTERRUPTIONS = 5
MOST_SILENCING_MS = 150
# So much of a count has been heard when it is interrupted.
COUNTED_MS = 1200
COUNT = (
    "One, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen,"
    " fourteen, fifteen, sixteen, seventeen, eighteen, nineteen, twenty."
)


@dataclass(frozen=True, slots=True)
class InterruptedCall:
    conversation_id: str
    silencing_ms: list[float]
    repeated: str


def silencing_ms(sounds: list[Sound], from_ms: float, to_ms: float) -> float:
    """Milliseconds from `from_ms` to the end of the last sound before `to_ms`, when an answer to
    what interrupted may begin."""
    after = [s.at_ms + s.length_ms - from_ms for s in sounds if from_ms <= s.at_ms < to_ms]
    return max(after, default=0.0)


@pytest.fixture(scope="module")
def interrupted_call(
    browser: Browser, server: ServerProcess, microphone: Microphone
) -> Iterator[InterruptedCall]:
    """Six times «count to twenty», each over the answer before; one more typed, cut by Esc."""
    with Tab(browser, server.url, speaker=microphone.speaker) as tab:
        chat = ChatPage(tab)
        chat.sign_in(server)
        chat.start_call()
        measured = []
        tab.say("count to twenty")
        chat.wait_until_heard(1, COUNTED_MS)
        for turn in range(1, INTERRUPTIONS + 1):
            begun_ms = tab.now_ms()
            tab.say("count to twenty")
            start = tab.wait_for_frame("input_audio_buffer.speech_started", after_ms=begun_ms)
            answer = chat.wait_until_heard(turn + 1, COUNTED_MS)
            sounds = tab.sounds()
            assert any(start.at_ms - 600 < s.at_ms <= start.at_ms for s in sounds), (
                "nothing was being said when the person began to speak"
            )
            measured.append(silencing_ms(sounds, start.at_ms, answer.at_ms))
        typed_ms = tab.now_ms()
        chat.type("count to twenty")
        tab.wait_for_frame("response.created", after_ms=typed_ms)
        tab.wait_until(lambda: tab.audible_ms(typed_ms) > 2 * COUNTED_MS, "the last count")
        pressed_ms = escape(tab)
        tab.wait_for_frame("conversation.item.truncated", after_ms=pressed_ms)
        asked_ms = tab.now_ms()
        chat.type("repeat that")
        repeated = tab.wait_for_frame("response.done", after_ms=asked_ms)
        # Hanging up would cut this answer, too, while it is still being played.
        tab.wait_until(lambda: tab.audible_ms(tab.now_ms() - 1000) == 0, "the end of the answer")
        conversation_id = chat.conversation_id
        chat.end_call()
        yield InterruptedCall(conversation_id, measured, said_in(repeated.event))


def said_in(done: Json) -> str:
    """The words of a `response.done`."""
    content = done["response"]["output"][0]["content"][0]
    return str(content.get("transcript") or content.get("text"))


def test_speaking_silences_the_answer_within_150_ms(interrupted_call: InterruptedCall) -> None:
    assert len(interrupted_call.silencing_ms) == INTERRUPTIONS
    assert statistics.median(interrupted_call.silencing_ms) <= MOST_SILENCING_MS, (
        interrupted_call.silencing_ms
    )


def test_an_interrupted_answer_keeps_what_was_generated_and_what_was_heard(
    interrupted_call: InterruptedCall, demo: RestPerson
) -> None:
    cut = interrupted(demo, interrupted_call)
    assert len(cut) == INTERRUPTIONS + 2
    for item in cut:
        assert item["heard_ms"] > COUNTED_MS / 2
        assert item["text"].startswith(item["heard_text"])
        assert 0 < len(item["heard_text"]) <= len(item["text"])


def test_the_next_answer_knows_only_what_was_heard(
    interrupted_call: InterruptedCall, demo: RestPerson
) -> None:
    item = interrupted(demo, interrupted_call)[-1]
    repeated = interrupted_call.repeated.removeprefix("I said: ").strip()
    assert COUNT.startswith(repeated)
    assert 0 < len(repeated) < len(COUNT)
    # We and the provider each say which word was the last to be heard.
    assert abs(len(repeated.split()) - len(item["heard_text"].split())) <= 1


def interrupted(person: RestPerson, call: InterruptedCall) -> list[Json]:
    """The answers that were cut off, oldest first."""
    return [item for item in person.items(call.conversation_id) if item["heard_ms"] is not None]


def test_escape_silences_within_150_ms_and_never_ends_the_call(
    tab: Tab, server: ServerProcess
) -> None:
    chat = ChatPage(tab)
    chat.sign_in(server)
    chat.start_call()
    measured = []
    for turn in range(1, INTERRUPTIONS + 1):
        chat.type("count to twenty")
        chat.wait_until_heard(turn, COUNTED_MS)
        pressed_ms = escape(tab)
        wait_for_silence(tab, pressed_ms)
        measured.append(silencing_ms(tab.sounds(), pressed_ms, float("inf")))
    assert statistics.median(measured) <= MOST_SILENCING_MS, measured
    chat.expect_state("listening")
    chat.end_call()


def escape(tab: Tab) -> float:
    """Press Esc; returns when the page got the key."""
    tab.page.evaluate(
        "addEventListener('keydown', () => { voiceProbe.keyAt = performance.timeOrigin"
        " + performance.now() }, { capture: true, once: true })"
    )
    tab.page.keyboard.press("Escape")
    return float(tab.page.evaluate("voiceProbe.keyAt"))


def wait_for_silence(tab: Tab, after_ms: float) -> None:
    """Wait until the output was listened to for long enough to tell silence from a gap."""
    tab.wait_until(lambda: tab.measured_until_ms() > after_ms + 600, "the output after Esc")
