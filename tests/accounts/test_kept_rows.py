"""What administrators have set is kept while it is the same, and never a moment longer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.kept_rows import kept, one_moment
from accounts.models import Policy, User
from accounts.policy import policies_of, policy_of

pytestmark = pytest.mark.django_db


def test_the_same_rows_are_given_out_until_something_changes() -> None:
    rows = kept(Policy)
    with CaptureQueriesContext(connection) as looks:
        assert kept(Policy) is rows
    assert len(looks) == 1


def by_save() -> None:
    row = Policy.objects.get(group=None)
    row.max_tools = 7
    row.save()


def by_update() -> None:
    Policy.objects.filter(group=None).update(max_tools=7)


def by_hand() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_policy SET max_tools = 7 WHERE group_id IS NULL")


@pytest.mark.parametrize("change", [by_save, by_update, by_hand])
def test_whoever_changes_a_row_is_seen_at_once(change: Callable[[], None]) -> None:
    kept(Policy)
    change()
    assert [row.max_tools for row in kept(Policy)] == [7]


def test_what_was_undone_is_not_seen(alice: User) -> None:
    kept(Policy)
    with transaction.atomic():
        by_update()
        assert policy_of(alice).max_tools == 7
        transaction.set_rollback(True)
    assert policy_of(alice).max_tools is None


def test_within_one_moment_the_tables_are_looked_at_once(alice: User) -> None:
    with CaptureQueriesContext(connection) as looks, one_moment():
        kept(Policy)
        looked = len(looks)
        with one_moment():
            assert policy_of(alice).group is None
        by_hand()
        assert policy_of(alice).max_tools is None
        assert len(looks) == looked + 1
    assert policy_of(alice).max_tools == 7


def test_a_row_that_was_added_or_deleted_is_seen_at_once(alice: User, bob: User) -> None:
    testers = Group.objects.create(name="testers")
    alice.groups.add(testers)
    assert policy_of(alice).group is None
    row = Policy.objects.create(group=testers, max_tools=3)
    assert policies_of([alice.pk, bob.pk])[alice.pk] == row
    assert policy_of(bob).group is None
    row.delete()
    assert policy_of(alice).group is None
