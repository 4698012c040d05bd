"""What a new session is told of the past."""

from __future__ import annotations

import pytest

from conversations import actions
from conversations.models import Conversation
from conversations.queries import history_for_seed
from tests.conversations.saying import SESSION, answer, say

pytestmark = pytest.mark.django_db


def test_messages_come_oldest_first_across_sessions(conversation: Conversation) -> None:
    say(conversation, "u1", "my name is Ada")
    answer(conversation, "a1", "Hello Ada", after="u1")
    say(conversation, "u2", "what is my name", session_id="rtc_1_second")
    assert history_for_seed(conversation.pk, 1000) == [
        ("u1", "user", "my name is Ada"),
        ("a1", "assistant", "Hello Ada"),
        ("u2", "user", "what is my name"),
    ]


def test_interrupted_answer_counts_with_what_was_heard(conversation: Conversation) -> None:
    answer(conversation, "a1", "one two three")
    answer(conversation, "a2", "never heard at all", after="a1")
    actions.mark_heard(conversation.pk, SESSION, item_id="a1", heard_text="one", heard_ms=200)
    actions.mark_heard(conversation.pk, SESSION, item_id="a2", heard_text="", heard_ms=0)
    assert history_for_seed(conversation.pk, 1000) == [("a1", "assistant", "one")]


def test_calls_failures_deleted_and_empty_items_are_left_out(conversation: Conversation) -> None:
    actions.open_item(
        conversation.pk,
        SESSION,
        item_id="f1",
        role="tool",
        kind="function_call",
        source="voice",
        text="{}",
    )
    actions.open_item(conversation.pk, SESSION, item_id="u1", role="user", source="voice")
    actions.complete_item(conversation.pk, SESSION, item_id="a1", text="broken", status="failed")
    say(conversation, "u2", "gone")
    actions.delete_item(conversation.pk, SESSION, item_id="u2")
    assert history_for_seed(conversation.pk, 1000) == []


def test_budget_keeps_the_newest_without_a_hole(conversation: Conversation) -> None:
    say(conversation, "u1", "x" * 8)
    answer(conversation, "a1", "y" * 400, after="u1")
    say(conversation, "u2", "z" * 8, after="a1")
    assert history_for_seed(conversation.pk, 2) == [("u2", "user", "z" * 8)]
    assert history_for_seed(conversation.pk, 1) == []
    assert history_for_seed(conversation.pk, 10) == [("u2", "user", "z" * 8)]
    assert len(history_for_seed(conversation.pk, 104)) == 3


def test_long_history_is_read_no_further_than_the_budget_goes(
    conversation: Conversation,
) -> None:
    for number in range(30):
        say(conversation, f"u{number}", "w" * 40)
    assert [item_id for item_id, _, _ in history_for_seed(conversation.pk, 30)] == [
        "u27",
        "u28",
        "u29",
    ]
