"""Statements that are made once do for one row what a queryset does."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from conversations import actions
from conversations.models import Conversation, Item
from conversations.rows import RowBy, change, insert, insert_once, is_there, put, update

pytestmark = pytest.mark.django_db

ITEM = RowBy(Item, "conversation", "session_id", "item_id")
LAST = RowBy(Item, "conversation", last_by="position")
LOCKED = RowBy(Conversation, "id", locked=True)


def make(alice: User, position: int = 0) -> Item:
    conversation, _ = Conversation.objects.get_or_create(owner=alice, title="quotes \" ' %s")
    return Item(
        conversation=conversation,
        session_id="sess",
        item_id=f"item_{position}",
        role=Item.Role.USER,
        source=Item.Source.VOICE,
        text="a % b %s \u2028 \U0001f600",
        heard_ms=7,
        position=position,
        completed_at=timezone.now(),
    )


def every_value(row: Item | Conversation) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_what_is_inserted_reads_back_the_same_by_either_way(alice: User) -> None:
    item = make(alice)
    before = timezone.now()
    insert(item)
    assert item.pk is not None
    assert before <= item.created_at <= timezone.now()
    found = ITEM.first(item.conversation_id, "sess", "item_0")
    assert found is not None
    assert every_value(found) == every_value(Item.objects.get(pk=item.pk)) == every_value(item)
    found.text = "changed"
    found.save()  # it knows that it is stored
    assert Item.objects.count() == 1


def test_nothing_is_found_by_other_values(alice: User) -> None:
    item = make(alice)
    insert(item)
    assert ITEM.first(item.conversation_id, "sess", "item_1") is None


def test_of_several_the_last_is_found(alice: User) -> None:
    items = [make(alice, position) for position in (0, 2, 1)]
    for item in items:
        insert(item)
    last = LAST.first(items[0].conversation_id)
    assert last is not None
    assert last.item_id == "item_2"


def test_only_the_named_fields_are_written_and_times_of_change_with_them(alice: User) -> None:
    conversation = make(alice).conversation
    yesterday = timezone.now() - dt.timedelta(days=1)
    Conversation.objects.filter(pk=conversation.pk).update(updated_at=yesterday)
    conversation.seq, conversation.title = 41, "not written"
    update(conversation, "seq", "updated_at")
    stored = Conversation.objects.get(pk=conversation.pk)
    assert (stored.seq, stored.title) == (41, "quotes \" ' %s")
    assert stored.updated_at > yesterday


def test_a_row_that_has_gone_is_not_taken_for_updated(alice: User) -> None:
    item = make(alice)
    insert(item)
    Item.objects.all().delete()
    with pytest.raises(DatabaseError):
        update(item, "text")


def test_what_is_there_is_not_inserted_twice(alice: User) -> None:
    one, other = (actions.create_conversation(alice) for _ in range(2))
    key = {"session_id": "sess", "item_id": "item", "role": "user", "source": "voice"}
    assert insert_once(Item, conversation=one.pk, position=0, created_at=one.created_at, **key)
    assert not insert_once(Item, conversation=one.pk, position=9, created_at=one.created_at, **key)
    theirs = Item.objects.create(conversation=other, position=0, **key)
    Item.objects.update(created_at=one.created_at)
    ours = every_value(Item.objects.get(conversation=one))
    differing = {name for name, value in every_value(theirs).items() if ours[name] != value}
    assert differing == {"id", "conversation_id", "created_at"}


def test_a_row_is_put_in_place_of_the_one_that_is_the_same_in_what_is_unique(alice: User) -> None:
    unique = ("conversation", "session_id", "item_id")
    item = make(alice)
    item.created_at = timezone.now()
    put(item, *unique)
    assert every_value(Item.objects.get()) == every_value(item) | {"id": Item.objects.get().pk}
    item.text, item.heard_ms = "changed", None
    put(item, *unique)
    stored = Item.objects.get()
    assert (stored.text, stored.heard_ms) == ("changed", None)
    assert is_there(Item, item_id=item.item_id, conversation=item.conversation_id)
    assert not is_there(Item, item_id="other", conversation=item.conversation_id)


def test_values_are_set_and_added_as_a_queryset_does_it(alice: User) -> None:
    first, second = make(alice, 1), make(alice, 2)
    insert(first)
    insert(second)
    now, conversation = timezone.now(), first.conversation_id
    to = {"text": "b % %s", "completed_at": now, "heard_text": None}
    plus = {"position": 3, "heard_ms": 5}
    assert change(Item, {"conversation": conversation, "item_id": "item_1"}, to=to, plus=plus) == 1
    added = {name: F(name) + number for name, number in plus.items()}
    Item.objects.filter(pk=second.pk).update(**to, **added)
    ours, theirs = (every_value(Item.objects.get(pk=item.pk)) for item in (first, second))
    differing = {name for name in ours if ours[name] != theirs[name]}
    assert differing == {"id", "item_id", "position", "created_at"}
    assert (ours["position"], ours["heard_ms"]) == (4, 12)
    assert change(Item, {"id": first.pk, "position": 1}, to={"text": "never"}) == 0


@pytest.mark.django_db(transaction=True)
def test_a_row_is_locked_within_a_transaction_alone(alice: User) -> None:
    item = make(alice)
    conversation = item.conversation
    with pytest.raises(transaction.TransactionManagementError):
        LOCKED.first(conversation.pk)
    with pytest.raises(transaction.TransactionManagementError):
        insert(item)
    with transaction.atomic():
        locked = LOCKED.first(conversation.pk)
    assert locked == conversation
    assert connection.features.has_select_for_update == (connection.vendor == "postgresql")
