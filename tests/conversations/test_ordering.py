"""Items stand where the provider's chain of `previous_item_id` puts them, without gaps."""

from __future__ import annotations

import itertools
import random

import pytest

from accounts.models import User
from conversations import actions
from conversations.models import Conversation
from tests.conversations.saying import SESSION, order, say

pytestmark = pytest.mark.django_db


def test_item_stands_right_behind_the_one_it_names(conversation: Conversation) -> None:
    say(conversation, "a", "1")
    say(conversation, "c", "3", after="a")
    say(conversation, "b", "2", after="a")
    assert order(conversation) == ["a", "b", "c"]


def test_item_without_a_known_neighbour_goes_to_the_end_of_its_session(
    conversation: Conversation,
) -> None:
    say(conversation, "a1", "", session_id="rtc_1_a")
    say(conversation, "b1", "", session_id="rtc_1_b")
    say(conversation, "a2", "", session_id="rtc_1_a", after=None)
    say(conversation, "b2", "", session_id="rtc_1_b", after="seeded long ago")
    assert order(conversation) == ["a1", "a2", "b1", "b2"]


def test_second_session_follows_the_first_even_when_it_names_a_seeded_item(
    conversation: Conversation,
) -> None:
    say(conversation, "a", "")
    say(conversation, "b", "", after="a")
    say(conversation, "c", "", session_id="rtc_1_second", after="a")
    assert order(conversation) == ["a", "b", "c"]


def test_speech_start_stands_last_until_the_provider_names_its_place(
    conversation: Conversation,
) -> None:
    """The user began to speak while an answer was still being added (barge-in)."""
    say(conversation, "u1", "")
    say(conversation, "u2", "")
    say(conversation, "a1", "", role="assistant", after="u1")
    assert order(conversation) == ["u1", "a1", "u2"]
    say(conversation, "a2", "", role="assistant", after="u2")
    assert order(conversation) == ["u1", "a1", "u2", "a2"]


def test_an_answer_outside_the_conversation_stays_where_it_was_given(
    conversation: Conversation,
) -> None:
    say(conversation, "u1", "")
    say(conversation, "a1", "", role="assistant", after="u1")
    say(conversation, "aside", "", role="assistant")
    say(conversation, "u2", "", after="a1")
    say(conversation, "a2", "", role="assistant", after="u2")
    assert order(conversation) == ["u1", "a1", "aside", "u2", "a2"]


def test_speech_over_an_answer_outside_the_conversation_stands_behind_it(
    conversation: Conversation,
) -> None:
    say(conversation, "u1", "")
    say(conversation, "aside", "", role="assistant")
    say(conversation, "u2", "")
    say(conversation, "u2", "", after="u1")
    assert order(conversation) == ["u1", "aside", "u2"]
    say(conversation, "a1", "", role="assistant", after="u2")
    assert order(conversation) == ["u1", "aside", "u2", "a1"]


@pytest.mark.parametrize(
    ("moved", "after", "expected"),
    [
        ("d", "a", ["a", "d", "b", "c", "e"]),
        ("b", "d", ["a", "c", "d", "b", "e"]),
        ("a", "e", ["b", "c", "d", "e", "a"]),
        ("c", "b", ["a", "b", "c", "d", "e"]),
        ("c", "c", ["a", "b", "c", "d", "e"]),
        ("c", "unknown", ["a", "b", "c", "d", "e"]),
    ],
)
def test_later_opening_that_names_another_neighbour_moves_the_item(
    conversation: Conversation, moved: str, after: str, expected: list[str]
) -> None:
    for item_id in "abcde":
        say(conversation, item_id, "")
    actions.open_item(
        conversation.pk,
        SESSION,
        item_id=moved,
        role="user",
        source="voice",
        previous_item_id=after,
    )
    assert order(conversation) == expected


def test_repeated_opening_does_not_jump_before_what_was_inserted_since(
    conversation: Conversation,
) -> None:
    say(conversation, "a", "")
    say(conversation, "c", "", after="a")
    say(conversation, "b", "", after="a")
    say(conversation, "c", "", after="a")
    assert order(conversation) == ["a", "b", "c"]


def test_deleted_neighbour_still_marks_its_place(conversation: Conversation) -> None:
    for item_id in "abc":
        say(conversation, item_id, "")
    actions.delete_item(conversation.pk, SESSION, item_id="b")
    say(conversation, "x", "", after="b")
    assert order(conversation) == ["a", "x", "c"]


def test_any_order_of_arrival_of_a_chain_ends_in_the_order_of_the_chain(alice: User) -> None:
    """Every item is first seen without, then with its predecessor, as speech starts are."""
    chain = [f"item_{number}" for number in range(8)]
    for seed in range(20):
        shuffled = random.Random(seed).sample(chain, len(chain))
        conversation = actions.create_conversation(alice)
        for item_id in shuffled:
            say(conversation, item_id, "")
        for previous, item_id in itertools.pairwise(chain):
            say(conversation, item_id, "", after=previous)
        assert order(conversation) == chain, f"seed {seed}"
