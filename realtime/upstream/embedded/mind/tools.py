"""Choosing function tools by what was said: one call, several at once, or a question back."""

from __future__ import annotations

import re
from dataclasses import dataclass

import orjson

from realtime.upstream.embedded.mind.arguments import (
    Said,
    argument_words,
    fill_arguments,
    takes_a_place,
)
from realtime.upstream.embedded.mind.reports import spoken_name
from realtime.upstream.embedded.mind.words import plain_words, read_number
from realtime.upstream.embedded.ports import CallFunction, Context, FunctionTool

_WORDS_WITHOUT_CONTENT = """
    a an and any are as at be by can current do does for from get given has have how i if in is
    it its me my of on or please set tell that the their this to turn up use user what when
    which will with you your call function tool look find make show give value name
"""
_FUNCTION_WORDS = frozenset(_WORDS_WITHOUT_CONTENT.split())
# What people say, and what the functions for it are called; read on both sides.
_SAME_AS = {
    "plus": "add",
    "sum": "add",
    "minus": "subtract",
    "times": "multiply",
    "multiplied": "multiply",
    "divided": "divide",
    "temperature": "weather",
    "forecast": "weather",
    "lamp": "light",
}
_LEAST_SCORE = 2
_NAME_WORD_SCORE = 2
_MOST_CALLS = 4
_QUESTION = re.compile(r"^Which (?P<argument>.+) should I use\?$")


@dataclass(frozen=True, slots=True)
class Request:
    """What to find a tool for. `background`: what else may fill an argument.

    earlier, question: the request before it, and what the mind asked back about that.
    """

    words: str
    original: str
    background: tuple[str, ...] = ()
    earlier: str = ""
    question: str = ""


def choose_calls(context: Context, request: Request) -> list[CallFunction] | str | None:
    """The calls that fit, a question when a fitting one lacks an argument, or None.

    When the client requires a call, the best fit is called, however poor.
    """
    if context.required or context.required_name is not None:
        return _obliged(context, request)
    answered = _answered_question(context, request)
    if answered is not None:
        return answered
    if not context.tools or not request.words:
        return None
    several = _several(context, request) if context.parallel else None
    if several is not None:
        return several
    tool = _best(context, request.words)
    return None if tool is None else _call(tool, request)


def _obliged(context: Context, request: Request) -> list[CallFunction] | None:
    tools = context.tools
    if context.required_name is not None:
        tools = tuple(tool for tool in tools if tool.name == context.required_name)
    if not tools:
        return None
    several = _several(context, request) if context.parallel and request.words else None
    if several is not None and {call.name for call in several} <= {tool.name for tool in tools}:
        return several
    tool = max(tools, key=lambda each: _score(each, request.words))
    found = fill_arguments(
        tool.parameters, Said(request.words, request.original, request.background)
    )
    guesses = dict.fromkeys(found.missing, request.original)
    return [_made(tool, {**guesses, **found.filled})]


def _best(context: Context, words: str) -> FunctionTool | None:
    """The tool that fits the words, or the one that the instructions always want."""
    if not context.tools:
        return None
    tool = max(context.tools, key=lambda each: _score(each, words))
    if _score(tool, words) >= _LEAST_SCORE:
        return tool
    for each in context.tools:
        always = rf"\balways (?:call|use)(?: the)? [`'\"]?{re.escape(each.name)}\b"
        if re.search(always, context.instructions, re.IGNORECASE):
            return each
    return None


def _call(tool: FunctionTool, request: Request) -> list[CallFunction] | str:
    found = fill_arguments(
        tool.parameters, Said(request.words, request.original, request.background)
    )
    if found.missing:
        return f"Which {spoken_name(found.missing[0])} should I use?"
    return [_made(tool, found.filled)]


def _several(context: Context, request: Request) -> list[CallFunction] | None:
    """Two or more requests in one sentence: `the weather in paris and the light in the kitchen`."""
    clauses = re.split(r"\band\b(?: then)?", request.words)
    if len(clauses) < 2 or len(clauses) > _MOST_CALLS:
        return None
    calls: list[CallFunction] = []
    before: tuple[FunctionTool, str] | None = None
    for clause in (text.strip() for text in clauses):
        tool = _fitting(context, clause)
        if tool is None and before is not None and 0 < len(clause.split()) <= 3:
            # `… in paris and london`: the same once more, in another place
            tool, words = before
            at = re.search(r"^(.*\b(?:in|at|for|near) (?:the )?)", words)
            if at is None or not takes_a_place(tool.parameters):
                return None
            clause = at[1] + re.sub(r"^(?:in|at|for|near) ", "", clause)
        if tool is None:
            return None
        found = fill_arguments(tool.parameters, Said(clause, clause, request.background))
        if found.missing:
            return None
        before = (tool, clause)
        calls.append(_made(tool, found.filled))
    return calls if len({(call.name, call.arguments) for call in calls}) > 1 else None


def _fitting(context: Context, words: str) -> FunctionTool | None:
    tool = max(context.tools, key=lambda each: _score(each, words), default=None)
    return tool if tool is not None and _score(tool, words) >= _LEAST_SCORE else None


def _answered_question(context: Context, request: Request) -> list[CallFunction] | None:
    """The mind asked for one argument and this is it: the earlier request can be done now."""
    asked = _QUESTION.match(request.question)
    tool = _fitting(context, request.earlier) if asked and request.words else None
    if asked is None or tool is None or _score(tool, request.words) >= _LEAST_SCORE:
        return None
    answer = re.sub(r"^(?:in|at|for|the|it is|use)\s+", "", request.words).strip()
    said = Said(f"{request.earlier} in {answer}", request.original, request.background)
    found = fill_arguments(tool.parameters, said)
    filled = dict(found.filled)
    for name in found.missing:
        if spoken_name(name) == asked["argument"]:
            filled[name] = request.original.strip().rstrip(".!?")
    return [_made(tool, filled)]


def _made(tool: FunctionTool, arguments: dict[str, object]) -> CallFunction:
    return CallFunction(tool.name, orjson.dumps(arguments).decode())


def _score(tool: FunctionTool, words: str) -> int:
    """Twice for each word of the name, once for each of the description and the arguments."""
    said = _content_words(words)
    in_name = _content_words(spoken_name(tool.name))
    about = f"{tool.description} {' '.join(argument_words(tool.parameters))}"
    return _NAME_WORD_SCORE * len(said & in_name) + len(said & _content_words(about) - in_name)


def _content_words(text: str) -> set[str]:
    return {
        _stem(_SAME_AS.get(word, word))
        for word in plain_words(text).split()
        if word not in _FUNCTION_WORDS and read_number(word) is None
    }


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
