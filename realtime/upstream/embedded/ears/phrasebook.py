"""The sentences the demonstration voice knows by heart, as one JSGF grammar.

What the grammar recognises is printed exactly as written here: lower case, words alone.
"""

from __future__ import annotations

import re

NAMES = ("alice", "bob", "carol", "dave", "marguerite", "john", "mary")
NUMBERS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    "twenty",
)  # fmt: skip
RANKS = (
    "ace", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "jack",
    "queen", "king",
)  # fmt: skip
SUITS = ("clubs", "diamonds", "hearts", "spades")
CITIES = ("paris", "london", "tokyo")
ROOMS = ("kitchen", "bedroom")

SENTENCES = (
    "hello",
    "good (morning | afternoon | evening)",
    "my name is <name>",
    "what is my name",
    "who are you",
    "what time is it",
    "what day is it",
    "what is <number> (plus | minus | times) <number>",
    "count to (ten | twenty)",
    "tell me a story",
    "repeat that",
    "what did i say",
    "turn (on | off) the light [in the <room>]",
    "what is the weather in <city>",
    "go forward ten meters",
    "<card>",
    "thank you",
    "stop",
    "goodbye",
)


_LISTS = {
    "name": NAMES,
    "number": NUMBERS,
    "rank": RANKS,
    "suit": SUITS,
    "city": CITIES,
    "room": ROOMS,
}
_CARD = ("<rank> of <suit>", "<rank> <rank> of <suit>")

VOCABULARY = frozenset(
    word
    for text in (*SENTENCES, *_CARD, *(word for words in _LISTS.values() for word in words))
    for word in re.findall(r"\w+", re.sub(r"<\w+>", "", text))
)
"""Every word of every sentence."""

# As dictionary lines: the common dictionary has one vowel for it, speakers have several.
MORE_PRONUNCIATIONS = ("four(2) F OW R\n", "four(3) F AA R\n")


def phrasebook_grammar() -> str:
    """The JSGF text for the recogniser."""
    rules = [f"<{name}> = {' | '.join(words)};" for name, words in _LISTS.items()]
    # Two ranks ("four queen of clubs") are rare: unweighted, a breath becomes a second rank.
    rules.append(f"<card> = /0.9999999/ {_CARD[0]} | /0.0000001/ {_CARD[1]};")
    return "\n".join(
        [
            "#JSGF V1.0;",
            "grammar phrasebook;",
            *rules,
            f"public <sentence> = {' | '.join(f'( {line} )' for line in SENTENCES)};",
        ]
    )


def _as_pattern(line: str) -> str:
    """A JSGF right-hand side as a regular expression over words that each end in a space."""
    pattern = ""
    for part in re.findall(r"<\w+>|\w+|[()\[\]|]", line):
        if part == "<card>":
            pattern += "(?:" + "|".join(_as_pattern(form) for form in _CARD) + ")"
        elif part[0] == "<":
            pattern += "(?:" + "|".join(_LISTS[part[1:-1]]) + ") "
        else:
            pattern += {"(": "(?:", "[": "(?:", ")": ")", "]": ")?", "|": "|"}.get(part, f"{part} ")
    return pattern


_SENTENCE = re.compile("|".join(f"(?:{_as_pattern(line)})" for line in SENTENCES))


def is_in_phrasebook(text: str) -> bool:
    """True for a whole sentence of the phrasebook, in lower-case words."""
    return _SENTENCE.fullmatch(f"{text} ") is not None
