"""`manage.py retention`: each class for its time, and nothing before it."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from conversations.models import AccessLogEntry, Conversation
from realtime.models import RealtimeSession, ResponseUsage
from review.models import AuditEntry, CallReview
from tests.people import client_of
from tests.review.conftest import SESSION
from tests.review.test_one_call import call as call  # the fixture

pytestmark = pytest.mark.django_db


def run(*options: str) -> str:
    told = StringIO()
    call_command("retention", *options, stdout=told)
    return told.getvalue()


@pytest.fixture(autouse=True)
def old(call: RealtimeSession, other: Conversation, carol: User) -> None:
    """alice's call, its usage, review and accesses are 100 days old; bob's goes on."""
    client_of(carol).get(f"/api/review/calls/{SESSION}/")
    client_of(carol).patch(f"/api/review/calls/{SESSION}/review/", {"rating": 3})
    long_ago = timezone.now() - dt.timedelta(days=100)
    Conversation.objects.update(updated_at=long_ago)
    RealtimeSession.objects.update(created_at=long_ago, started_at=long_ago)
    RealtimeSession.objects.filter(state="ended").update(ended_at=long_ago)
    ResponseUsage.objects.update(created_at=long_ago)
    AccessLogEntry.objects.update(visited_at=long_ago)
    AuditEntry.objects.update(happened_at=long_ago)


def counts() -> dict[str, int]:
    tables = (Conversation, RealtimeSession, ResponseUsage, AccessLogEntry, AuditEntry, CallReview)
    return {table.__name__: table._default_manager.count() for table in tables}


def test_by_default_everything_is_kept() -> None:
    before = counts()
    assert run().count("kept for ever") == 5
    assert counts() == before


def test_dry_run_counts_and_deletes_nothing(settings: Settings) -> None:
    settings.RETENTION_ITEMS_DAYS = settings.RETENTION_ACCESS_LOG_DAYS = 90
    before = counts()
    told = run("--dry-run")
    assert "items: 1 would be deleted (older than 90 days)" in told
    assert "access_log: 1 would be deleted" in told
    assert counts() == before


def test_words_go_and_the_numbers_stay(settings: Settings, other: Conversation) -> None:
    settings.RETENTION_ITEMS_DAYS = 90
    assert "items: 1 deleted" in run()
    assert list(Conversation.objects.all()) == [other], "a conversation in a call is in use"
    assert RealtimeSession.objects.get(public_id=SESSION).cost_usd > 0
    assert ResponseUsage.objects.count() == 2


def test_each_class_goes_by_its_own_time(settings: Settings) -> None:
    settings.RETENTION_ITEMS_DAYS = 101
    settings.RETENTION_USAGE_DAYS = 99
    settings.RETENTION_ACCESS_LOG_DAYS = 99
    settings.RETENTION_AUDIT_LOG_DAYS = 99
    run()
    assert counts() == {
        "Conversation": 2,
        "RealtimeSession": 2,
        "ResponseUsage": 0,
        "AccessLogEntry": 0,
        "AuditEntry": 0,
        "CallReview": 1,
    }


def test_ended_calls_go_with_their_reviews_and_running_ones_stay(settings: Settings) -> None:
    settings.RETENTION_SESSIONS_DAYS = 40
    run()
    assert [one.public_id for one in RealtimeSession.objects.all()] == ["rtc_2_live"]
    assert counts()["CallReview"] == 0
    assert counts()["Conversation"] == 2


def test_what_quotas_count_is_kept_for_a_month(settings: Settings) -> None:
    recently = timezone.now() - dt.timedelta(days=20)
    RealtimeSession.objects.update(ended_at=recently)
    ResponseUsage.objects.update(created_at=recently)
    settings.RETENTION_SESSIONS_DAYS = settings.RETENTION_USAGE_DAYS = 1
    assert "sessions: 0 deleted (older than 32 days)" in run()
    assert counts()["ResponseUsage"] == 2
