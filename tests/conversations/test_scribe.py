"""A session that goes on writing leaves the very rows that single actions leave."""

from __future__ import annotations

import random
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from conversations import actions, changes, rows
from conversations.changes import Change
from conversations.errors import ConversationNotFound
from conversations.models import Conversation, Item
from conversations.scribe import Scribe
from tests.conversations.conftest import Feed
from tests.conversations.saying import SESSION, order, say

pytestmark = pytest.mark.django_db(transaction=True)

NOT_COMPARED = {"id", "conversation_id", "seq", "created_at", "completed_at", "deleted_at"}


class CaptureRows:
    """The kinds of statements by which single rows are read and written meanwhile."""

    def __enter__(self) -> CaptureRows:
        self.kinds: list[str] = []
        self._patch = pytest.MonkeyPatch()
        run = rows._run

        def noting(wrapper: Any, sql: str, *rest: Any) -> Any:
            self.kinds.append(sql.split()[0])
            return run(wrapper, sql, *rest)

        self._patch.setattr(rows, "_run", noting)
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.undo()


def write(scribe: Scribe, *what: Change) -> None:
    with transaction.atomic():
        scribe.write(what)


def opened(item_id: str, after: str | None = None, role: str = "user") -> Change:
    return partial(changes.open_item, item_id=item_id, role=role, previous_item_id=after)


def completed(item_id: str, text: str) -> Change:
    return partial(changes.complete_item, item_id=item_id, text=text)


def random_change(chance: random.Random) -> Change:
    """Of few items, so that they meet: named twice, out of order, cut, taken out, unknown."""
    item_id, other = (f"item_{chance.randrange(12)}" for _ in range(2))
    what: list[Change] = [
        opened(item_id, chance.choice([None, other]), chance.choice(["user", "assistant"])),
        partial(changes.open_item, item_id=item_id, role="tool", text="{}", call_id="c", name="t"),
        completed(item_id, chance.choice(["one", "two words", "", "long " * 1000])),
        partial(changes.mark_heard, item_id=item_id, heard_text="o", heard_ms=7),
        partial(changes.delete_item, item_id=item_id),
    ]
    return chance.choices(what, [5, 1, 5, 1, 1])[0]


def told_of(conversation: Conversation) -> list[dict[str, Any]]:
    items = Item.objects.filter(conversation=conversation).order_by("position")
    said = [
        {name: value for name, value in row.items() if name not in NOT_COMPARED}
        | {"is_over": row["completed_at"] is not None, "is_gone": row["deleted_at"] is not None}
        for row in items.values()
    ]
    shown = Conversation.objects.get(pk=conversation.pk)
    return [*said, {"title": shown.title, "hidden": shown.hidden}]


@pytest.mark.parametrize("seed", range(6))
def test_many_changes_at_a_time_leave_what_one_after_the_other_leaves(
    alice: User, seed: int
) -> None:
    chance = random.Random(seed)
    at_once, one_by_one = (actions.create_conversation(alice, hidden=True) for _ in range(2))
    scribe = Scribe(at_once.pk, SESSION)
    for number in range(15):
        what = [random_change(chance) for _ in range(chance.randrange(1, 5))]
        write(scribe, *what)
        for one in what:
            write(Scribe(one_by_one.pk, SESSION), one)
        if chance.random() < 0.2:
            for conversation in (at_once, one_by_one):
                say(conversation, f"other {number}", "", session_id="rtc_other")
        assert told_of(at_once) == told_of(one_by_one)
        order(at_once)


def test_a_turn_is_written_without_reading(conversation: Conversation) -> None:
    scribe = Scribe(conversation.pk, SESSION)
    write(scribe, opened("u1"), opened("a1", "u1", "assistant"), completed("u1", "hello"))
    with CaptureRows() as captured:
        write(scribe, completed("a1", "hi"))
    assert captured.kinds == ["UPDATE", "UPDATE"]


def test_the_same_again_changes_nothing_and_tells_nobody(
    conversation: Conversation, feed: Feed
) -> None:
    scribe = Scribe(conversation.pk, SESSION)
    turn = (opened("u1"), completed("u1", "hello"), opened("a1", "u1", "assistant"))
    write(scribe, *turn)
    assert [notice.seq for _, notice in feed.told] == [1, 2, 2]
    before = told_of(conversation)
    write(scribe, *turn)
    write(Scribe(conversation.pk, SESSION), *turn)
    assert len(feed.told) == 3
    assert told_of(conversation) == before


def test_what_others_changed_meanwhile_is_not_overwritten(conversation: Conversation) -> None:
    scribe = Scribe(conversation.pk, SESSION)
    write(scribe, opened("a1", None, "assistant"))
    actions.rename_conversation(conversation, "Plans")
    say(conversation, "b1", "", session_id="rtc_other")
    write(scribe, opened("u1", "a1"), completed("u1", "hello"))
    stored = Conversation.objects.get(pk=conversation.pk)
    assert (stored.title, stored.seq) == ("Plans", 5)
    assert order(conversation) == ["a1", "u1", "b1"]


def test_what_was_undone_is_not_remembered(conversation: Conversation) -> None:
    scribe = Scribe(conversation.pk, SESSION)
    write(scribe, opened("u1"))
    with transaction.atomic():
        scribe.write([completed("u1", "never"), opened("a1", "u1", "assistant")])
        transaction.set_rollback(True)
    write(scribe, completed("u1", "hello"))
    assert [item.text for item in Item.objects.all()] == ["hello"]


def test_a_conversation_that_was_deleted_meanwhile_is_missed(conversation: Conversation) -> None:
    scribe = Scribe(conversation.pk, SESSION)
    write(scribe, opened("u1"))
    actions.delete_conversation(conversation)
    with pytest.raises(ConversationNotFound):
        write(scribe, completed("u1", "hello"))
    assert not Item.objects.exists()
