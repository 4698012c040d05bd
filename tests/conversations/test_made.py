"""Querysets that are made once answer as those that are made each time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.db.models import Case, CharField, Count, DateTimeField, F, Q, UUIDField, Value, When
from django.db.models.functions import Coalesce
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from conversations import actions
from conversations.made import Given, GivenKeys, MadeModels, MadeRows, MadeUpdate
from conversations.models import Conversation, Item
from tests.conversations.saying import say

pytestmark = pytest.mark.django_db

OF_OWNERS = MadeRows(
    lambda: (
        Conversation.objects.filter(
            owner_id__in=GivenKeys("owners"), created_at__gt=Given("since", DateTimeField())
        )
        .exclude(title__contains="100 %")
        .order_by("title")
        .values_list("id", "title", "created_at")
    )
)
COUNTED = MadeRows(
    lambda: (
        Item.objects.filter(conversation_id=Given("id", UUIDField()))
        .order_by()
        .values_list("role")
        .annotate(count=Count("pk"))
    )
)
ITEMS: MadeModels[Item] = MadeModels(
    lambda: (
        Item.objects.filter(session_id=Given("session_id", CharField()))
        .select_related("conversation__owner")
        .annotate(twice=F("position") * 2)
        .order_by("-position")
    )
)
CLOSE = MadeUpdate(
    lambda: Item.objects.filter(pk=Given("pk")),
    status=Case(When(Q(role="user"), then=Value("failed")), default=Value("completed")),
    completed_at=Coalesce("completed_at", Given("now", DateTimeField())),
    text=Given("text", CharField()),
)


def test_rows_are_those_of_the_values_of_this_time(alice: User, bob: User) -> None:
    since = timezone.now() - dt.timedelta(minutes=1)
    hers = [actions.create_conversation(alice, title) for title in ("b %s", "a", "100 %")]
    his = actions.create_conversation(bob, "c")
    shown = [(found.pk, found.title, found.created_at) for found in (hers[1], hers[0], his)]
    assert list(map(tuple, OF_OWNERS(owners={alice.pk, bob.pk}, since=since))) == shown
    assert list(map(tuple, OF_OWNERS(owners=[bob.pk], since=since))) == shown[2:]
    assert OF_OWNERS(owners=[], since=since) == []
    assert OF_OWNERS(owners=[alice.pk], since=timezone.now()) == []


def test_sums_are_counted_by_the_database(alice: User) -> None:
    conversation = actions.create_conversation(alice)
    for number in range(3):
        say(conversation, f"u{number}", "words")
    assert [tuple(row) for row in COUNTED(id=conversation.pk)] == [("user", 3)]


def test_models_come_with_their_relations_and_cost_no_further_query(alice: User) -> None:
    conversation = actions.create_conversation(alice)
    for number in range(2):
        say(conversation, f"u{number}", "words")
    session_id = Item.objects.values_list("session_id", flat=True)[0]
    with CaptureQueriesContext(connection) as further:
        second, first = ITEMS(session_id=session_id)
        read: Any = second
        assert (first.item_id, second.item_id, read.twice) == ("u0", "u1", 2)
        assert second.conversation.owner == alice
        assert second.conversation.created_at == conversation.created_at
    assert not further
    second.text = "changed"
    second.save()  # it knows that it is stored
    assert Item.objects.count() == 2
    assert ITEMS(session_id="nobody's") == []


def test_an_update_sets_what_it_is_given_and_tells_in_how_many_rows(alice: User) -> None:
    conversation = actions.create_conversation(alice)
    say(conversation, "u1", "words")
    item = Item.objects.get()
    Item.objects.update(completed_at=None)
    now = timezone.now()
    assert CLOSE(pk=item.pk, now=now, text="50 % '") == 1
    item.refresh_from_db()
    assert (item.status, item.completed_at, item.text) == ("failed", now, "50 % '")
    assert CLOSE(pk=item.pk, now=now + dt.timedelta(days=1), text="") == 1
    item.refresh_from_db()
    assert item.completed_at == now
    assert CLOSE(pk=item.pk + 1, now=now, text="") == 0
