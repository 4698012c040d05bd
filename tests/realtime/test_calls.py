"""Leases of calls: who listens, who takes over from the dead, and what is only hung up."""

from __future__ import annotations

import datetime as dt
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from realtime import (
    calls,
    database,
    heartbeat,
    lifecycle,
    opening,
    quotas,
    server_identity,
    sessions,
    sweep,
)
from realtime.call_client import CallClient
from realtime.call_leases import CallLease
from realtime.core.effects import EndReason
from realtime.core.errors import LimitReached, UpstreamFailed
from realtime.core.session_config import CallSetup
from realtime.models import RealtimeSession
from tests.realtime.conftest import MintFor

THERE, HERE, RUN = "machine-there", "machine-here", "run-1"


@pytest.fixture
def call(alice: User, mint_for: MintFor) -> CallLease:
    """alice's call, listened to by a server on another machine."""
    session = mint_for(alice, transport="webrtc").session
    quotas.take_slot(session, connection_id=RUN, server_id=THERE)
    lease = calls.open_lease(session.pk, "rtc_u2_theirs", RUN, THERE)
    lifecycle.mark_live(session.pk, RUN)
    return lease


def age(lease: CallLease, **fields: float) -> None:
    """Let time pass on these columns, in seconds."""
    now = timezone.now()
    CallLease.objects.filter(pk=lease.pk).update(
        **{name: now - dt.timedelta(seconds=seconds) for name, seconds in fields.items()}
    )


@pytest.fixture
def dead_server() -> Iterator[str]:
    """A server of this machine whose process is gone: its lock is free."""
    server_identity.release()
    identity = server_identity.ServerIdentity()
    os.close(identity._descriptor)
    yield identity.server_id
    server_identity.forget(identity.server_id)


def take_over(**options: Any) -> list[calls.Lost]:
    return calls.take_over_lost(HERE, **{"trust_renewals": True, **options})


def test_a_call_that_is_listened_to_is_left_alone(call: CallLease) -> None:
    assert take_over() == []
    age(call, renewed_at=60)
    calls.renew(THERE, [RUN])
    assert take_over() == []
    assert calls.take_over_lost(THERE, trust_renewals=True) == []


def test_a_call_that_is_not_renewed_is_taken_over_with_its_session(call: CallLease) -> None:
    age(call, renewed_at=6)
    (lost,) = take_over()
    assert (lost.session_pk, lost.provider_call_id) == (call.session_id, "rtc_u2_theirs")
    assert 6_000 <= lost.unheard_ms < 9_000
    session = RealtimeSession.objects.get()
    assert (session.connection_id, session.server_id) == (lost.connection_id, HERE)
    assert session.slot_taken_at is not None
    assert take_over() == []


def test_a_call_of_ours_that_no_run_of_ours_listens_to_is_found_again(call: CallLease) -> None:
    age(call, renewed_at=10)  # it may be opening, or hanging up
    assert calls.take_over_lost(THERE, trust_renewals=True) == []
    age(call, renewed_at=20)
    assert calls.take_over_lost(THERE, [RUN], trust_renewals=True) == []
    (lost,) = calls.take_over_lost(THERE, ["another run"], trust_renewals=False)
    assert (lost.session_pk, lost.was_ours) == (call.session_id, True)


def test_a_holder_that_dies_unseen_is_replaced_within_five_seconds() -> None:
    assert calls.STALE_AFTER_S + sessions.CALLS_EVERY_S + heartbeat.PULSE_S < 5


def test_old_renewals_mean_nothing_after_an_outage(call: CallLease) -> None:
    age(call, renewed_at=60)
    assert take_over(trust_renewals=False) == []


def test_on_this_machine_a_dead_holder_is_known_at_once(call: CallLease, dead_server: str) -> None:
    CallLease.objects.update(server_id=dead_server)
    RealtimeSession.objects.update(server_id=dead_server)
    (lost,) = take_over(trust_renewals=False)
    assert lost.session_pk == call.session_id


def test_a_holder_that_is_known_to_run_may_be_busy_for_a_while(call: CallLease) -> None:
    server_id = server_identity.start().server_id
    CallLease.objects.update(server_id=server_id)
    age(call, renewed_at=10)
    assert take_over() == []
    age(call, renewed_at=20)
    assert len(take_over()) == 1
    server_identity.release()


def test_the_sweep_leaves_calls_to_be_taken_over(call: CallLease, dead_server: str) -> None:
    CallLease.objects.update(server_id=dead_server)
    long_ago = timezone.now() - dt.timedelta(hours=1)
    RealtimeSession.objects.update(server_id=dead_server, last_seen_at=long_ago)
    assert sweep.end_lost_sessions(trust_heartbeats=True) == 0
    assert server_identity.is_known_dead(dead_server)
    calls.close_lease(call.pk, RUN)
    assert sweep.end_lost_sessions(trust_heartbeats=True) == 1


def test_a_call_that_was_to_be_ended_is_only_hung_up(call: CallLease) -> None:
    RealtimeSession.objects.update(end_requested=EndReason.ADMIN_ENDED.value)
    age(call, renewed_at=6)
    (lost,) = take_over()
    assert lost.session_pk is None
    session = RealtimeSession.objects.get()
    assert (session.state, session.end_reason) == ("ended", "admin_ended")


