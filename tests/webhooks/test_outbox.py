"""A call that ends is reported at least once, with patience, whatever dies meanwhile."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from accounts.models import User
from realtime import lifecycle
from realtime.core.effects import EndReason
from realtime.models import RealtimeSession, SessionState
from review.models import AuditEntry
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.threads import at_once
from tests.webhooks.conftest import EndCall, add_endpoint, deliver_due
from webhooks import bell, outbox
from webhooks.models import Delivery, Endpoint
from webhooks.sending import Outcome

pytestmark = pytest.mark.django_db

DELIVERED, PENDING, FAILED = Delivery.State.DELIVERED, Delivery.State.PENDING, Delivery.State.FAILED


def make_due() -> None:
    Delivery.objects.update(due_at=timezone.now())


def test_a_call_that_ends_is_reported_once_to_each_endpoint_that_is_enabled(
    admin: User, endpoint: Endpoint, receiver: WebhookReceiver, end_call: EndCall
) -> None:
    add_endpoint(admin, f"{receiver.url}/second")
    add_endpoint(admin, f"{receiver.url}/off", is_enabled=False)
    end_call()
    assert deliver_due() == 2
    assert deliver_due() == 0
    assert {one.path for one in receiver.received} == {"/calls", "/second"}
    assert len({one.headers["webhook-id"] for one in receiver.received}) == 1
    delivery = Delivery.objects.get(endpoint=endpoint)
    assert (delivery.state, delivery.attempts.get().status) == (DELIVERED, 204)


def test_what_was_never_live_was_no_call(endpoint: Endpoint, end_call: EndCall) -> None:
    end_call(started_at=None)
    assert not Delivery.objects.exists()


def test_the_report_is_written_with_the_end_and_the_worker_hears_of_it_after_the_commit(
    endpoint: Endpoint,
    end_call: EndCall,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    heard: list[int] = []
    bell.listen(lambda: heard.append(Delivery.objects.count()))
    try:
        with django_capture_on_commit_callbacks(execute=True):
            end_call()
            assert heard == []
        assert heard == [1]
    finally:
        bell.listen(None)


def test_a_report_that_cannot_be_written_does_not_keep_the_call_from_ending(
    endpoint: Endpoint, end_call: EndCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        Endpoint.objects.raw("SELECT no_such_column FROM webhooks_endpoint")[0]

    monkeypatch.setattr(outbox, "_enqueue", broken)
    session = end_call()
    session.refresh_from_db()
    assert session.state == SessionState.ENDED


def test_a_failure_is_tried_again_later_with_the_same_id_and_a_new_timestamp(
    endpoint: Endpoint, receiver: WebhookReceiver, end_call: EndCall
) -> None:
    receiver.answers = [(500, {}), (204, {})]
    end_call()
    deliver_due()
    delivery = Delivery.objects.get()
    assert delivery.state == PENDING
    assert dt.timedelta(seconds=3) < delivery.due_at - timezone.now() < dt.timedelta(seconds=7)
    assert deliver_due() == 0
    make_due()
    deliver_due()
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery.message_id
    assert first.event == second.event
    delivery.refresh_from_db()
    assert (delivery.state, [one.status for one in delivery.attempts.all()]) == (
        DELIVERED,
        [500, 204],
    )


def test_the_waits_grow_with_some_jitter_up_to_a_maximum() -> None:
    steps = [sorted(outbox.backoff_s(failures) for _ in range(50)) for failures in range(1, 30)]
    assert 3.75 <= steps[0][0] < steps[0][-1] <= 6.25
    assert 15 <= steps[1][0] < steps[1][-1] <= 25
    assert steps[-1][-1] <= 6 * 3600 * 1.25
    assert steps[-1][0] >= 6 * 3600 * 0.75


def test_a_receiver_that_asks_for_more_patience_gets_it(
    endpoint: Endpoint, receiver: WebhookReceiver, end_call: EndCall
) -> None:
    receiver.answers = [(429, {"Retry-After": "600"})]
    end_call()
    deliver_due()
    wait = Delivery.objects.get().due_at - timezone.now()
    assert dt.timedelta(seconds=590) < wait <= dt.timedelta(seconds=600)


def test_it_is_given_up_when_its_time_is_over_and_a_replay_begins_anew(
    endpoint: Endpoint, receiver: WebhookReceiver, end_call: EndCall
) -> None:
    receiver.answers = [(500, {}), (204, {})]
    end_call()
    Delivery.objects.update(give_up_at=timezone.now())
    deliver_due()
    delivery = Delivery.objects.get()
    assert delivery.state == FAILED
    assert outbox.due(timezone.now() + dt.timedelta(days=1)).count() == 0
    outbox.replay(delivery)
    deliver_due()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempt_count) == (DELIVERED, 2)
    assert len({one.headers["webhook-id"] for one in receiver.received}) == 1


def test_an_endpoint_that_fails_for_too_long_is_switched_off_and_one_success_forgives(
    endpoint: Endpoint, receiver: WebhookReceiver, end_call: EndCall, settings: Settings
) -> None:
    receiver.answers = [(500, {}), (204, {}), (500, {})]
    end_call()
    deliver_due()
    endpoint.refresh_from_db()
    assert endpoint.failing_since is not None
    make_due()
    deliver_due()
    endpoint.refresh_from_db()
    assert endpoint.failing_since is None
    long_ago = timezone.now() - dt.timedelta(seconds=settings.WEBHOOK_DISABLE_AFTER_SEC + 1)
    Endpoint.objects.update(failing_since=long_ago)
    end_call("rtc_1_another")
    deliver_due()
    endpoint.refresh_from_db()
    assert (endpoint.is_enabled, endpoint.disabled_because) == (False, "failing")
    entry = AuditEntry.objects.get(action="webhook.disable")
    assert (entry.actor_username, entry.targets) == ("(server)", [str(endpoint.pk)])
    make_due()
    assert deliver_due() == 0


def test_an_endpoint_that_is_gone_is_switched_off_at_once(
    endpoint: Endpoint, receiver: WebhookReceiver, end_call: EndCall
) -> None:
    receiver.answers = [(410, {})]
    end_call()
    deliver_due()
    endpoint.refresh_from_db()
    assert (endpoint.is_enabled, endpoint.disabled_because) == (False, "gone")


def test_a_claim_is_one_workers_until_it_runs_out(endpoint: Endpoint, end_call: EndCall) -> None:
    """A process that died holding it, and one that comes back after another has taken over."""
    end_call()
    (slow,) = outbox.claim(at_most=8)
    assert outbox.claim(at_most=8) == []
    Delivery.objects.update(claimed_until=timezone.now() - dt.timedelta(seconds=1))
    (quick,) = outbox.claim(at_most=8)
    outbox.settle(slow, Outcome(1, status=500), timezone.now())
    assert outbox.claim(at_most=8) == []
    outbox.settle(quick, Outcome(1, status=204), timezone.now())
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts.count()) == (DELIVERED, 2)


@pytest.mark.django_db(transaction=True)
def test_four_workers_that_look_at_once_claim_each_delivery_once(
    admin: User, endpoint: Endpoint, receiver: WebhookReceiver, end_call: EndCall
) -> None:
    for number in range(3):
        add_endpoint(admin, f"{receiver.url}/{number}")
    end_call()
    claims = at_once([lambda: outbox.claim(at_most=8)] * 4)
    claimed = [one.pk for found in claims if isinstance(found, list) for one in found]
    assert all(isinstance(found, list) for found in claims), claims
    assert sorted(claimed) == sorted(Delivery.objects.values_list("pk", flat=True))


def test_a_backlog_of_one_endpoint_does_not_hold_up_another(
    admin: User, endpoint: Endpoint, receiver: WebhookReceiver, end_call: EndCall
) -> None:
    for number in range(3):
        end_call(f"rtc_1_{number}")
    other, _ = add_endpoint(admin, f"{receiver.url}/other")
    end_call("rtc_1_last")
    assert {one.endpoint_id for one in outbox.claim(at_most=2)} == {endpoint.pk, other.pk}
    assert outbox.claim(at_most=8, busy={endpoint.pk, other.pk}) == []


def test_a_secret_of_another_secret_key_is_a_failure_that_says_so(
    endpoint: Endpoint, end_call: EndCall, settings: Settings
) -> None:
    from webhooks import sealing, worker

    end_call()
    (delivery,) = outbox.claim(at_most=1)
    settings.SECRET_KEY = "another key, " * 5
    with pytest.raises(sealing.SecretUnreadable):
        worker.prepared(delivery, 0)


def test_the_log_is_kept_for_its_days(
    endpoint: Endpoint, end_call: EndCall, settings: Settings
) -> None:
    end_call()
    assert outbox.forget_old() == 0
    old = timezone.now() - dt.timedelta(days=settings.WEBHOOK_LOG_DAYS, seconds=1)
    Delivery.objects.update(created_at=old)
    assert outbox.forget_old() == 1


def test_a_call_that_its_server_left_behind_is_reported_too(
    endpoint: Endpoint, alice: User, settings: Settings, tmp_path: Path
) -> None:
    from realtime import sweep

    settings.LOCAL_DIR = tmp_path
    long_ago = timezone.now() - dt.timedelta(minutes=5)
    RealtimeSession.objects.create(
        public_id="rtc_1_lost",
        user=alice,
        state=SessionState.LIVE,
        started_at=long_ago,
        slot_taken_at=long_ago,
        last_seen_at=long_ago,
        connection_id="run",
    )
    assert sweep.end_lost_sessions(trust_heartbeats=True) == 1
    assert Delivery.objects.get().session is not None
    assert lifecycle.finish(1, "run", EndReason.USER_HANGUP) is False
