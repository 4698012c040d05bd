from __future__ import annotations

import pytest

from realtime.core.limits import IdleClock, TokenBucket


def test_a_bucket_allows_its_burst_and_then_its_rate() -> None:
    bucket = TokenBucket(rate_per_s=10, burst=5, now=0.0)
    for _ in range(5):
        bucket.take(1, 0.0)
    assert bucket.wait_s(0.0) == 0.0
    bucket.take(1, 0.0)
    assert bucket.wait_s(0.0) == pytest.approx(0.1)
    assert bucket.wait_s(0.06) == pytest.approx(0.04)
    assert bucket.wait_s(1.0) == 0.0


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    bucket = TokenBucket(rate_per_s=10, burst=5, now=0.0)
    bucket.take(0, 100.0)
    bucket.take(6, 100.0)
    assert bucket.wait_s(100.0) == pytest.approx(0.1)


def test_a_clock_that_runs_backwards_gives_nothing_away() -> None:
    bucket = TokenBucket(rate_per_s=10, burst=1, now=5.0)
    bucket.take(2, 4.0)
    assert bucket.wait_s(3.0) == pytest.approx(0.1)


def test_idle_time_runs_from_the_last_activity() -> None:
    idle = IdleClock(timeout_s=10, now=0.0)
    idle.touch(3.0)
    idle.touch(1.0)
    assert idle.deadline() == 13.0


def test_an_answer_counts_until_it_has_been_played() -> None:
    idle = IdleClock(timeout_s=10, now=0.0)
    idle.played(60_000, 1.0)
    idle.played(1_000, 2.0)
    assert idle.deadline() == 72.0
    idle.silenced(5.0)
    assert idle.deadline() == 15.0


def test_nobody_is_idle_while_speaking_or_without_a_limit() -> None:
    idle = IdleClock(timeout_s=10, now=0.0)
    idle.user_is_speaking = True
    assert idle.deadline() is None
    assert IdleClock(timeout_s=0, now=0.0).deadline() is None
