from __future__ import annotations

import pytest

from realtime.core.audio import G711
from realtime.core.spoken import SpokenText, cut_at_word
from tests.fakes.events import silence


def word_by_word(*words: tuple[str, int]) -> SpokenText:
    """Each word sent right before its own sound."""
    spoken = SpokenText()
    for word, audio_ms in words:
        spoken.add_text(0, word)
        spoken.add_audio(silence(audio_ms))
    return spoken


def test_words_beside_their_sound_are_cut_where_they_were_spoken() -> None:
    spoken = word_by_word(("One", 300), (" two", 600), (" three", 300), (" four", 400))
    assert spoken.audio_ms == 1600
    assert spoken.heard_prefix(0) == ""
    assert spoken.heard_prefix(299) == ""
    assert spoken.heard_prefix(300) == "One"
    assert spoken.heard_prefix(899) == "One"
    assert spoken.heard_prefix(900) == "One two"
    assert spoken.heard_prefix(1200) == "One two three"
    assert spoken.heard_prefix(1600) == "One two three four"
    assert spoken.heard_prefix(9999) == "One two three four"


def test_text_that_runs_ahead_of_its_sound_is_cut_by_proportion() -> None:
    spoken = SpokenText()
    spoken.add_text(0, "One two three ")
    spoken.add_audio(silence(100))
    spoken.add_text(0, "four five six")
    spoken.add_audio(silence(900))
    assert spoken.heard_prefix(500) == "One two three"


def test_a_text_sent_whole_is_cut_by_proportion() -> None:
    spoken = SpokenText()
    spoken.add_text(0, "alpha beta gamma delta")
    spoken.add_audio(silence(2200))
    assert spoken.heard_prefix(1100) == "alpha beta"


def test_a_final_text_replaces_the_deltas() -> None:
    spoken = word_by_word(("helo", 500))
    spoken.finish_text(0, "Hello there")
    spoken.add_audio(silence(600))
    assert spoken.text == "Hello there"
    assert spoken.heard_prefix(600) == "Hello"


def test_deltas_that_reach_beyond_a_shorter_final_are_not_used() -> None:
    spoken = word_by_word(("a long and winding beginning", 500), (" and more", 500))
    spoken.finish_text(0, "short text")
    assert spoken.heard_prefix(500) == "short"


def test_parts_are_joined_in_order_of_their_index() -> None:
    spoken = SpokenText()
    spoken.add_text(1, "second")
    spoken.add_text(0, "first")
    assert spoken.text == "first\nsecond"


def test_each_part_goes_on_where_it_was() -> None:
    spoken = SpokenText()
    spoken.add_text(0, "fir")
    spoken.add_text(1, "sec")
    spoken.add_text(0, "st")
    spoken.add_text(1, "ond")
    assert spoken.text == "first\nsecond"
    spoken.finish_text(0, "1st")
    assert spoken.text == "1st\nsecond"


def test_without_marks_a_text_is_cut_by_proportion() -> None:
    spoken = word_by_word(("alpha", 300), (" beta", 900), (" gamma", 100), (" delta", 900))
    assert spoken.heard_prefix(1300) == "alpha beta gamma"
    spoken.forget_marks()
    assert spoken.heard_prefix(1300) == "alpha beta"


def test_without_any_sound_the_pace_of_speech_is_assumed() -> None:
    spoken = SpokenText()
    spoken.add_text(0, "one two three four five")
    assert spoken.heard_prefix(1000) == "one two three"


def test_sound_without_text_was_heard_as_nothing() -> None:
    spoken = SpokenText()
    spoken.add_audio(silence(100))
    assert spoken.heard_prefix(50) == ""


def test_audio_is_measured_in_the_sessions_format() -> None:
    spoken = SpokenText(G711)
    spoken.add_audio(silence(10))
    assert spoken.audio_ms == 60  # 480 bytes at 8 bytes per ms
    assert spoken.audio_ms == 60


@pytest.mark.parametrize(
    ("text", "length", "kept"),
    [
        ("one two", 99, "one two"),
        ("one two", 7, "one two"),
        ("one two", 5, "one"),
        ("one two", 4, "one"),
        ("one two", 3, "one"),
        ("one two", 2, ""),
        ("Yes.", 2, ""),
        ("春眠不覚暁", 2, "春眠"),
        ("春眠 不覚暁", 1, ""),
        ("", 0, ""),
    ],
)
def test_a_prefix_ends_with_a_whole_word(text: str, length: int, kept: str) -> None:
    assert cut_at_word(text, length) == kept
