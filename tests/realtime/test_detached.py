"""The row of a session that waits for its client: no slot, but not forgotten."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from realtime import heartbeat, lifecycle, orders, quotas, sessions, sweep
from realtime.core.effects import EndReason
from realtime.core.errors import LimitReached, NotAuthenticated
from realtime.models import RealtimeSession, SessionState
from tests.realtime.conftest import MintFor

pytestmark = pytest.mark.django_db


@pytest.fixture
def detached(alice: User, mint_for: MintFor) -> RealtimeSession:
    session = mint_for(alice).session
    quotas.take_slot(session, connection_id="run1", server_id="here")
    lifecycle.mark_live(session.pk, "run1")
    lifecycle.mark_detached(session.pk, "run1")
    session.refresh_from_db()
    return session


def aged(session: RealtimeSession, seen_s_ago: float) -> None:
    seen_at = timezone.now() - dt.timedelta(seconds=seen_s_ago)
    RealtimeSession.objects.filter(pk=session.pk).update(last_seen_at=seen_at)


def test_it_holds_no_slot_and_takes_one_when_its_client_is_back(
    detached: RealtimeSession, alice: User
) -> None:
    assert detached.state == SessionState.DETACHED
    assert quotas.live_sessions(alice.pk).count() == 0
    quotas.retake_slot(detached, connection_id="run1")
    detached.refresh_from_db()
    assert (detached.state, detached.connection_id) == (SessionState.LIVE, "run1")
    assert quotas.live_sessions(alice.pk).count() == 1


def test_without_a_free_slot_it_goes_on_waiting(
    detached: RealtimeSession, alice: User, mint_for: MintFor, settings: Settings
) -> None:
    settings.LIMIT_SESSIONS_PER_USER = 1
    quotas.take_slot(mint_for(alice).session, connection_id="other", server_id="here")
    with pytest.raises(LimitReached):
        quotas.retake_slot(detached, connection_id="run1")
    detached.refresh_from_db()
    assert detached.state == SessionState.DETACHED


def test_a_run_that_was_taken_over_elsewhere_gets_no_slot(detached: RealtimeSession) -> None:
    quotas.take_slot(detached, connection_id="run2", server_id="there")
    with pytest.raises(NotAuthenticated):
        quotas.retake_slot(detached, connection_id="run1")
    lifecycle.mark_detached(detached.pk, "run1")
    lifecycle.mark_live(detached.pk, "run2")
    detached.refresh_from_db()
    assert detached.state == SessionState.LIVE


def test_a_client_lost_before_the_start_was_written_down_stays_detached(
    alice: User, mint_for: MintFor
) -> None:
    session = mint_for(alice).session
    quotas.take_slot(session, connection_id="run1", server_id="here")
    lifecycle.mark_detached(session.pk, "run1")
    lifecycle.mark_live(session.pk, "run1")
    session.refresh_from_db()
    assert (session.state, session.slot_taken_at) == (SessionState.DETACHED, None)
    assert session.started_at is not None


def test_its_server_keeps_it_alive_and_a_dead_one_loses_it(detached: RealtimeSession) -> None:
    aged(detached, 60)
    heartbeat._beat([detached.pk])
    assert sweep.end_lost_sessions(trust_heartbeats=True) == 0
    aged(detached, 60)
    assert sweep.end_lost_sessions(trust_heartbeats=True) == 1
    detached.refresh_from_db()
    assert (detached.state, detached.end_reason) == (SessionState.ENDED, "server_lost")


def test_the_order_to_end_it_goes_to_its_run(detached: RealtimeSession) -> None:
    assert sessions.request_end(detached.public_id, None, "a test")
    detached.refresh_from_db()
    assert detached.state == SessionState.DETACHED
    (order,) = orders.read_orders([(detached.pk, "run1")])
    assert order.reason is EndReason.ADMIN_ENDED
    assert lifecycle.finish(detached.pk, "run1", EndReason.ADMIN_ENDED)
    lifecycle.mark_detached(detached.pk, "run1")
    detached.refresh_from_db()
    assert detached.state == SessionState.ENDED
