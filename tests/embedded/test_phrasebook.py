"""What the ears may print: whole known sentences, no insults, and when the grammar is believed."""

from __future__ import annotations

import pytest

from realtime.upstream.embedded.ears.arbitration import (
    CERTAIN_MISMATCH,
    Segment,
    edit_distance,
    explains_better,
    phrasebook_mismatch,
)
from realtime.upstream.embedded.ears.dictionary import decent_lines, is_decent
from realtime.upstream.embedded.ears.phrasebook import is_in_phrasebook


def test_a_sentence_is_believed_when_its_phones_are_about_as_near_as_the_open_model_s() -> None:
    heard = ["HH", "AH", "L", "OW", "Y", "UW", "TH", "EH", "R", "N", "OW"]
    assert explains_better(heard[:-1], heard, heard)
    assert not explains_better(heard[:-2], heard, heard)
    assert not explains_better([], heard, heard)


def test_one_word_that_fits_badly_spoils_a_sentence_whose_phones_agree() -> None:
    heard = [Segment(phone, at * 10, at * 10 + 9, -5.0) for at, phone in enumerate("ABCD")]

    def mismatch(second_word: float) -> float:
        words = [Segment("ab", 0, 19, -12.0), Segment("cd", 20, 39, second_word)]
        return phrasebook_mismatch([*words, Segment("</s>", 39, 39, -500.0)], list("ABCD"), heard)

    assert mismatch(-12.0) < CERTAIN_MISMATCH < mismatch(-300.0)


def test_edit_distance_counts_every_kind_of_edit() -> None:
    assert edit_distance("abcd", "xbce") == 2
    assert edit_distance("", "abc") == 3
    assert edit_distance("kitten", "sitting") == 3


def test_the_dictionary_leaves_insults_out() -> None:
    lines = ["dam D AE M", "bastard B AE S T ER D", "bastards(2) B AE S", "assess AH S EH S"]
    assert list(decent_lines(lines)) == [lines[0], lines[3]]
    assert not is_decent("bastard's")


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("what is thirteen plus nineteen", True),
        ("turn off the light", True),
        ("four queen of clubs", True),
        ("what is thirteen plus", False),
        ("ten", False),
        ("", False),
    ],
)
def test_only_whole_sentences_are_in_the_phrasebook(text: str, known: bool) -> None:
    assert is_in_phrasebook(text) is known
