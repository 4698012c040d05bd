"""The heartbeat carries out what the database asks, and judges nobody while it cannot see."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from conversations.actions import delete_conversation
from realtime import database, heartbeat, lifecycle, quotas, sweep
from realtime.core.allowance import Allowance
from realtime.core.effects import EndReason
from realtime.core.errors import VoiceError
from realtime.heartbeat import Heartbeat
from realtime.live import LiveSession, LiveSessions
from realtime.models import RealtimeSession
from realtime.orders import Order, read_orders
from realtime.reservations import renew
from realtime.runtime.runner import SessionRunner
from realtime.sessions import request_end
from tests.realtime.conftest import MintFor


def live(user: User, mint_for: MintFor, **wishes: Any) -> RealtimeSession:
    session = mint_for(user, **wishes).session
    quotas.take_slot(session, connection_id="mine", server_id="here")
    lifecycle.mark_live(session.pk, "mine")
    return session


@pytest.mark.django_db
def test_without_orders_nothing_is_done(alice: User, mint_for: MintFor) -> None:
    assert read_orders([(live(alice, mint_for).pk, "mine")]) == []


@pytest.mark.django_db
def test_an_end_asked_for_anywhere_is_an_order(alice: User, mint_for: MintFor) -> None:
    session = live(alice, mint_for)
    assert request_end(session.public_id, alice.pk, "a test")
    assert read_orders([(session.pk, "mine")]) == [Order("mine", EndReason.ADMIN_ENDED, "a test")]
    assert not request_end("rtc_0_unknown", None)


@pytest.mark.django_db
def test_a_newer_connection_elsewhere_orders_ours_away(alice: User, mint_for: MintFor) -> None:
    session = live(alice, mint_for)
    quotas.take_slot(session, connection_id="theirs", server_id="there")
    assert read_orders([(session.pk, "mine")]) == [Order("mine", EndReason.MOVED_DEVICE)]


@pytest.mark.django_db
def test_a_deleted_conversation_is_an_order_without_a_reason(
    alice: User, mint_for: MintFor
) -> None:
    session = live(alice, mint_for)
    assert session.conversation is not None
    delete_conversation(session.conversation)
    assert read_orders([(session.pk, "mine")]) == [Order("mine", None)]


@pytest.mark.django_db
def test_a_minted_session_is_ended_at_once(alice: User, mint_for: MintFor) -> None:
    session = mint_for(alice).session
    assert request_end(session.public_id, alice.pk)
    session.refresh_from_db()
    assert (session.state, session.end_reason) == ("ended", "admin_ended")
    assert not request_end(session.public_id, alice.pk)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class FakeRunner:
    """Remembers what it was allowed, and how it was asked to end."""

    allowances: list[Allowance] = field(default_factory=list)
    ends: list[tuple[EndReason, VoiceError | None]] = field(default_factory=list)

    def allow(self, allowance: Allowance) -> None:
        self.allowances.append(allowance)

    def end(self, reason: EndReason, error: VoiceError | None = None) -> None:
        self.ends.append((reason, error))


class Pulse:
    """A heartbeat on a clock of the test's own, with one live session."""

    def __init__(self, session: RealtimeSession) -> None:
        assert session.conversation_id is not None
        self.clock = Clock()
        self.runner = FakeRunner()
        self.live = LiveSessions()
        self.live.add(
            LiveSession(
                pk=session.pk,
                public_id=session.public_id,
                connection_id="mine",
                user_id=session.user_id,
                conversation_id=session.conversation_id,
                runner=cast(SessionRunner, self.runner),
            )
        )
        self.heartbeat = Heartbeat(self.live, self._nothing_else, self.clock)

    async def _nothing_else(self) -> None:
        return

    async def beat(self, after_s: float = 0.0) -> None:
        self.clock.now += after_s
        await self.heartbeat._pulse()


@pytest.mark.django_db(transaction=True)
async def test_a_session_learns_what_its_quota_leaves_the_more_often_the_less_it_is(
    alice: User, mint_for: MintFor, settings: Settings
) -> None:
    session = await database.run(live, alice, mint_for)
    pulse = Pulse(session)
    await pulse.beat()
    assert pulse.runner.allowances[-1].voice_until is None
    settings.LIMIT_DAY_SEC = 0
    pulse.heartbeat.count(session.pk)  # far from the end it need not be counted at once
    await pulse.beat(after_s=heartbeat.QUOTA_EVERY_S)
    assert len(pulse.runner.allowances) == 1
    await pulse.beat(after_s=heartbeat.FAR_QUOTA_EVERY_S)
    assert pulse.runner.allowances[-1].voice_until is not None
    await pulse.beat(after_s=heartbeat.QUOTA_EVERY_S / 2)
    assert len(pulse.runner.allowances) == 2
    pulse.heartbeat.count(session.pk)
    await pulse.beat(after_s=0.1)
    assert len(pulse.runner.allowances) == 3
    await pulse.beat(after_s=heartbeat.QUOTA_EVERY_S)
    assert len(pulse.runner.allowances) == 4


@pytest.mark.django_db
def test_a_session_is_far_from_the_end_until_it_might_be_told_of_it(
    alice: User, mint_for: MintFor, settings: Settings
) -> None:
    session = live(alice, mint_for)
    assert renew([session.pk])[session.pk].is_far
    settings.LIMIT_DAY_SEC = 30  # of which 24 s may pass unmentioned
    assert not renew([session.pk])[session.pk].is_far
    settings.LIMIT_DAY_SEC, settings.LIMIT_MONTH_USD = 7200, Decimal(100)
    assert not renew([session.pk])[session.pk].is_far


@pytest.mark.django_db(transaction=True)
async def test_others_are_judged_only_after_our_own_beats_were_written_for_long_enough(
    alice: User, mint_for: MintFor
) -> None:
    pulse = Pulse(await database.run(live, alice, mint_for))
    assert not pulse.heartbeat.is_trusted
    await pulse.beat()
    assert not pulse.heartbeat.is_trusted
    await pulse.beat(after_s=sweep.STALE_AFTER_S + 0.1)
    assert pulse.heartbeat.is_trusted


@pytest.mark.django_db(transaction=True)
async def test_an_order_reaches_the_runner(alice: User, mint_for: MintFor) -> None:
    session = await database.run(live, alice, mint_for)
    pulse = Pulse(session)
    await database.run(request_end, session.public_id, alice.pk)
    await pulse.beat()
    assert pulse.runner.ends == [(EndReason.ADMIN_ENDED, None)]
    assert session.conversation is not None
