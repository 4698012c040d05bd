"""What the mind says about what functions returned."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import orjson

MAX_FACTS = 8
_JUST_THE_VALUE = {"result", "answer", "message", "text", "summary", "output", "response", "value"}
_QUESTIONS = {"get", "lookup", "find", "fetch", "check", "search", "read", "show", "query"}
_IT_WORKED = {"ok", "success", "done"}


def report_output(name: str, output: str, arguments: str = "{}") -> str:
    """Prose as it is; JSON as the facts it holds, whatever their depth, and what they are about."""
    text = output.strip()
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text or f"The function {spoken_name(name)} returned nothing."
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return _report_object(name, value, arguments)
    if isinstance(value, list):
        return f"The function {spoken_name(name)} found {_fact(value)}."
    return f"The answer of {spoken_name(name)} is {_fact(value)}."


def spoken_name(name: str) -> str:
    """`getWeather`, `get_weather` and `get-weather` are all said `get weather`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").replace("-", " ").lower()


def _report_object(name: str, value: Mapping[str, object], arguments: str) -> str:
    error = value.get("error")
    if error:
        why = error.get("message") if isinstance(error, Mapping) else error
        return f"The function {spoken_name(name)} failed: {str(why or 'unknown').rstrip('.')}."
    said = {key: fact for key, fact in value.items() if fact is not None}
    worked = [key for key in said if key in _IT_WORKED and said[key] is True]
    rest = {key: fact for key, fact in said.items() if key not in worked}
    if len(rest) == 1:
        key, fact = next(iter(rest.items()))
        if key in _JUST_THE_VALUE:
            text = _fact(fact)
            return text if text.endswith((".", "!", "?")) else f"{text[:1].upper()}{text[1:]}."
    if not rest:
        return "Done." if worked else f"The function {spoken_name(name)} returned nothing."
    facts = [f"{spoken_name(key)} is {_fact(fact)}" for key, fact in rest.items()]
    begun = "Done. " if worked else ""
    return f"{begun}{_subject(name, arguments)}: " + ", ".join(facts[:MAX_FACTS]) + "."


def _subject(name: str, arguments: str) -> str:
    """`The weather for Paris` of a call of `get_weather` with that city."""
    verb, _, noun = spoken_name(name).replace("look up ", "lookup ").partition(" ")
    if not noun or verb not in _QUESTIONS:
        return f"Here is what {spoken_name(name)} says"
    try:
        given = orjson.loads(arguments)
    except orjson.JSONDecodeError:
        given = {}
    values = given.items() if isinstance(given, Mapping) else ()
    for key, about in values:
        if isinstance(about, str) and about:
            return f"The {noun} {about}" if str(key).endswith("id") else f"The {noun} for {about}"
    return f"The {noun}"


def _fact(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "unknown"
    if isinstance(value, str):
        return value.strip().rstrip(".")
    if isinstance(value, Mapping):
        known = [f"{spoken_name(str(key))} {_fact(fact)}" for key, fact in value.items()]
        return " ".join(known[:MAX_FACTS]) or "nothing"
    if isinstance(value, Sequence):
        return _listed([_fact(one) for one in value])
    return orjson.dumps(value).decode()


def _listed(facts: list[str]) -> str:
    if not facts:
        return "nothing"
    if len(facts) > MAX_FACTS:
        facts = [*facts[:MAX_FACTS], f"{len(facts) - MAX_FACTS} more"]
    return " and ".join([", ".join(facts[:-1]), facts[-1]] if len(facts) > 1 else facts)
