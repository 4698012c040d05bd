"""Limits per user: mints per minute, live sessions, voice seconds per day."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from conversations.actions import create_conversation
from realtime import quotas
from realtime.core.errors import LimitReached, QuotaExhausted
from realtime.models import RealtimeSession, SessionState
from realtime.quota_use import uses_of
from tests.realtime.conftest import ApiClient, MintFor

MINT = "/api/voice/realtime-session"


@pytest.mark.django_db
def test_the_31st_mint_within_a_minute_is_429_and_says_when_to_come_back(
    alice: User, bob: User, api: ApiClient
) -> None:
    client = api(alice)
    for _ in range(30):
        assert client.post(MINT, {}, format="json").status_code == 200
    refused = client.post(MINT, {}, format="json")
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.json()["retry_after"] == int(refused.headers["Retry-After"])
    assert api(bob).post(MINT, {}, format="json").status_code == 200


@pytest.mark.django_db
def test_minting_is_allowed_again_when_the_minute_has_passed(
    alice: User, mint_for: MintFor, settings: Settings
) -> None:
    settings.LIMIT_MINT_PER_MIN = 1
    mint_for(alice)
    with pytest.raises(LimitReached):
        mint_for(alice)
    RealtimeSession.objects.update(created_at=timezone.now() - dt.timedelta(seconds=61))
    mint_for(alice)


@pytest.mark.django_db
def test_minting_reserves_no_slot_but_is_refused_while_all_are_live(
    alice: User, mint_for: MintFor, api: ApiClient, settings: Settings
) -> None:
    settings.LIMIT_SESSIONS_PER_USER = 2
    minted = [mint_for(alice).session for _ in range(4)]
    for session in minted[:2]:
        quotas.take_slot(session, connection_id=session.public_id[-8:], server_id="here")
    response = api(alice).post(MINT, {}, format="json")
    assert (response.status_code, response.json()["code"]) == (429, "too_many_sessions")
    assert int(response.headers["Retry-After"]) > 0
    with pytest.raises(LimitReached):
        quotas.take_slot(minted[2], connection_id="third", server_id="here")


@pytest.mark.django_db
def test_a_newer_connection_of_the_same_session_needs_no_second_slot(
    alice: User, mint_for: MintFor, settings: Settings
) -> None:
    settings.LIMIT_SESSIONS_PER_USER = 1
    session = mint_for(alice).session
    quotas.take_slot(session, connection_id="older", server_id="here")
    quotas.take_slot(session, connection_id="newer", server_id="there")
    session.refresh_from_db()
    assert session.connection_id == "newer"


@pytest.mark.django_db(transaction=True)
def test_fifty_parallel_opens_at_a_limit_of_two_give_exactly_two(
    alice: User, mint_for: MintFor, settings: Settings
) -> None:
    settings.LIMIT_SESSIONS_PER_USER = 2
    settings.LIMIT_MINT_PER_MIN = 100
    sessions = [mint_for(alice).session for _ in range(50)]
    ready = threading.Barrier(10)

    def open_five(number: int) -> int:
        ready.wait()
        taken = 0
        for session in sessions[number::10]:
            try:
                quotas.take_slot(session, connection_id=f"c{session.pk}", server_id="here")
                taken += 1
            except LimitReached:
                continue
        connection.close()
        return taken

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(open_five, range(10))) == 2
    assert quotas.live_sessions(alice.pk).count() == 2


@pytest.mark.django_db(transaction=True)
def test_parallel_mints_never_pass_the_limit_per_minute(
    alice: User, mint_for: MintFor, settings: Settings
) -> None:
    settings.LIMIT_MINT_PER_MIN = 5
    ready = threading.Barrier(8)

    def mint_thrice(_: int) -> int:
        ready.wait()
        made = 0
        for _attempt in range(3):
            try:
                mint_for(alice)
                made += 1
            except LimitReached:
                continue
        connection.close()
        return made

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(mint_thrice, range(8))) == 5


def spoken(user: User, started: dt.datetime, seconds: float, **fields: object) -> RealtimeSession:
    """A voice session of this length in the past."""
    return RealtimeSession.objects.create(
        public_id=f"rtc_{user.pk}_{RealtimeSession.objects.count()}",
        user=user,
        conversation=create_conversation(user),
        model="gpt-realtime-2.1",
        state=SessionState.ENDED,
        created_at=started,
        started_at=started,
        ended_at=started + dt.timedelta(seconds=seconds),
        **fields,
    )


@pytest.mark.django_db
def test_voice_seconds_of_the_day_run_out_and_text_goes_on(
    alice: User, mint_for: MintFor, api: ApiClient, settings: Settings
) -> None:
    settings.LIMIT_DAY_SEC = 60
    now = timezone.now()
    day_start = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    spoken(alice, day_start - dt.timedelta(seconds=1), 61)
    response = api(alice).post(MINT, {}, format="json")
    assert (response.status_code, response.json()["code"]) == (429, "quota_exhausted")
    assert 0 < int(response.headers["Retry-After"]) <= 86_400
    assert api(alice).post(MINT, {"modalities": ["text"]}, format="json").status_code == 200


@pytest.mark.django_db
def test_only_todays_voice_seconds_count(alice: User) -> None:
    now = timezone.now()
    noon = timezone.localtime(now).replace(hour=12, minute=0, second=0, microsecond=0)
    spoken(alice, noon - dt.timedelta(days=1), 500)
    spoken(alice, noon - dt.timedelta(hours=12, seconds=30), 40)
    spoken(alice, noon, 7)
    spoken(alice, noon, 1_000, is_text_only=True)
    (use,) = uses_of([alice.pk], noon + dt.timedelta(hours=1)).values()
    assert use.day_s == pytest.approx(17)


@pytest.mark.django_db
def test_a_voice_session_minted_before_the_quota_ran_out_does_not_open_after(
    alice: User, mint_for: MintFor, settings: Settings
) -> None:
    session = mint_for(alice).session
    settings.LIMIT_DAY_SEC = 0
    with pytest.raises(QuotaExhausted):
        quotas.take_slot(session, connection_id="late", server_id="here")
