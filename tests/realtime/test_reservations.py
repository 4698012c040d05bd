"""Quotas hold across calls that run side by side: what one holds no other can use."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Policy, User
from realtime import lifecycle, quota_use, quotas, reservations, sweep
from realtime.core.allowance import Quota
from realtime.core.effects import EndReason
from realtime.core.errors import QuotaExhausted
from realtime.models import RealtimeSession, ResponseUsage
from realtime.quota_use import limits_of, uses_of
from realtime.reservations import Grant, renew
from tests.realtime.conftest import ApiClient, MintFor

MINT = "/api/voice/realtime-session"


def live(user: User, mint_for: MintFor, run: str = "run1", **wishes: object) -> RealtimeSession:
    session = mint_for(user, **wishes).session
    quotas.take_slot(session, connection_id=run, server_id="here")
    lifecycle.mark_live(session.pk, run)
    session.refresh_from_db()
    return session


def spend(session: RealtimeSession, usd: str, reference: str = "resp_1") -> None:
    ResponseUsage.objects.create(session=session, reference=reference, cost_usd=Decimal(usd))
    session.refresh_from_db()
    session.cost_usd += Decimal(usd)
    session.save(update_fields=["cost_usd"])


def grant(session: RealtimeSession) -> Grant:
    return renew([session.pk])[session.pk]


@pytest.mark.django_db
def test_a_group_may_be_allowed_less_than_the_server_allows_and_never_more(
    alice: User, bob: User, settings: Settings
) -> None:
    settings.LIMIT_DAY_SEC = 600
    settings.LIMIT_MONTH_USD = Decimal(20)
    guests = Group.objects.create(name="guests")
    row = Policy.objects.create(group=guests, day_minutes=1, month_usd=Decimal(50))
    alice.groups.add(guests)
    limits = limits_of([alice.pk, bob.pk])
    assert (limits[alice.pk].day_s, limits[alice.pk].month_usd) == (60.0, Decimal(20))
    assert (limits[bob.pk].day_s, limits[bob.pk].month_usd) == (600.0, Decimal(20))
    settings.LIMIT_MONTH_USD = None
    assert limits_of([alice.pk])[alice.pk].month_usd == row.month_usd
    family = Group.objects.create(name="family")
    Policy.objects.create(group=family, day_minutes=5, priority=1)
    alice.groups.add(family)  # held to the row with the lowest number, as in all else
    assert limits_of([alice.pk])[alice.pk].day_s == 300.0


@pytest.mark.django_db
def test_three_calls_hold_no_more_minutes_than_there_are(
    alice: User, mint_for: MintFor, settings: Settings
) -> None:
    settings.LIMIT_DAY_SEC = 30
    settings.LIMIT_SESSIONS_PER_USER = 4
    calls = [live(alice, mint_for, f"run{number}") for number in range(3)]
    for _ in range(20):
        grants = renew([call.pk for call in calls])
    (use,) = uses_of([alice.pk], timezone.now()).values()
    assert round(use.day_s + use.reserved_s, 6) <= 30.0
    assert use.day_s + use.reserved_s == pytest.approx(30, abs=1)
    lasts = [one.voice_left_s for one in grants.values()]
    assert all(left is not None and left > 0 for left in lasts)
    with pytest.raises(QuotaExhausted):
        quotas.take_slot(mint_for(alice).session, connection_id="late", server_id="here")


@pytest.mark.django_db
def test_what_a_call_did_not_use_is_free_when_it_ends(
    alice: User, mint_for: MintFor, settings: Settings
) -> None:
    settings.LIMIT_DAY_SEC = 10
    first, second = live(alice, mint_for, "run1"), live(alice, mint_for, "run2")
    for _ in range(10):
        renew([first.pk, second.pk])
    before = grant(second).voice_left_s
    lifecycle.finish(first.pk, "run1", EndReason.USER_HANGUP)
    after = grant(second).voice_left_s
    assert before is not None
    assert after is None or after > before


@pytest.mark.django_db
def test_the_sweep_gives_back_what_a_dead_servers_call_held(
    alice: User, mint_for: MintFor, settings: Settings
) -> None:
    settings.LIMIT_MONTH_USD = Decimal("0.03")
    dead = live(alice, mint_for)
    for _ in range(5):
        renew([dead.pk])
    late = mint_for(alice).session
    with pytest.raises(QuotaExhausted):
        quotas.take_slot(late, connection_id="late", server_id="here")
    long_ago = timezone.now() - dt.timedelta(seconds=sweep.STALE_AFTER_S + 1)
    RealtimeSession.objects.filter(pk=dead.pk).update(last_seen_at=long_ago)
    sweep.end_lost_sessions(trust_heartbeats=True)
    quotas.take_slot(late, connection_id="late", server_id="here")


@pytest.mark.django_db
def test_a_silent_day_later_nothing_is_held(
    alice: User, mint_for: MintFor, settings: Settings
) -> None:
    settings.LIMIT_DAY_SEC = 100
    live(alice, mint_for)
    (use,) = uses_of([alice.pk], timezone.now() + dt.timedelta(days=1)).values()
    assert use.reserved_s == 0


@pytest.mark.django_db
def test_a_text_session_holds_money_and_no_minutes(
    alice: User, mint_for: MintFor, settings: Settings
) -> None:
    settings.LIMIT_DAY_SEC = 0
    settings.LIMIT_MONTH_USD = Decimal(1)
    typed = live(alice, mint_for, is_text_only=True)
    assert typed.voice_until is None
    assert typed.usd_reserved > 0
    assert grant(typed) == Grant(None, False, ())


@pytest.mark.django_db
def test_a_text_session_that_turned_to_voice_has_its_minutes_counted(
    alice: User, mint_for: MintFor, settings: Settings
) -> None:
    settings.LIMIT_DAY_SEC = 0
    typed = live(alice, mint_for, is_text_only=True)
    RealtimeSession.objects.filter(pk=typed.pk).update(is_text_only=False)
    assert grant(typed).voice_left_s == 0.0


@pytest.mark.django_db
def test_the_month_without_money_has_neither_voice_nor_text(
    alice: User, bob: User, mint_for: MintFor, api: ApiClient, settings: Settings
) -> None:
    settings.LIMIT_MONTH_USD = Decimal("0.05")
    spend(live(alice, mint_for), "0.05")
    for wishes in ({}, {"modalities": ["text"]}):
        refused = api(alice).post(MINT, wishes, format="json")
        assert (refused.status_code, refused.json()["code"]) == (429, "quota_exhausted")
        assert 0 < int(refused.headers["Retry-After"]) <= 31 * 86_400
    assert api(bob).post(MINT, {}, format="json").status_code == 200


@pytest.mark.django_db
def test_money_is_spent_when_another_answer_like_the_dearest_cannot_be_paid(
    alice: User, mint_for: MintFor, settings: Settings
) -> None:
    settings.LIMIT_MONTH_USD = Decimal("0.10")
    call = live(alice, mint_for)
    spend(call, "0.04", "resp_1")
    assert not grant(call).is_money_spent
    spend(call, "0.04", "resp_2")  # 0.02 is left, and answers cost up to 0.04
    assert grant(call).is_money_spent
    assert grant(call).low[-1].quota is Quota.MONEY


@pytest.mark.django_db
def test_at_eighty_percent_the_person_is_told_what_is_left(
    alice: User, mint_for: MintFor, settings: Settings
) -> None:
    settings.LIMIT_DAY_SEC = 600
    settings.LIMIT_MONTH_USD = Decimal(5)
    call = live(alice, mint_for)
    assert grant(call).low == ()
    started = timezone.now() - dt.timedelta(seconds=500)
    if started.date() != timezone.now().date():
        started = timezone.now()  # in the first minutes of a day nobody has talked for so long
        settings.LIMIT_DAY_SEC = 0.001
    RealtimeSession.objects.filter(pk=call.pk).update(started_at=started)
    spend(call, "4.2")
    minutes, money = grant(call).low
    assert minutes.quota is Quota.MINUTES
    assert minutes.used_percent in (83, 100)
    assert (money.used_percent, money.left) == (84, "0.80")


@pytest.mark.django_db
def test_an_answer_paid_for_while_money_is_counted_frees_none(
    alice: User, mint_for: MintFor, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LIMIT_MONTH_USD = Decimal("0.20")
    call = live(alice, mint_for)
    limits = limits_of([alice.pk])[alice.pk]
    free = uses_of([alice.pk], timezone.now())[alice.pk].free_usd(limits)
    assert free is not None
    is_paid = False

    def paying(look: Callable[..., Any]) -> Callable[..., Any]:
        def look_and_pay(**given: Any) -> Any:
            nonlocal is_paid
            found = look(**given)
            if not is_paid:
                is_paid = True
                spend(call, "0.05")
            return found

        return look_and_pay

    for name in ("_HELD", "_SPENT"):  # behind whichever comes first
        monkeypatch.setattr(quota_use, name, paying(getattr(quota_use, name)))
    counted = uses_of([alice.pk], timezone.now())[alice.pk].free_usd(limits)
    assert is_paid
    assert counted is not None
    assert counted <= free


@pytest.mark.django_db(transaction=True)
def test_three_parallel_calls_cannot_overspend_the_month(
    alice: User, mint_for: MintFor, settings: Settings
) -> None:
    """Three processes at once: each answers while its grant allows it, 7 to 9 thousandths each."""
    settings.LIMIT_MONTH_USD = Decimal("0.20")
    settings.LIMIT_SESSIONS_PER_USER = 3
    calls = [live(alice, mint_for, f"run{number}") for number in range(3)]
    ready = threading.Barrier(3)

    def talk(number: int) -> int:
        ready.wait()
        answers = 0
        while not grant(calls[number]).is_money_spent:
            usd = Decimal("0.007") + Decimal("0.001") * number
            ResponseUsage.objects.create(
                session=calls[number], reference=f"resp_{answers}", cost_usd=usd
            )
            quotas_row = RealtimeSession.objects.filter(pk=calls[number].pk)
            quotas_row.update(cost_usd=(answers + 1) * usd)
            answers += 1
        connection.close()
        return answers

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(talk, range(3)))
    spent = sum((call.cost_usd for call in RealtimeSession.objects.filter(user=alice)), Decimal(0))
    assert spent <= Decimal("0.20")
    assert spent > Decimal("0.15")
    assert min(answers) > 2


@pytest.mark.django_db(transaction=True)
def test_three_parallel_calls_are_never_granted_the_same_minute(
    alice: User, mint_for: MintFor, settings: Settings
) -> None:
    settings.LIMIT_DAY_SEC = 30
    calls = [live(alice, mint_for, f"run{number}") for number in range(3)]
    ready = threading.Barrier(3)

    def hold(number: int) -> float | None:
        ready.wait()
        for _ in range(12):
            last = grant(calls[number])
        connection.close()
        return last.voice_left_s

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(hold, range(3)))
    (use,) = uses_of([alice.pk], timezone.now()).values()
    assert round(use.day_s + use.reserved_s, 6) <= 30.0
    assert reservations.renew([]) == {}
