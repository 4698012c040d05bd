"""The transcript grouped by session, with what was and was not heard."""

from __future__ import annotations

from conversations.models import Item
from review.timeline import timeline


def item(session_id: str, text: str = "", heard_text: str | None = None) -> Item:
    return Item(session_id=session_id, text=text, heard_text=heard_text)


def test_items_are_grouped_where_the_session_changes() -> None:
    groups = timeline([item("a"), item("a"), item("b"), item("a")], [])
    assert [(group.session_id, len(group.lines)) for group in groups] == [
        ("a", 2),
        ("b", 1),
        ("a", 1),
    ]
    assert all(group.session is None for group in groups)


def test_line_splits_into_what_was_heard_and_what_was_not() -> None:
    lines = timeline(
        [
            item("a", "one two"),
            item("a", "one two", "one"),
            item("a", "one two", ""),
            item("a", "one two", "not a prefix"),
        ],
        [],
    )[0].lines
    assert [(line.heard, line.unheard) for line in lines] == [
        ("one two", ""),
        ("one", " two"),
        ("", "one two"),
        ("not a prefix", "one two"),
    ]
