"""Writes generated calls in bulk, with the times at which they would have happened."""

from __future__ import annotations

import contextlib
import gc
import random
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection, models, transaction
from django.utils import timezone

from accounts.models import User
from conversations.models import Conversation, Item
from realtime.models import EventLogPart, RealtimeSession, ResponseUsage, SentContext, TurnTime
from review.models import CallReview, CallTag, Tag
from tests.seeding.generated_call import GeneratedCall, Seeded

PEOPLE = 40
# With fewer calls no plan is worth the statistics.
MANY = 1000


def seed_calls(calls: int, seed: int = 1, traced: int | None = None) -> Seeded:
    """People (`caller-00` …), groups, calls, and what reviewers have added to some of them.

    traced: so many of the calls have an event log and the times of their answers; None: all.
    """
    chance, now, rows = random.Random(seed), timezone.now(), Seeded()
    with transaction.atomic(), _times_as_given(Conversation, Item), _nothing_is_garbage():
        people = User.objects.bulk_create(
            User(username=f"caller-{number:02}", password="!") for number in range(PEOPLE)
        )
        for number, name in enumerate(("Sales", "Support")):
            group = Group.objects.create(name=name)
            for person in people[number::3]:
                person.groups.add(group)
        for number in range(calls):
            is_traced = traced is None or number < traced
            person = people[number % PEOPLE]
            GeneratedCall(chance, person, number, now, is_traced=is_traced).write(rows)
        Conversation.objects.bulk_create(rows.conversations, batch_size=1000)
        RealtimeSession.objects.bulk_create(rows.sessions, batch_size=1000)
        by_session: Iterable[Any] = chain(rows.usages, rows.logs, rows.times, rows.contexts)
        for row in by_session:
            row.session = row.session  # takes over the key that the session has by now
        Item.objects.bulk_create(rows.items, batch_size=1000)
        ResponseUsage.objects.bulk_create(rows.usages, batch_size=1000)
        EventLogPart.objects.bulk_create(rows.logs, batch_size=200)
        TurnTime.objects.bulk_create(rows.times, batch_size=1000)
        SentContext.objects.bulk_create(rows.contexts, batch_size=1000)
        _review(chance, rows.sessions, people[0])
        # Once for all: PostgreSQL would check every row again at the end of each test among them.
        connection.check_constraints()
        if calls >= MANY:
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")  # which a server that runs does by itself
    return rows


def _review(chance: random.Random, sessions: list[RealtimeSession], reviewer: User) -> None:
    tags = Tag.objects.bulk_create(
        Tag(name=name, color=color)
        for name, color in (("billing", "#b45309"), ("praise", "#15803d"), ("bug", "#b91c1c"))
    )
    CallTag.objects.bulk_create(
        CallTag(session=session, tag=chance.choice(tags), tagged_by=reviewer)
        for session in sessions[::7]
    )
    CallReview.objects.bulk_create(
        CallReview(
            session=session,
            status=CallReview.Status.DONE if number % 2 else CallReview.Status.IN_REVIEW,
            rating=chance.randint(1, 5) if number % 2 else None,
            reviewer=reviewer,
        )
        for number, session in enumerate(sessions[::11])
    )


@contextlib.contextmanager
def _times_as_given(*tables: type[models.Model]) -> Iterator[None]:
    """Without `auto_now` and `auto_now_add`: these rows bring the time of long ago."""
    fields = [
        field
        for field in chain.from_iterable(table._meta.fields for table in tables)
        if isinstance(field, models.DateTimeField)
    ]
    kept = [(field, field.auto_now, field.auto_now_add) for field in fields]
    try:
        for field in fields:
            field.auto_now = field.auto_now_add = False
        yield
    finally:
        for field, auto_now, auto_now_add in kept:
            field.auto_now, field.auto_now_add = auto_now, auto_now_add


@contextlib.contextmanager
def _nothing_is_garbage() -> Iterator[None]:
    """Looking for some among so many rows takes a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
