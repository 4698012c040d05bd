"""Sign-in is limited per user and per address, exactly, also under a race."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.client_address import client_address
from accounts.models import SignInWindow, User
from accounts.signin_limit import TooManySignIns, count_sign_in
from tests.people import PASSWORD
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def test_eleventh_attempt_in_a_minute_for_one_user_is_429_with_a_wait(
    alice: User, stranger: APIClient
) -> None:
    wrong = {"username": "alice", "password": "wrong"}
    assert [stranger.post("/api/token/", wrong).status_code for _ in range(10)] == [401] * 10
    answer = stranger.post("/api/token/", {"username": "alice", "password": PASSWORD})
    assert answer.status_code == 429
    assert answer.json()["code"] == "rate_limited"
    assert 0 < answer.json()["retry_after"] <= 60
    assert answer.headers["Retry-After"] == str(answer.json()["retry_after"])


def test_thirty_first_attempt_from_one_address_is_refused(db: None) -> None:
    for number in range(30):
        count_sign_in(f"user{number}", "192.0.2.1", now=1000.0)
    with pytest.raises(TooManySignIns):
        count_sign_in("somebody else", "192.0.2.1", now=1000.0)
    count_sign_in("somebody else", "192.0.2.2", now=1000.0)


def test_waiting_as_long_as_told_helps_and_no_shorter(db: None) -> None:
    for second in range(10):
        count_sign_in("alice", "192.0.2.1", now=1000.0 + second)
    with pytest.raises(TooManySignIns) as refusal:
        count_sign_in("alice", "192.0.2.1", now=1010.0)
    assert refusal.value.retry_after_s == 50
    with pytest.raises(TooManySignIns):
        count_sign_in("alice", "192.0.2.1", now=1059.0)
    count_sign_in("alice", "192.0.2.1", now=1060.0)


def test_any_spelling_of_a_name_counts_as_the_same(db: None) -> None:
    for number in range(10):
        count_sign_in("Alice" if number % 2 else "\uff21lice", f"192.0.2.{number}", now=1000.0)
    with pytest.raises(TooManySignIns):
        count_sign_in("aLICE", "192.0.2.99", now=1000.0)


def test_old_windows_are_forgotten(db: None) -> None:
    count_sign_in("alice", "192.0.2.1")
    SignInWindow.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    count_sign_in("bob", "192.0.2.2")
    assert SignInWindow.objects.count() == 2


def test_names_and_addresses_are_not_kept_in_the_clear(db: None) -> None:
    count_sign_in("alice", "192.0.2.1")
    assert not SignInWindow.objects.filter(key__contains="alice").exists()
    assert not SignInWindow.objects.filter(key__contains="192").exists()


@pytest.mark.django_db(transaction=True)
def test_of_twenty_attempts_at_once_exactly_ten_are_looked_at(db: None) -> None:
    results = at_once([lambda: count_sign_in("alice", "192.0.2.1")] * 20)
    refused = [result for result in results if isinstance(result, TooManySignIns)]
    assert results.count(None) == 10, results
    assert len(refused) == 10


def test_admin_sign_in_is_counted_too(admin: User, client: Client) -> None:
    form = {"username": "root", "password": "wrong"}
    for _ in range(10):
        assert client.post("/admin/login/", form).status_code == 200
    answer = client.post("/admin/login/", {"username": "root", "password": PASSWORD})
    assert "Too many sign-in attempts" in answer.content.decode()
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "believed"),
    [
        ("203.0.113.9", "10.0.0.1", [], "203.0.113.9"),
        ("203.0.113.9", "10.0.0.1", ["192.168.0.0/16"], "203.0.113.9"),
        ("192.168.0.1", "203.0.113.9", ["192.168.0.0/16"], "203.0.113.9"),
        ("192.168.0.1", "6.6.6.6, 203.0.113.9", ["192.168.0.1"], "203.0.113.9"),
        (
            "192.168.0.1",
            "6.6.6.6, 203.0.113.9, 192.168.0.2",
            ["192.168.0.0/16"],
            "203.0.113.9",
        ),
        ("192.168.0.1", "nonsense", ["192.168.0.1"], "192.168.0.1"),
        ("192.168.0.1", "", ["192.168.0.1"], "192.168.0.1"),
        ("::1", "2001:db8::7", ["::1"], "2001:db8::7"),
    ],
)
def test_forwarded_addresses_are_believed_from_our_proxies_alone(
    settings: Settings, peer: str, forwarded: str, proxies: list[str], believed: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == believed
