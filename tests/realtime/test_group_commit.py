"""What several sessions store at one moment is committed together, and fails apart."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, OperationalError, connection, transaction

from realtime import database
from realtime.group_commit import GroupCommit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_thread_left() -> Iterator[None]:
    yield
    database.close()


class Held:
    """Work that waits on its database thread until it is let go, so that others gather behind."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.go_on = threading.Event()

    def __call__(self) -> None:
        self.began.set()
        assert self.go_on.wait(30)


def stored(name: str) -> Callable[[], str]:
    def work() -> str:
        Group.objects.create(name=name)
        return name

    return work


async def names() -> set[str]:
    return await database.run(lambda: set(Group.objects.values_list("name", flat=True)))


async def behind_held_work(
    commits: GroupCommit, *works: Callable[[], object]
) -> list[object | BaseException]:
    """The results of works that gathered while another transaction ran."""
    held = Held()
    first = asyncio.create_task(commits.write(held, ""))
    await asyncio.to_thread(held.began.wait, 30)
    waiting = [asyncio.create_task(commits.write(work, "")) for work in works]
    await asyncio.sleep(0)
    held.go_on.set()
    await first
    return await asyncio.gather(*waiting, return_exceptions=True)


async def test_what_gathers_behind_a_transaction_is_committed_in_one() -> None:
    commits_seen: list[str] = []

    def noting(name: str) -> Callable[[], None]:
        def work() -> None:
            Group.objects.create(name=name)
            # Called at the commit: nobody else's work is in between when it is one transaction.
            transaction.on_commit(lambda: commits_seen.append(f"committed {name}"))
            commits_seen.append(f"written {name}")

        return work

    await behind_held_work(GroupCommit(1), noting("a"), noting("b"))
    assert commits_seen == ["written a", "written b", "committed a", "committed b"]
    assert await names() == {"a", "b"}


async def test_work_that_fails_undoes_its_own_part_alone() -> None:
    def twice() -> None:
        Group.objects.create(name="twice")
        Group.objects.create(name="twice")

    results = await behind_held_work(GroupCommit(1), stored("before"), twice, stored("after"))
    assert results[0] == "before"
    assert isinstance(results[1], IntegrityError)
    assert results[2] == "after"
    assert await names() == {"before", "after"}


async def test_nobody_is_told_of_a_commit_that_was_undone() -> None:
    def doomed() -> None:
        """The database forgets the transaction."""
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("ROLLBACK")
            else:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    results = await behind_held_work(GroupCommit(1), stored("before"), doomed)
    assert all(isinstance(result, OperationalError) for result in results)
    assert await names() == set()


async def test_work_whose_caller_went_away_before_it_began_is_not_done() -> None:
    commits, held = GroupCommit(1), Held()
    first = asyncio.create_task(commits.write(held, ""))
    await asyncio.to_thread(held.began.wait, 30)
    left = asyncio.create_task(commits.write(stored("left"), ""))
    await asyncio.sleep(0)
    left.cancel()
    stayed = asyncio.create_task(commits.write(stored("stayed"), ""))
    await asyncio.sleep(0)
    held.go_on.set()
    await asyncio.gather(first, stayed)
    assert await names() == {"stayed"}


async def test_what_is_asked_for_as_soon_as_one_commit_is_over_does_not_wait_for_nobody() -> None:
    commits = GroupCommit(1)

    async def one_after_the_other(name: str) -> None:
        for number in range(5):
            await commits.write(stored(f"{name}{number}"), name)

    async with asyncio.timeout(30):
        await asyncio.gather(one_after_the_other("a"), one_after_the_other("b"))
    assert len(await names()) == 10


async def test_rows_are_locked_in_one_order() -> None:
    order: list[str] = []

    def locking(name: str) -> Callable[[], None]:
        return lambda: order.append(name)

    commits, held = GroupCommit(1), Held()
    first = asyncio.create_task(commits.write(held, ""))
    await asyncio.to_thread(held.began.wait, 30)
    waiting = [asyncio.create_task(commits.write(locking(name), name)) for name in ("c", "a", "b")]
    await asyncio.sleep(0)
    held.go_on.set()
    await asyncio.gather(first, *waiting)
    assert order == ["a", "b", "c"]
