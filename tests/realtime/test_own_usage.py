"""`/api/me/usage/`: one's own use and what is left, and nobody else's."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Policy, User
from realtime.models import RealtimeSession
from tests.realtime.conftest import ApiClient

USAGE = "/api/me/usage/"


def talked(user: User, seconds: float, usd: str) -> None:
    now = timezone.now()
    RealtimeSession.objects.create(
        public_id=f"rtc_{user.pk}_{RealtimeSession.objects.count()}",
        user=user,
        model="gpt-realtime",
        state="ended",
        created_at=now,
        started_at=now,
        ended_at=now + dt.timedelta(seconds=seconds),
        cost_usd=Decimal(usd),
    )


@pytest.mark.django_db
def test_a_person_sees_their_own_use_and_what_is_left(
    alice: User, bob: User, api: ApiClient, settings: Settings
) -> None:
    settings.LIMIT_DAY_SEC = 600
    talked(alice, 60, "0.25")
    talked(alice, 30, "0.50")
    talked(bob, 500, "9")
    Policy.objects.filter(group=None).update(month_usd=Decimal(1))
    body = api(alice).get(USAGE).json()
    assert (body["voice_s"], body["voice_limit_s"], body["voice_left_s"]) == (90.0, 600.0, 510.0)
    assert Decimal(body["cost_usd"]) == Decimal("0.75")
    assert Decimal(body["cost_left_usd"]) == Decimal("0.25")
    assert len(body["days"]) == 31
    today = body["days"][-1]
    assert (today["calls"], today["voice_s"]) == (2, 90.0)
    assert body["calls_this_month"] == 2
    assert dt.datetime.fromisoformat(body["day_resets_at"]) > timezone.now()


@pytest.mark.django_db
def test_without_a_budget_nothing_is_said_to_be_left(alice: User, api: ApiClient) -> None:
    body = api(alice).get(USAGE).json()
    assert (body["cost_limit_usd"], body["cost_left_usd"]) == (None, None)
