from __future__ import annotations

from realtime.runtime.breaker import FAILURES, REST_S, TRIAL_S, WINDOW_S, Breaker


def broken(at: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES):
        breaker.failed(at)
    return breaker


def test_a_provider_that_fails_now_and_then_is_asked() -> None:
    breaker = Breaker()
    for number in range(20):
        breaker.failed(number * (WINDOW_S / (FAILURES - 1) + 0.1))
        assert breaker.wait_s(number * 8.0) == 0


def test_five_failures_in_thirty_seconds_make_everybody_wait() -> None:
    breaker = Breaker()
    for number in range(FAILURES):
        assert breaker.take_trial(number) == 0
        breaker.failed(number)
    last = FAILURES - 1
    assert breaker.wait_s(last) == REST_S
    assert breaker.take_trial(last + 1) == REST_S - 1


def test_a_success_in_between_begins_the_count_anew() -> None:
    breaker = Breaker()
    for _ in range(FAILURES - 1):
        breaker.failed(0.0)
    breaker.succeeded()
    breaker.failed(1.0)
    assert breaker.wait_s(1.0) == 0


def test_after_the_rest_one_may_try_and_the_others_wait_for_it() -> None:
    breaker = broken()
    assert breaker.wait_s(REST_S) == 0
    assert breaker.take_trial(REST_S) == 0
    assert breaker.take_trial(REST_S + 1) == TRIAL_S - 1
    assert breaker.wait_s(REST_S + 1) == TRIAL_S - 1


def test_a_trial_that_succeeds_lets_everybody_in() -> None:
    breaker = broken()
    breaker.take_trial(REST_S)
    breaker.succeeded()
    assert [breaker.take_trial(REST_S) for _ in range(3)] == [0, 0, 0]


def test_a_trial_that_fails_begins_another_rest() -> None:
    breaker = broken()
    breaker.take_trial(REST_S)
    breaker.failed(REST_S + 2)
    assert breaker.wait_s(REST_S + 2) == REST_S
    assert breaker.take_trial(2 * REST_S + 2) == 0


def test_a_trial_nobody_reports_on_does_not_block_for_ever() -> None:
    breaker = broken()
    breaker.take_trial(REST_S)
    assert breaker.take_trial(REST_S + TRIAL_S) == 0
