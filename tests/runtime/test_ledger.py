from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import pytest

from realtime.core.effects import SendClient
from realtime.core.records import ItemCompleted, ItemStatus, Record, ResponseRecorded
from realtime.runtime import ledger as ledger_module
from realtime.runtime.ledger import Ledger
from tests.fakes.store import MemoryStore


def completed(number: int) -> Record:
    return ItemCompleted(f"a{number}", "words", ItemStatus.COMPLETED)


class Outcome:
    """A ledger on a store, and what it told its owner."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.failures = 0
        self.released: list[SendClient] = []
        self.ledger = Ledger(self.store, "rtc_1", set_aside=self._set_aside, release=self._release)

    def _set_aside(self) -> None:
        self.failures += 1

    def _release(self, frames: Sequence[SendClient]) -> None:
        self.released.extend(frames)


async def test_records_are_written_at_once_while_the_store_answers() -> None:
    outcome = Outcome()
    await outcome.ledger.write([completed(1), completed(2)])
    assert outcome.store.batches == [(completed(1), completed(2))]
    assert not outcome.ledger.withholds(SendClient("x", item_ids=("a1",)))


async def test_only_frames_with_the_text_of_what_is_set_aside_are_withheld() -> None:
    outcome = Outcome()
    outcome.store.go_away()
    await outcome.ledger.write([completed(1), ResponseRecorded("r1", "completed", None)])
    assert outcome.failures == 1
    frame = SendClient("final", item_ids=("a1",))
    assert outcome.ledger.withholds(frame)
    assert not outcome.ledger.withholds(SendClient("other", item_ids=("a2",)))
    assert not outcome.ledger.withholds(SendClient("none"))
    outcome.store.come_back()
    await asyncio.sleep(2)
    assert outcome.released == [frame]
    assert not outcome.ledger.withholds(frame)
    await outcome.ledger.close([], 1)


async def test_a_store_that_hangs_is_given_up_after_five_seconds() -> None:
    outcome = Outcome()
    outcome.store.hang()
    began = asyncio.get_running_loop().time()
    await outcome.ledger.write([completed(1)])
    assert asyncio.get_running_loop().time() - began == pytest.approx(5.0, abs=0.01)
    outcome.store.answer()
    await outcome.ledger.close([completed(2)], 1)
    assert outcome.store.records == [completed(1), completed(2)]


async def test_a_long_backlog_is_written_in_batches_and_in_order() -> None:
    outcome = Outcome()
    outcome.store.go_away()
    await outcome.ledger.write([completed(0)])
    for number in range(1, 250):
        await outcome.ledger.write([completed(number)])
    assert outcome.failures == 1
    outcome.store.come_back()
    await asyncio.sleep(5)
    assert outcome.store.records == [completed(number) for number in range(250)]
    assert len(outcome.store.batches) == 3
    await outcome.ledger.close([], 1)


async def test_a_backlog_is_bounded_and_what_is_lost_was_never_sent(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ledger_module, "_MAX_BACKLOG", 4)
    monkeypatch.setattr(ledger_module, "_BATCH", 1)
    outcome = Outcome()
    outcome.store.go_away()
    await outcome.ledger.write([completed(0)])
    frames = [SendClient(f"final {number}", item_ids=(f"a{number}",)) for number in range(6)]
    assert all(outcome.ledger.withholds(frame) for frame in frames[:1])
    for number in range(1, 6):
        with caplog.at_level(logging.ERROR):
            await outcome.ledger.write([completed(number)])
        assert outcome.ledger.withholds(frames[number])
    assert "1 records were lost" in caplog.text
    outcome.store.come_back()
    await asyncio.sleep(5)
    assert outcome.store.records == [completed(number) for number in (0, 3, 4, 5)]
    assert outcome.released == [frames[number] for number in (0, 3, 4, 5)]


async def test_what_cannot_be_written_at_the_end_is_logged_by_number(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outcome = Outcome()
    outcome.store.go_away()
    await outcome.ledger.write([completed(1)])
    with caplog.at_level(logging.ERROR):
        await outcome.ledger.close([completed(2)], 1)
    assert "2 records were lost" in caplog.text
    assert "words" not in caplog.text


async def test_the_last_records_are_tried_again_until_time_is_up() -> None:
    outcome = Outcome()
    outcome.store.go_away()
    asyncio.get_running_loop().call_later(3, outcome.store.come_back)
    await outcome.ledger.close([completed(1)], 6)
    assert outcome.store.records == [completed(1)]
