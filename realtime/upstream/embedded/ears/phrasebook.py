"""The sentences the demonstration voice knows by heart, as one JSGF grammar.

What the grammar recognises is printed exactly as written here: lower case, words alone.
"""

from __future__ import annotations

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
    "[<rank>] <rank> of <suit>",
    "thank you",
    "stop",
    "goodbye",
)


def phrasebook_grammar() -> str:
    """The JSGF text for the recogniser."""
    lists = {
        "name": NAMES,
        "number": NUMBERS,
        "rank": RANKS,
        "suit": SUITS,
        "city": CITIES,
        "room": ROOMS,
    }
    rules = [f"<{name}> = {' | '.join(words)};" for name, words in lists.items()]
    return "\n".join(
        [
            "#JSGF V1.0;",
            "grammar phrasebook;",
            *rules,
            f"public <sentence> = {' | '.join(f'( {line} )' for line in SENTENCES)};",
        ]
    )
