"""The mind of the demonstration voice: a list of rules, tried in order, that say what they are.

Deterministic given the conversation and the clock: it has no state, so an answer can only come
from items, among them those seeded from an earlier session.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from realtime.upstream.embedded.mind.phrases import RULES, Turn
from realtime.upstream.embedded.mind.tools import choose_call, report_output
from realtime.upstream.embedded.mind.words import plain_words
from realtime.upstream.embedded.ports import (
    CallFunction,
    Context,
    FunctionCalled,
    FunctionReturned,
    Origin,
    Say,
    Speaker,
    Thought,
    Utterance,
)

INTRODUCTION = "This is the demo voice: English, rules, not AI."
NOT_UNDERSTOOD = "Sorry, I did not catch that."


def _local_now() -> datetime:
    return datetime.now().astimezone()


class RuleMind:
    """Answers with `RULES`; calls a function tool whose name or description fits the words."""

    def __init__(self, clock: Callable[[], datetime] = _local_now) -> None:
        self._clock = clock

    async def think(self, context: Context) -> AsyncIterator[Thought]:
        for thought in answer(context, self._clock()):
            yield thought


def answer(context: Context, now: datetime) -> list[Thought]:
    """The whole answer. Empty when the best answer is to stay silent."""
    last = context.history[-1] if context.history else None
    if isinstance(last, FunctionReturned):
        called = _call_of(context, last.call_id)
        return sentences(report_output(called.name if called else "function", last.output))
    spoken = [entry for entry in context.history if isinstance(entry, Utterance)]
    said = [entry for entry in spoken if entry.speaker is Speaker.USER]
    asked = said[-1] if said and _is_unanswered(spoken) else None
    words = plain_words(asked.text) if asked else ""
    call = choose_call(context, words, asked.text if asked else "")
    if call is not None:
        return [CallFunction(*call)]
    if asked is None:
        return sentences(_opening(context))
    if not words:
        return _ask_again(context)
    turn = Turn(words, tuple(spoken), now)
    return sentences(_by_rule(turn, asked))


def sentences(text: str) -> list[Thought]:
    """Cut after each sentence; the pieces concatenate to `text`."""
    return [Say(piece) for piece in re.findall(r".+?(?:[.!?](?=\s|$)|$)", text, re.DOTALL)]


def _by_rule(turn: Turn, asked: Utterance) -> str:
    candidates = [turn]
    joined = turn.joined_with_unanswered()
    if joined is not None:
        candidates.append(joined)
    for candidate in candidates:
        for rule in RULES:
            reply = rule(candidate)
            if reply is not None:
                return reply
    if asked.origin is Origin.OPEN:
        return (
            f"I am not sure I heard you right. It sounded like: {turn.words}. "
            "I am a demo voice with rules, so try: what time is it."
        )
    return (
        f"You said: {asked.text.strip().rstrip('.!?')}. I am a demo voice with rules and have no "
        "answer to that. Try: what time is it, or count to twenty."
    )


def _opening(context: Context) -> str:
    """Nobody asked anything: greet, or say what the instructions dictate word for word."""
    dictated = re.search(
        r"\bsay(?: exactly)?:?\s+[\"'\u201c](.+?)[\"'\u201d]", context.instructions
    )
    if dictated:
        return dictated.group(1)
    return f"Hello! {INTRODUCTION} Try asking what time it is."


def _ask_again(context: Context) -> list[Thought]:
    """Ask once; noise that goes on is met with silence, not with an echo of apologies."""
    for entry in reversed(context.history):
        if isinstance(entry, Utterance) and entry.speaker is Speaker.ASSISTANT:
            if entry.text.startswith(NOT_UNDERSTOOD):
                return []
            break
    return sentences(NOT_UNDERSTOOD)


def _is_unanswered(spoken: list[Utterance]) -> bool:
    talk = [entry for entry in spoken if entry.speaker is not Speaker.SYSTEM]
    return bool(talk) and talk[-1].speaker is Speaker.USER


def _call_of(context: Context, call_id: str) -> FunctionCalled | None:
    for entry in context.history:
        if isinstance(entry, FunctionCalled) and entry.call_id == call_id:
            return entry
    return None
