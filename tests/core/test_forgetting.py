"""Of a long call the beginning is forgotten here: it is stored."""

from __future__ import annotations

import pytest

from realtime.core import items
from realtime.core.recorder import Recorder
from realtime.core.records import ItemDeleted, ItemHeard
from tests.fakes import events
from tests.fakes.recorders import feed, order


def test_old_finished_items_are_forgotten_and_open_ones_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(items, "_MAX_ITEMS", 2)
    recorder = Recorder()
    feed(recorder, events.speech_started("u1"))
    for number in range(3):
        feed(recorder, events.item_event("added", events.user_text(f"t{number}", "Hi")))
    assert order(recorder) == ["u1", "t2"]
    feed(recorder, events.speech_started("u2"), events.speech_started("u3"))
    assert order(recorder) == ["u1", "u2", "u3"]


def test_no_more_is_kept_than_a_provider_that_is_dialled_anew_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(items, "HISTORY_MAX_CHARACTERS", 10)
    recorder = Recorder()
    for number, words in enumerate(("12345", "1234567", "1", "12", "123456")):
        previous = f"t{number - 1}" if number else None
        feed(recorder, events.item_event("added", events.user_text(f"t{number}", words), previous))
    assert order(recorder) == ["t1", "t2", "t3", "t4"]  # without t1 there would be less than fits
    assert not recorder.items.is_whole
    feed(recorder, events.item_event("added", events.user_text("t5", "too long for it"), "t4"))
    feed(recorder, events.speech_started("u1"))
    assert order(recorder) == ["t5", "u1"]
    feed(recorder, events.deleted("t5"), events.speech_started("u2"))
    assert order(recorder) == ["u1", "u2"]


def test_an_item_that_finds_its_place_is_not_forgotten_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(items, "_MAX_ITEMS", 2)
    recorder = Recorder()
    moved = events.user_text("t1", "Hi")
    feed(
        recorder,
        events.item_event("added", moved),
        events.speech_started("u1"),
        events.speech_started("u2"),
    )
    assert order(recorder) == ["u1", "u2"]
    feed(recorder, events.item_event("added", moved), events.item_event("added", moved, "u1"))
    assert order(recorder) == ["u1", "t1", "u2"]


def test_the_deletion_of_an_item_that_is_forgotten_is_recorded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(items, "_MAX_ITEMS", 1)
    recorder = Recorder()
    for item_id in ("t1", "t2"):
        feed(recorder, events.item_event("added", events.user_text(item_id, "Hi")))
    assert order(recorder) == ["t2"]
    assert feed(recorder, events.deleted("t1")) == [ItemDeleted("t1")]


def test_of_an_answer_long_ago_the_heard_part_is_told_by_its_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(items, "_MAX_MARKED", 1)
    recorder = Recorder()
    feed(
        recorder,
        *events.answer_begins("r1", "a1"),
        events.transcript_delta("r1", "a1", " my dear old friend"),
        events.audio_delta("r1", "a1", 900),
        *events.answer_ends("r1", "a1", "Hello my dear old friend"),
    )
    assert feed(recorder, events.truncated("a1", 100)) == [ItemHeard("a1", "Hello", 100)]
    feed(recorder, events.speech_started("u1"))
    assert feed(recorder, events.truncated("a1", 100)) == [ItemHeard("a1", "", 100)]
