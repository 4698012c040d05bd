"""Titles made of the first words a person said."""

from __future__ import annotations

import re
import unicodedata

AUTO_TITLE_MAX_CHARS = 60

# Embeddings, overrides and isolates: in a list they would turn around what stands beside them.
DIRECTION_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def one_line(text: str) -> str:
    """The text on one line, without control characters."""
    visible = "".join(
        " " if unicodedata.category(char) == "Cc" else char
        for char in DIRECTION_CONTROLS.sub("", text)
    )
    return " ".join(visible.split())


def title_from_words(text: str) -> str:
    """The first words, cut between words at 60 characters with an ellipsis; "" without any."""
    line = one_line(text)
    if len(line) <= AUTO_TITLE_MAX_CHARS:
        return line
    head = line[: AUTO_TITLE_MAX_CHARS - 1]
    # Scripts without spaces (and one endless word) are cut where they reach the limit.
    cut = head.rfind(" ")
    return (head[:cut] if cut > AUTO_TITLE_MAX_CHARS // 2 else head).rstrip() + "…"
