"""Event logs of many calls are written a few at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from accounts.models import User
from conversations import actions
from realtime import database
from realtime.models import EventLogPart
from realtime.tracing import writer
from realtime.tracing.run_log import RunLog
from tests.fakes import events
from tests.realtime.test_tracing import TracedRun

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_thread_left() -> Iterator[None]:
    yield
    database.close()


@pytest.fixture
def logs(alice: User) -> list[RunLog]:
    """Of more calls than are written together, each with something to write."""
    runs = [TracedRun(actions.create_conversation(alice)) for _ in range(20)]
    for run in runs:
        run.relay(0, events.speech_started("u1"))
    return [run.log for run in runs]


async def written() -> set[int]:
    return await database.run(
        lambda: set(EventLogPart.objects.values_list("session_id", flat=True))
    )


async def test_all_that_is_due_is_written_in_small_transactions(
    logs: list[RunLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    counts, write = [], writer._write

    def counted(some: Sequence[RunLog]) -> None:
        counts.append(len(some))
        write(some)

    monkeypatch.setattr(writer, "_write", counted)
    await writer.LogWriter()._write_with_those_over(logs)
    assert await written() == {log.run.session_pk for log in logs}
    assert sum(counts) == len(logs)
    assert max(counts) == writer.WRITTEN_TOGETHER


async def test_a_bug_in_some_logs_costs_none_of_the_others(
    logs: list[RunLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    write = writer._write

    def stumbling(some: Sequence[RunLog]) -> None:
        if logs[0] in some:
            raise ValueError("a bug")
        write(some)

    monkeypatch.setattr(writer, "_write", stumbling)
    await writer.LogWriter()._write_with_those_over(logs)
    spared = logs[writer.WRITTEN_TOGETHER :]
    assert await written() == {log.run.session_pk for log in spared}


async def test_a_bug_in_reading_them_ends_no_writer(
    logs: list[RunLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    log_writer = writer.LogWriter()
    with monkeypatch.context() as broken:
        broken.setattr(writer, "_digest", None)
        await log_writer._write_with_those_over(logs[:1])
    await log_writer._write_with_those_over(logs[1:])
    assert await written() == {log.run.session_pk for log in logs[1:]}


async def test_calls_that_are_over_are_written_first(
    logs: list[RunLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[RunLog] = []
    monkeypatch.setattr(writer, "_write", seen.extend)
    log_writer = writer.LogWriter()
    log_writer._over = logs[15:]
    await log_writer._write_with_those_over(logs[:15])
    assert seen[:5] == logs[15:]
    assert len(seen) == 20
