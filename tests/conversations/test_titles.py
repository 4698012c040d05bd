from __future__ import annotations

import pytest

from conversations.titles import AUTO_TITLE_MAX_CHARS, one_line, title_from_words


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("", ""),
        (" \n\t ", ""),
        ("hello there", "hello there"),
        ("two\nlines\tand\x1b[31m colour", "two lines and [31m colour"),
        ("turned \u202e around", "turned around"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 59 + "…"),
        ("a" + " word" * 20, "a" + " word" * 11 + "…"),
        ("日本語" * 30, ("日本語" * 30)[:59] + "…"),
    ],
)
def test_title_is_the_first_words_on_one_line(words: str, title: str) -> None:
    assert title_from_words(words) == title
    assert len(title) <= AUTO_TITLE_MAX_CHARS


def test_joined_emoji_and_persian_joiners_stay_whole() -> None:
    assert one_line("👩‍👩‍👧 می‌خواهم") == "👩‍👩‍👧 می‌خواهم"
