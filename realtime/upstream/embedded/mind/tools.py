"""Choosing a function tool by its words, filling its arguments, reporting what it returned."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from realtime.upstream.embedded.mind.words import NUMBER_PATTERN, plain_words, read_number
from realtime.upstream.embedded.ports import Context, FunctionTool

_WORDS_WITHOUT_CONTENT = """
    a an and any are as at be by can current do does for from get given has have how i if in is
    it its me my of on or please set tell that the their this to turn up use user what when
    which will with you your call function tool look find make show give value name
"""
_FUNCTION_WORDS = frozenset(_WORDS_WITHOUT_CONTENT.split())
_LEAST_SCORE = 2
_NAME_WORD_SCORE = 2


def choose_call(context: Context, words: str, original: str) -> tuple[str, str] | None:
    """(name, JSON arguments) of the call that fits `words`, or None.

    When the client requires a call the best fit is called, however poor.
    """
    tools = context.tools
    if context.required_name is not None:
        tools = tuple(tool for tool in tools if tool.name == context.required_name)
    if not tools:
        return None
    obliged = context.required or context.required_name is not None
    if not words and not obliged:
        return None
    best = max(tools, key=lambda tool: _score(tool, words))
    if not obliged and _score(best, words) < _LEAST_SCORE:
        return None
    return best.name, orjson.dumps(_arguments(best, words, original)).decode()


def report_output(name: str, output: str) -> str:
    """What the mind says about a function's output: prose as it is, JSON as a list of facts."""
    text = output.strip()
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text or f"The function {_spoken(name)} returned nothing."
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        facts = [f"{_spoken(key)} is {_fact(fact)}" for key, fact in value.items()]
        return f"Here is what {_spoken(name)} says: " + ", ".join(facts) + "."
    return f"The answer of {_spoken(name)} is {_fact(value)}."


def _score(tool: FunctionTool, words: str) -> int:
    said = {_stem(word) for word in words.split()} - _FUNCTION_WORDS
    in_name = _content_words(_spoken(tool.name))
    in_description = _content_words(tool.description) - in_name
    return _NAME_WORD_SCORE * len(said & in_name) + len(said & in_description)


def _content_words(text: str) -> set[str]:
    return {_stem(word) for word in plain_words(text).split() if word not in _FUNCTION_WORDS}


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _spoken(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").replace("-", " ").lower()


def _fact(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _arguments(tool: FunctionTool, words: str, original: str) -> dict[str, Any]:
    properties = tool.parameters.get("properties") or {}
    required = tool.parameters.get("required") or []
    filled: dict[str, Any] = {}
    for name, schema in properties.items():
        value = _fill(name, schema if isinstance(schema, Mapping) else {}, words, original)
        if value is None and name in required:
            value = _least_wrong(schema if isinstance(schema, Mapping) else {}, original)
        if value is not None:
            filled[name] = value
    return filled


def _fill(name: str, schema: Mapping[str, Any], words: str, original: str) -> Any:
    kind = schema.get("type")
    options = schema.get("enum")
    if isinstance(options, list):
        return next((option for option in options if _mentions(words, option)), None)
    if kind in ("integer", "number"):
        found = re.search(rf"\b(?:{NUMBER_PATTERN})\b", words)
        return read_number(found.group()) if found else None
    if kind == "boolean":
        return True if _mentions(words, "on") else False if _mentions(words, "off") else None
    if kind not in (None, "string"):
        return None
    place = re.search(r"\b(?:in|at|for|to|of) (?:the )?(?P<place>\w+(?: \w+)?)$", words)
    if re.search(r"city|location|place|room|where|area|town|country", name, re.IGNORECASE):
        if not place:
            return None
        text = place["place"]
        return text if re.search("room|area", name, re.IGNORECASE) else text.title()
    if re.search(r"state|action|mode|switch", name, re.IGNORECASE):
        return "on" if _mentions(words, "on") else "off" if _mentions(words, "off") else None
    if re.search(r"query|text|message|question|input|prompt|expression", name, re.IGNORECASE):
        return original
    return place["place"] if place else None


def _least_wrong(schema: Mapping[str, Any], original: str) -> Any:
    """A value of the right type for a required argument nobody mentioned."""
    options = schema.get("enum")
    if isinstance(options, list) and options:
        return options[0]
    empty: dict[str, Any] = {
        "integer": 0,
        "number": 0,
        "boolean": False,
        "array": [],
        "object": {},
    }
    return empty.get(str(schema.get("type")), original)


def _mentions(words: str, option: object) -> bool:
    wanted = plain_words(str(option).replace("_", " "))
    return bool(wanted) and re.search(rf"\b{re.escape(wanted)}\b", words) is not None
