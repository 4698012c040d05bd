"""Every change is told once, after commit, to its owner; never a word of what was said."""

from __future__ import annotations

import json

import pytest
from django.db import transaction

from accounts.models import User
from conversations import actions
from conversations.models import Conversation
from tests.conversations.conftest import Feed
from tests.conversations.saying import SESSION, answer, say

pytestmark = pytest.mark.django_db(transaction=True)


def test_new_item_is_told_to_the_owner_with_the_new_seq(
    conversation: Conversation, feed: Feed, alice: User
) -> None:
    actions.open_item(conversation.pk, SESSION, item_id="a1", role="assistant", source="voice")
    user_id, notice = feed.told[0]
    assert user_id == alice.pk
    assert notice.as_dict() == {
        "type": "item.updated",
        "conversation_id": str(conversation.pk),
        "seq": 1,
        "session_id": SESSION,
        "item_id": "a1",
    }
    assert feed.types == ["item.updated", "conversation.updated"]


def test_notices_wait_for_the_commit_and_die_with_a_rollback(
    conversation: Conversation, feed: Feed
) -> None:
    with transaction.atomic():
        say(conversation, "u1", "hello")
        assert feed.told == []
    assert feed.told
    feed.told.clear()
    with transaction.atomic():
        say(conversation, "u2", "never")
        transaction.set_rollback(True)
    assert feed.told == []


def test_no_notice_holds_words_that_were_said(conversation: Conversation, feed: Feed) -> None:
    say(conversation, "u1", "canary words")
    answer(conversation, "a1", "canary words", after="u1")
    actions.mark_heard(conversation.pk, SESSION, item_id="a1", heard_text="canary", heard_ms=1)
    actions.rename_conversation(conversation, "canary title")
    told = json.dumps([notice.as_dict() for _, notice in feed.told])
    assert "canary" not in told


def test_repeated_action_is_not_told_again(conversation: Conversation, feed: Feed) -> None:
    say(conversation, "u1", "hello")
    feed.told.clear()
    say(conversation, "u1", "hello")
    assert feed.told == []


def test_life_of_a_conversation_is_told(alice: User, feed: Feed) -> None:
    conversation = actions.create_conversation(alice)
    actions.rename_conversation(conversation, "Plans")
    actions.rename_conversation(conversation, "Plans")
    actions.archive_conversation(conversation)
    actions.delete_conversation(conversation)
    assert feed.types == ["conversation.updated"] * 3 + ["conversation.deleted"]
    assert [notice.seq for _, notice in feed.told] == [0, 1, 2, 3]


def test_hidden_conversation_is_not_announced(alice: User, feed: Feed) -> None:
    actions.create_conversation(alice, hidden=True)
    assert feed.told == []


def test_failing_sink_harms_no_writer(
    conversation: Conversation, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Feed, user_id: int, told: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(Feed, "tell", fail)
    assert say(conversation, "u1", "hello").text == "hello"