def test_a_call_whose_session_moved_on_is_only_hung_up(call: CallLease) -> None:
    quotas.take_slot(call.session, connection_id="run-2", server_id=HERE)
    age(call, renewed_at=6)
    (lost,) = take_over()
    assert lost.session_pk is None
    assert RealtimeSession.objects.get().connection_id == "run-2"


def test_a_call_that_could_not_be_hung_up_is_tried_again_by_the_next(call: CallLease) -> None:
    calls.let_go(call.pk, RUN)
    assert take_over() == []  # not by everybody at once
    age(call, renewed_at=6)
    (lost,) = take_over(trust_renewals=False)
    assert lost.session_pk is None
    calls.close_lease(lost.lease_pk, lost.connection_id)
    age(call, renewed_at=6)
    assert take_over() == []


def test_what_no_provider_can_still_be_running_is_forgotten(call: CallLease) -> None:
    age(call, renewed_at=60, created_at=3 * 3600)
    assert take_over() == []
    assert not CallLease.objects.open().exists()


def test_another_session_without_a_conversation_cannot_go_on(call: CallLease) -> None:
    age(call, renewed_at=6)
    (lost,) = take_over()
    RealtimeSession.objects.update(conversation=None)
    assert opening.take_over(call.session_id, lost.connection_id, lost.unheard_ms) is None


def test_a_call_that_lived_in_the_dead_server_ends_with_it_and_leaves_no_gap(
    call: CallLease,
) -> None:
    age(call, renewed_at=6)
    (lost,) = take_over()
    assert not lost.was_ours
    calls.end_with_its_server(lost)
    session = RealtimeSession.objects.get()
    assert (session.state, session.end_reason) == ("ended", "server_lost")
    assert session.ended_at is not None
    assert 5 < (timezone.now() - session.ended_at).total_seconds() < 9
    assert not CallLease.objects.open().exists()


def test_a_run_that_goes_on_keeps_to_the_limits_of_the_call(call: CallLease) -> None:
    began = timezone.now() - dt.timedelta(minutes=50)
    RealtimeSession.objects.update(started_at=began, turns=7)
    opened = opening.take_over(call.session_id, RUN, 1500)
    assert opened is not None
    assert opened.setup.call == CallSetup(resumes=True, unheard_ms=1500)
    assert 590 < opened.setup.limits.max_duration_s <= 600
    assert (opened.setup.responses_used, opened.setup.seed) == (7, ())


def test_calls_of_a_minute_are_counted(call: CallLease, settings: Settings) -> None:
    settings.LIMIT_MINT_PER_MIN = 1
    with pytest.raises(LimitReached) as refused:
        calls.check_rate(call.session.user_id)
    assert (refused.value.code, refused.value.retry_after_s) == ("rate_limited", 30)
    age(call, created_at=61)
    calls.check_rate(call.session.user_id)


@pytest.mark.django_db(transaction=True)
def test_of_many_processes_one_gets_the_call(call: CallLease) -> None:
    age(call, renewed_at=6)
    together = threading.Barrier(4)

    def process(number: int) -> int:
        together.wait()
        try:
            return len(calls.take_over_lost(f"server-{number}", trust_renewals=True))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(process, range(4))) == [0, 0, 0, 1]


class Provider:
    """Its calls side, that may be away."""

    def __init__(self, away: int = 0, *, is_in_process: bool = False) -> None:
        self.is_in_process = is_in_process
        self.hung_up: list[str] = []
        self._away = away

    async def create_call(self, *_: Any) -> Any:
        raise AssertionError("nobody calls here")

    async def hangup(self, call_id: str) -> None:
        if self._away > 0:
            self._away -= 1
            raise UpstreamFailed("away", code="upstream_unreachable")
        self.hung_up.append(call_id)


@pytest.mark.django_db(transaction=True)
class TestHangingUp:
    async def close(self, lease: CallLease, provider: Provider, run: str = RUN) -> CallLease:
        client = CallClient(provider, lease.provider_call_id, lease.pk, run)
        await client.send("{}")
        await client.close(1000, "")
        await client.close(1000, "")
        return await database.run(CallLease.objects.get, pk=lease.pk)

    async def test_the_end_of_its_session_hangs_up_once(self, call: CallLease) -> None:
        provider = Provider()
        closed = await self.close(call, provider)
        assert provider.hung_up == ["rtc_u2_theirs"]
        assert closed.ended_at is not None

    async def test_a_provider_that_is_away_for_a_moment_is_told_again(
        self, call: CallLease
    ) -> None:
        closed = await self.close(call, Provider(away=1))
        assert closed.ended_at is not None

    async def test_a_provider_that_stays_away_is_left_to_whoever_looks_next(
        self, call: CallLease, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("realtime.call_client.HANG_UP_WITHIN_S", 0.05)
        left = await self.close(call, Provider(away=1000))
        assert (left.ended_at, left.connection_id, left.server_id) == (None, "", "")

    async def test_a_run_that_lost_the_call_leaves_it_alone(self, call: CallLease) -> None:
        provider = Provider()
        kept = await self.close(call, provider, run="an older run")
        assert provider.hung_up == []
        assert (kept.ended_at, kept.connection_id) == (None, RUN)

    async def test_a_call_that_nobody_else_can_reach_is_hung_up_all_the_same(
        self, call: CallLease
    ) -> None:
        provider = Provider(is_in_process=True)
        kept = await self.close(call, provider, run="an older run")
        assert provider.hung_up == ["rtc_u2_theirs"]
        assert kept.connection_id == RUN
