"""Client secrets: what opens a session, once, for how long."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tokens import issue_tokens, revoke_refresh_token
from realtime import client_secrets, lifecycle, quotas
from realtime.core.effects import EndReason
from realtime.core.errors import NotAuthenticated
from realtime.mint import Minted
from realtime.models import ClientSecret, RealtimeSession, SessionState
from tests.realtime.conftest import ApiClient, MintFor

pytestmark = pytest.mark.django_db


def refusal_of(raw: str) -> str:
    with pytest.raises(NotAuthenticated) as refused:
        client_secrets.redeem(raw)
    return refused.value.code


def opened(minted: Minted) -> RealtimeSession:
    """The session went live on connection `c1`."""
    quotas.take_slot(minted.session, connection_id="c1", server_id="here")
    lifecycle.mark_live(minted.session.pk, "c1")
    return minted.session


def test_a_secret_opens_its_own_session(alice: User, mint_for: MintFor) -> None:
    minted = mint_for(alice)
    assert client_secrets.redeem(minted.secret.value).pk == minted.session.pk


@pytest.mark.parametrize("raw", ["ek_", "ek_guess", "", "ek_" + "a" * 43, "ek_\x00é"])
def test_a_guess_opens_nothing(alice: User, mint_for: MintFor, raw: str) -> None:
    mint_for(alice)
    assert refusal_of(raw) == "invalid_client_secret"


def test_an_expired_secret_opens_nothing(alice: User, mint_for: MintFor) -> None:
    minted = mint_for(alice)
    ClientSecret.objects.update(expires_at=timezone.now())
    assert refusal_of(minted.secret.value) == "client_secret_expired"


def test_expiry_limits_opening_only_not_the_running_session(alice: User, mint_for: MintFor) -> None:
    minted = mint_for(alice)
    opened(minted)
    ClientSecret.objects.update(expires_at=timezone.now() - dt.timedelta(minutes=5))
    assert client_secrets.redeem(minted.secret.value).state == SessionState.LIVE


def test_a_used_secret_dies_with_its_session(alice: User, mint_for: MintFor) -> None:
    minted = mint_for(alice)
    opened(minted)
    assert lifecycle.finish(minted.session.pk, "c1", EndReason.USER_HANGUP)
    assert refusal_of(minted.secret.value) == "client_secret_used"


def test_a_failed_dial_leaves_the_secret_good(alice: User, mint_for: MintFor) -> None:
    minted = mint_for(alice)
    quotas.take_slot(minted.session, connection_id="c1", server_id="here")
    lifecycle.finish(minted.session.pk, "c1", EndReason.UPSTREAM_ERROR)
    session = client_secrets.redeem(minted.secret.value)
    assert session.state == SessionState.MINTED
    assert session.slot_taken_at is None
    assert session.end_reason == "upstream_error"


def test_an_admins_end_before_going_live_is_final(alice: User, mint_for: MintFor) -> None:
    minted = mint_for(alice)
    quotas.take_slot(minted.session, connection_id="c1", server_id="here")
    lifecycle.finish(minted.session.pk, "c1", EndReason.ADMIN_ENDED)
    assert refusal_of(minted.secret.value) == "client_secret_expired"


def test_signing_out_kills_the_unused_secrets_of_that_sign_in_alone(
    alice: User,
    bob: User,
    api: ApiClient,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def secret_of(user: User) -> tuple[str, str]:
        tokens = issue_tokens(user)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.access}")
        answer = client.post("/api/voice/realtime-session", {}, format="json")
        return answer.json()["api_key"], tokens.refresh

    phone, phone_refresh = secret_of(alice)
    laptop, _ = secret_of(alice)
    bobs, _ = secret_of(bob)
    with django_capture_on_commit_callbacks(execute=True):
        revoke_refresh_token(phone_refresh)
    assert refusal_of(phone) == "invalid_client_secret"
    assert client_secrets.redeem(laptop)
    assert client_secrets.redeem(bobs)


@pytest.mark.parametrize("change", ["new password", "deactivation"])
def test_losing_access_kills_every_unused_secret_and_orders_live_sessions_to_end(
    alice: User,
    mint_for: MintFor,
    change: str,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    unused, live = mint_for(alice), mint_for(alice)
    opened(live)
    with django_capture_on_commit_callbacks(execute=True):
        if change == "new password":
            alice.set_password("another horse, another staple")
        else:
            alice.is_active = False
        alice.save()
    assert refusal_of(unused.secret.value) == "invalid_client_secret"
    live.session.refresh_from_db()
    assert live.session.end_requested == "auth_expired"
