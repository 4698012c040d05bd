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
# The next count begins while the one before is being spoken.
PAUSE_MS = 5000


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
    """Six times «count to twenty», each over the answer to the one before; the last by Esc."""
    script: list[str | int] = ["count to twenty"]
    for _ in range(INTERRUPTIONS):
        script += [PAUSE_MS, "count to twenty"]
    microphone.say(*script)
    with Tab(browser, server.url) as tab:
        chat = ChatPage(tab)
        chat.sign_in(server)
        chat.start_call()
        chat.wait_for_answers(INTERRUPTIONS + 1, timeout_s=60)
        starts = tab.wire("input_audio_buffer.speech_started", side="received")
        assert len(starts) == INTERRUPTIONS + 1
        sounds = tab.sounds()
        measured = []
        for start in starts[1:]:
            assert any(start.at_ms - 200 < s.at_ms <= start.at_ms for s in sounds), (
                "nothing was being said when the person began to speak"
            )
            answers = tab.wire("response.created", side="received", after_ms=start.at_ms)
            measured.append(silencing_ms(sounds, start.at_ms, answers[0].at_ms))
        last = tab.wire("response.done", side="received")[-1]
        tab.wait_until(lambda: tab.audible_ms(last.at_ms) > 1500, "the last count being spoken")
        tab.page.keyboard.press("Escape")
        tab.wait_until(
            lambda: tab.wire("conversation.item.truncated", after_ms=last.at_ms), "the last cut"
        )
        chat.type("repeat that")
        repeated = chat.wait_for_answers(INTERRUPTIONS + 2)[-1]
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
    cut = counts(demo, interrupted_call)
    assert len(cut) == INTERRUPTIONS + 1
    for item in cut:
        assert item["text"].endswith("nineteen, twenty.")
        assert item["heard_ms"] > 0
        assert item["text"].startswith(item["heard_text"])
        assert 0 < len(item["heard_text"]) < len(item["text"])


def test_the_next_answer_knows_only_what_was_heard(
    interrupted_call: InterruptedCall, demo: RestPerson
) -> None:
    heard = counts(demo, interrupted_call)[-1]["heard_text"].strip()
    assert interrupted_call.repeated.strip() == f"I said: {heard}"


def counts(person: RestPerson, call: InterruptedCall) -> list[Json]:
    return [i for i in person.items(call.conversation_id) if i["text"].startswith("One, two")]


def test_escape_silences_within_150_ms_and_never_ends_the_call(
    tab: Tab, server: ServerProcess
) -> None:
    chat = ChatPage(tab)
    chat.sign_in(server)
    chat.start_call()
    measured = []
    for turn in range(1, INTERRUPTIONS + 1):
        chat.type("count to twenty")
        answer = chat.wait_for_answers(turn)[-1]
        tab.wait_until(lambda since=answer.at_ms: tab.audible_ms(since) > 500, "the count")  # type: ignore[misc]
        pressed_ms = escape(tab)
        tab.wait_until(lambda since=pressed_ms: tab.measured_until_ms() > since + 600, "the output")  # type: ignore[misc]
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
