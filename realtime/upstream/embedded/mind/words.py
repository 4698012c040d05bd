"""Plain words out of what was typed or heard: lower case, no punctuation, numbers spelled out."""

from __future__ import annotations

import re

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_CONTRACTIONS = {
    "what's": "what is",
    "whats": "what is",
    "it's": "it is",
    "i'm": "i am",
    "let's": "let us",
    "that's": "that is",
    "don't": "do not",
    "can't": "cannot",
    "who's": "who is",
    "where's": "where is",
    "how's": "how is",
    "you're": "you are",
    "o'clock": "oclock",
}
_OPERATORS = {
    "+": " plus ",
    "*": " times ",
    "\u00d7": " times ",
    "\u00f7": " divided by ",
    "=": " ",
}


def plain_words(text: str) -> str:
    """`What's 2+2?` becomes `what is two plus two`."""
    text = text.lower().replace("\u2019", "'")
    for sign, word in _OPERATORS.items():
        text = text.replace(sign, word)
    text = re.sub(r"(?<=\d)\s*-\s*(?=\d)", " minus ", text)
    text = re.sub(r"(?<=\d)\s*/\s*(?=\d)", " divided by ", text)
    words = re.findall(r"[^\W_]+(?:'[^\W_]+)*", text)
    spelled = (
        spell_number(int(word)) if word.isascii() and word.isdigit() and len(word) < 5 else word
        for word in words
    )
    return " ".join(_CONTRACTIONS.get(word, word) for word in spelled)


def spell_number(number: int) -> str:
    """Whole numbers from -9999 to 9999 in words; beyond that, digits."""
    if number < 0:
        return "minus " + spell_number(-number)
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens - 2] + (f" {_ONES[ones]}" if ones else "")
    if number < 10_000:
        unit, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
        high, low = divmod(number, unit)
        return f"{_ONES[high]} {name}" + (f" {spell_number(low)}" if low else "")
    return str(number)


def read_number(words: str) -> int | None:
    """The number these words spell out, up to ninety nine; None if they do not."""
    return _NUMBERS.get(words)


_NUMBERS = {spell_number(number): number for number in range(100)}

NUMBER_PATTERN = "|".join(sorted(_NUMBERS, key=len, reverse=True))
