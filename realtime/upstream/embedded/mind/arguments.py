"""Arguments of a function call out of what was said, in the types its JSON schema wants."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from realtime.upstream.embedded.mind.words import NUMBER_PATTERN, plain_words, read_number

_ENDS_A_PLACE = """
    a an and are as at be but by can degrees do does for from give how i if in into is it like my
    near next now of off on or please right so tell than that the then this to today tomorrow
    tonight want was what when where which will with would you
"""
_NOT_IN_A_PLACE = frozenset(_ENDS_A_PLACE.split())
_MOST_PLACE_WORDS = 3
_PLACES = "city|location|place|room|where|area|town|country|address|destination|region"
_LOWER_CASE_PLACES = "room|area"
_STATES = "state|action|mode|switch|power|status"
_PEOPLE = "person|contact|recipient|who|guest|customer|user_?name|first_?name|^name$"
_DAYS = "date|day|when"
_IDS = "id$|_id|number$|code$|reference"
_WHOLE_TEXTS = (
    "query|text|message|question|input|prompt|expression|content|note|title|task|topic|request"
)
_DAY_WORDS = (
    "today|tomorrow|tonight|yesterday|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
)
_NAMED = (
    r"\b(?:to|with|for|named|name is) (?:the )?(?P<person>(?!my\b|a\b)\w[\w']*)",
    r"\b(?:call|ring|text|message|email|invite) (?P<person>(?!my\b|a\b|the\b|to\b)\w[\w']*)",
)
_WORTH_ASKING = f"{_PLACES}|{_PEOPLE}|{_DAYS}|{_IDS}"
_YES, _NO = ("on", "yes", "true", "open", "enable"), ("off", "no", "false", "close", "disable")


@dataclass(slots=True)
class Said:
    """One request: `words` are plain, `original` as typed or heard, `background` what else is known
    (instructions, earlier turns). Numbers are used up in the order they were said."""

    words: str
    original: str
    background: Sequence[str] = ()
    _used_numbers: int = field(default=0, init=False)

    def next_number(self) -> float | None:
        found = self._numbers()
        if self._used_numbers >= len(found):
            return None
        self._used_numbers += 1
        return found[self._used_numbers - 1]

    def _numbers(self) -> list[float]:
        if re.search(r"\d", self.original):
            return [float(text) for text in re.findall(r"-?\d+(?:\.\d+)?", self.original)]
        spelled = re.findall(rf"\b(?:minus )?(?:{NUMBER_PATTERN})\b", self.words)
        return [_read(text) for text in spelled]


@dataclass(frozen=True, slots=True)
class Arguments:
    """`missing`: required arguments that nobody mentioned and that are worth a question."""

    filled: dict[str, Any]
    missing: tuple[str, ...]


def fill_arguments(parameters: Mapping[str, Any], said: Said) -> Arguments:
    properties = parameters.get("properties")
    required = parameters.get("required")
    filled: dict[str, Any] = {}
    missing = []
    for name, given in (properties if isinstance(properties, Mapping) else {}).items():
        schema = _simplest(given)
        value = _fill(str(name), schema, said)
        if value is None and name in (required if isinstance(required, list) else ()):
            if "default" in schema:
                value = schema["default"]
            elif _kind(schema) != "string" or schema.get("enum"):
                value = least_wrong(schema)
            elif _is(f"{name} {schema.get('description') or ''}", _WORTH_ASKING):
                missing.append(str(name))
            else:
                value = said.original
        if value is not None:
            filled[str(name)] = value
    return Arguments(filled, tuple(missing))


def least_wrong(schema: Mapping[str, Any]) -> Any:
    """A value of the right type for a required argument nobody mentioned."""
    options = schema.get("enum")
    if isinstance(options, list) and options:
        return options[0]
    empty: dict[str, Any] = {"boolean": False, "array": [], "object": {}}
    kind = _kind(schema)
    if kind in ("integer", "number"):
        return schema.get("minimum", 0)
    return empty.get(kind, "")


def place_in(words: str, *, title: bool = True) -> str | None:
    """`paris` of `what is the weather in paris today`, as a name."""
    for found in re.finditer(r"\b(?:in|at|for|to|of|near|from) (?:the )?(?P<rest>.+)", words):
        name: list[str] = []
        for word in found["rest"].split()[:_MOST_PLACE_WORDS]:
            if word in _NOT_IN_A_PLACE or re.fullmatch(_DAY_WORDS, word):
                break
            name.append(word)
        if name:
            return " ".join(name).title() if title else " ".join(name)
    return None


def takes_a_place(parameters: Mapping[str, Any]) -> bool:
    properties = parameters.get("properties")
    names = properties if isinstance(properties, Mapping) else {}
    return any(_is(name, _PLACES) and not _simplest(names[name]).get("enum") for name in names)


def argument_words(parameters: Mapping[str, Any]) -> list[str]:
    """The names of the arguments and the words they may be: what a request for it may mention."""
    properties = parameters.get("properties")
    words: list[str] = []
    for name, given in (properties if isinstance(properties, Mapping) else {}).items():
        options = _simplest(given).get("enum")
        words.append(re.sub(r"[_-]", " ", str(name)))
        words += [str(option) for option in (options if isinstance(options, list) else ())]
    return words


def _fill(name: str, schema: Mapping[str, Any], said: Said) -> Any:
    if "const" in schema:
        return schema["const"]
    options = schema.get("enum")
    if isinstance(options, list):
        return next((option for option in options if mentions(said.words, option)), None)
    kind = _kind(schema)
    if kind in ("integer", "number"):
        number = said.next_number()
        whole = number is not None and (kind == "integer" or number.is_integer())
        return int(number) if whole and number is not None else number
    if kind == "boolean":
        return _yes_or_no(name, said.words)
    if kind == "array":
        return _list(name, schema, said)
    if kind == "object":
        inner = fill_arguments(schema, said).filled
        return inner or None
    return _text(name, str(schema.get("description") or ""), said)


def _text(name: str, description: str, said: Said) -> str | None:
    quoted = re.search(r"[\"\u201c](.+?)[\"\u201d]", said.original)
    if _is(name, _PLACES) or (_is(description, _PLACES) and not _is(name, _WHOLE_TEXTS)):
        return _place(name, said)
    if _is(name, _STATES):
        wish = _yes_or_no(name, said.words)
        return None if wish is None else "on" if wish else "off"
    if _is(name, _DAYS):
        day = re.search(rf"\b(?:{_DAY_WORDS})\b", said.words)
        return day.group() if day else None
    if quoted and _is(name, _WHOLE_TEXTS):
        return quoted[1]
    if _is(name, _PEOPLE):
        people = (re.search(pattern, said.words) for pattern in _NAMED)
        return next((found["person"].capitalize() for found in people if found), None)
    if _is(name, _IDS):
        code = re.search(r"\b[A-Za-z]{0,8}-?\d[\w-]*\b", said.original)
        return code.group() if code else None
    if _is(name, _WHOLE_TEXTS):
        return said.original.strip() or None
    return quoted[1] if quoted else place_in(said.words)


def _place(name: str, said: Said) -> str | None:
    found = place_in(said.words, title=not _is(name, _LOWER_CASE_PLACES))
    if found is not None:
        return found
    for text in said.background:
        known = re.search(
            r"\b(?:in|near|from|[Cc]ity is|[Ll]ocation is) (?P<place>[A-Z]\w+(?: [A-Z]\w+)?)", text
        )
        if known:
            return known["place"]
    return None


def _list(name: str, schema: Mapping[str, Any], said: Said) -> list[Any] | None:
    inner = _simplest(schema.get("items") or {})
    options = inner.get("enum")
    if isinstance(options, list):
        return [option for option in options if mentions(said.words, option)] or None
    if _kind(inner) in ("integer", "number"):
        numbers: list[Any] = []
        while (value := _fill(name, inner, said)) is not None:
            numbers.append(value)
        return numbers or None
    value = _fill(name, inner, said)
    return None if value is None else [value]


def _yes_or_no(name: str, words: str) -> bool | None:
    if _any(words, _NO):
        return False
    if _any(words, _YES):
        return True
    spoken = re.sub(r"[_-]", " ", name).lower()
    return True if spoken not in _YES and mentions(words, spoken) else None


def mentions(words: str, option: object) -> bool:
    wanted = plain_words(str(option).replace("_", " "))
    return bool(wanted) and re.search(rf"\b{re.escape(wanted)}s?\b", words) is not None


def _any(words: str, options: Iterable[str]) -> bool:
    return any(mentions(words, option) for option in options)


def _is(name: str, pattern: str) -> bool:
    return re.search(pattern, name, re.IGNORECASE) is not None


def _simplest(schema: object) -> Mapping[str, Any]:
    """The first alternative that is not null."""
    if not isinstance(schema, Mapping):
        return {}
    for union in ("anyOf", "oneOf"):
        options = schema.get(union)
        if isinstance(options, list):
            real = [one for one in options if _kind(_simplest(one)) != "null"]
            return {**schema, **_simplest(real[0])} if real else schema
    return schema


def _kind(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type", "string")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "string")
    return str(kind)


def _read(spelled: str) -> float:
    sign = -1.0 if spelled.startswith("minus ") else 1.0
    return sign * float(read_number(spelled.removeprefix("minus ")) or 0)
