"""Making hostile words harmless in files: a transcript may hold anything that can be said."""

from __future__ import annotations

import json
import unicodedata

from conversations.titles import DIRECTION_CONTROLS

# The full-width forms are what East Asian spreadsheets read as the plain ones.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def printable(text: str) -> str:
    """Without control characters (terminal escapes, NUL) and those that reverse the direction of
    what follows, but with line ends as \\n and tabs."""
    unified = DIRECTION_CONTROLS.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        char for char in unified if char in "\n\t" or unicodedata.category(char) != "Cc"
    ).strip()


def json_text(value: object, indent: int | None = None) -> str:
    """JSON that holds every character, those that reverse directions as escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    # They stand within strings alone: elsewhere JSON is ASCII.
    return DIRECTION_CONTROLS.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def indented(text: str, prefix: str) -> str:
    """Every line behind the prefix, so that no line of the text can pass for one of ours."""
    # Not splitlines(): what it also splits at would leave the prefix out after a later re-join.
    return "\n".join(f"{prefix}{line}".rstrip() for line in text.split("\n"))


def markdown_body(text: str) -> str:
    """Markdown of the text that keeps its formatting, but runs no HTML and loads no image."""
    return printable(text).replace("&", "&amp;").replace("<", "&lt;").replace("![", "!\\[")


def spreadsheet_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, without controls and reversed directions."""
    plain = DIRECTION_CONTROLS.sub("", text)
    shown = printable(plain)
    # What begins so is a formula, also behind white space; an apostrophe makes it text.
    is_risky = plain[:1] in FORMULA_STARTS or shown[:1] in FORMULA_STARTS
    return f"'{shown}" if shown and is_risky else shown


def cue_text(text: str) -> str:
    """One line of WebVTT cue text: no tags, no arrow, no blank line that would end the cue."""
    escaped = printable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return " ".join(escaped.split())
