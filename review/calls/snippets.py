"""A line of a transcript to show in a list: short, on one line, with what was found marked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from conversations.models import Item
from conversations.search import Term
from conversations.titles import DIRECTION_CONTROLS

SNIPPET_MAX_CHARS = 160
CHARS_BEFORE_HIT = 60


@dataclass(frozen=True, slots=True)
class SnippetPart:
    text: str
    is_hit: bool


@dataclass(frozen=True, slots=True)
class Snippet:
    """Where the words are (`item_id`, of the call) and how they read, as parts in order."""

    item_id: str
    role: str
    parts: list[SnippetPart]

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts)


def snippet_of(item: Item, terms: Sequence[Term]) -> Snippet:
    """The beginning of the item, or its words around the first term that occurs in it."""
    for term in terms:
        if match := term.pattern().search(item.text):
            start, end = match.start(), min(match.end(), match.start() + SNIPPET_MAX_CHARS)
            begin = max(0, start - CHARS_BEFORE_HIT)
            stop = max(end, begin + SNIPPET_MAX_CHARS)
            pieces = (
                (("…" if begin else "") + item.text[begin:start], False),
                (item.text[start:end], True),
                (item.text[end:stop] + ("…" if stop < len(item.text) else ""), False),
            )
            parts = [SnippetPart(_visible(text), is_hit) for text, is_hit in pieces if text]
            return Snippet(item.item_id, item.role, parts)
    text = item.text[:SNIPPET_MAX_CHARS] + ("…" if len(item.text) > SNIPPET_MAX_CHARS else "")
    return Snippet(item.item_id, item.role, [SnippetPart(_visible(text), is_hit=False)])


def _visible(text: str) -> str:
    plain = "".join(
        " " if unicodedata.category(char) == "Cc" else char
        for char in DIRECTION_CONTROLS.sub("", text)
    )
    return re.sub(r"\s+", " ", plain)
