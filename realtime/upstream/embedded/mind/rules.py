"""The mind of the demonstration voice: a list of rules, tried in order, that say what they are.

Deterministic given the conversation and the clock: it has no state, so an answer can only come
from items, among them those seeded from an earlier session.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from realtime.upstream.embedded.mind.phrases import RULES, Turn
from realtime.upstream.embedded.mind.reports import report_output
from realtime.upstream.embedded.mind.tools import Request, choose_calls
from realtime.upstream.embedded.mind.words import plain_words
from realtime.upstream.embedded.ports import (
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
STILL_THERE = "Are you still there?"

_DICTATED = re.compile(
    r"\b(?:say|reply|answer|respond)(?: with)? (?:exactly|only|just)(?: with)?:?\s+"
    r"[\"'\u201c](.+?)[\"'\u201d]",
    re.IGNORECASE,
)


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
    returned = _returned_since_last_said(context)
    if returned:
        return sentences(" ".join(_report(context, each) for each in returned))
    spoken = [entry for entry in context.history if isinstance(entry, Utterance)]
    said = [entry for entry in spoken if entry.speaker is Speaker.USER]
    asked = said[-1] if said and _is_unanswered(spoken) else None
    words = plain_words(asked.text) if asked else ""
    turn = Turn(words, tuple(spoken), now)
    chosen = choose_calls(context, _request(context, turn, said, asked))
    if isinstance(chosen, str):
        return sentences(chosen)
    if chosen:
        return list(chosen)
    dictated = _DICTATED.search(context.instructions)
    if dictated:
        return sentences(dictated.group(1))
    if asked is None:
        return sentences(_opening(context))
    if not words:
        silent = asked.origin is Origin.SILENT
        return _ask_again(context, STILL_THERE if silent else NOT_UNDERSTOOD)
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


def _ask_again(context: Context, question: str) -> list[Thought]:
    """Ask once; noise that goes on is met with silence, not with an echo of apologies."""
    for entry in reversed(context.history):
        if isinstance(entry, Utterance) and entry.speaker is Speaker.ASSISTANT:
            if entry.text.startswith(question):
                return []
            break
    return sentences(question)


def _is_unanswered(spoken: list[Utterance]) -> bool:
    talk = [entry for entry in spoken if entry.speaker is not Speaker.SYSTEM]
    return bool(talk) and talk[-1].speaker is Speaker.USER


def _request(
    context: Context, turn: Turn, said: list[Utterance], asked: Utterance | None
) -> Request:
    """The turn to find a function for, with what the conversation says beside it."""
    told = [entry.text for entry in reversed(turn.talk) if entry.speaker is Speaker.SYSTEM]
    answers = turn.earlier(Speaker.ASSISTANT)
    changes_subject = any(rule(turn) is not None for rule in RULES)
    return Request(
        turn.words,
        asked.text if asked else "",
        background=(*told, context.instructions, *(entry.text for entry in reversed(said[:-1]))),
        earlier=plain_words(said[-2].text) if len(said) > 1 else "",
        question=answers[0] if answers and not changes_subject else "",
    )


def _returned_since_last_said(context: Context) -> list[FunctionReturned]:
    """What functions returned and nobody has spoken of yet, in order."""
    returned: list[FunctionReturned] = []
    for entry in reversed(context.history):
        if isinstance(entry, Utterance) and entry.speaker is not Speaker.SYSTEM:
            break
        if isinstance(entry, FunctionReturned):
            returned.insert(0, entry)
    return returned


def _report(context: Context, returned: FunctionReturned) -> str:
    called = next(
        (
            entry
            for entry in context.history
            if isinstance(entry, FunctionCalled) and entry.call_id == returned.call_id
        ),
        None,
    )
    report = (
        report_output(called.name, returned.output, called.arguments)
        if called
        else report_output("function", returned.output)
    )
    return report if report.endswith((".", "!", "?")) else f"{report}."
