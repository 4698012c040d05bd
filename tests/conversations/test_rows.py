"""Statements that are made once do for one row what a queryset does."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import User
from conversations.models import Conversation, Item
from conversations.rows import RowBy, insert, update

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


@pytest.mark.django_db(transaction=True)
def test_a_row_is_locked_within_a_transaction_alone(alice: User) -> None:
    conversation = make(alice).conversation
    with pytest.raises(transaction.TransactionManagementError):
        LOCKED.first(conversation.pk)
    with transaction.atomic():
        locked = LOCKED.first(conversation.pk)
    assert locked == conversation
    assert connection.features.has_select_for_update == (connection.vendor == "postgresql")
