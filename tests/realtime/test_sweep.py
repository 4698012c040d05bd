"""What a dead process left behind is ended; what lives is left alone."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import User
from conversations import actions
from conversations.models import Conversation, Item
from realtime import lifecycle, quotas, server_identity, sweep
from realtime.core.effects import EndReason
from realtime.models import ClientSecret, RealtimeSession, SessionState
from realtime.server_identity import ServerIdentity
from tests.realtime.conftest import MintFor

pytestmark = pytest.mark.django_db

HOLD_A_LOCK_AND_DIE = """
import fcntl, os, signal, sys
descriptor = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
fcntl.flock(descriptor, fcntl.LOCK_EX)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def dead_server(tmp_path: Path) -> str:
    """The id of a server that was killed."""
    (tmp_path / "servers").mkdir()
    path = tmp_path / "servers" / "dead-server"
    subprocess.run([sys.executable, "-c", HOLD_A_LOCK_AND_DIE, str(path)], check=False)
    return "dead-server"


def live_on(
    server_id: str, user: User, mint_for: MintFor, seen_s_ago: float = 0.0
) -> RealtimeSession:
    session = mint_for(user).session
    quotas.take_slot(session, connection_id="c1", server_id=server_id)
    lifecycle.mark_live(session.pk, "c1")
    RealtimeSession.objects.filter(pk=session.pk).update(
        last_seen_at=timezone.now() - dt.timedelta(seconds=seen_s_ago)
    )
    return session


def test_a_killed_servers_sessions_are_lost_at_once(
    alice: User, mint_for: MintFor, dead_server: str
) -> None:
    session = live_on(dead_server, alice, mint_for)
    actions.open_item(
        str(session.conversation_id), session.public_id, item_id="a1", role="assistant"
    )
    assert sweep.end_lost_sessions(trust_heartbeats=False) == 1
    session.refresh_from_db()
    assert (session.state, session.end_reason) == (SessionState.ENDED, "server_lost")
    assert session.slot_taken_at is None
    assert Item.objects.get().status == "incomplete"
    assert sweep.end_lost_sessions(trust_heartbeats=False) == 0


def test_a_living_servers_sessions_are_left_alone(alice: User, mint_for: MintFor) -> None:
    living = ServerIdentity()
    session = live_on(living.server_id, alice, mint_for)
    assert sweep.end_lost_sessions(trust_heartbeats=True) == 0
    living.release()
    session.refresh_from_db()
    assert session.state == SessionState.LIVE


def test_a_server_elsewhere_is_judged_by_its_heartbeat(alice: User, mint_for: MintFor) -> None:
    session = live_on("another-machine", alice, mint_for, seen_s_ago=14)
    assert sweep.end_lost_sessions(trust_heartbeats=True) == 0
    RealtimeSession.objects.update(last_seen_at=timezone.now() - dt.timedelta(seconds=16))
    assert sweep.end_lost_sessions(trust_heartbeats=False) == 0
    assert sweep.end_lost_sessions(trust_heartbeats=True) == 1
    session.refresh_from_db()
    assert session.end_reason == "server_lost"


def test_an_identity_is_dead_only_once_its_process_is_gone(
    tmp_path: Path, dead_server: str
) -> None:
    living = ServerIdentity()
    assert not server_identity.is_known_dead(living.server_id)
    assert server_identity.is_known_dead(dead_server)
    assert not server_identity.is_known_dead("never-seen-here")
    living.release()


def test_secrets_that_ran_out_unused_end_their_sessions(alice: User, mint_for: MintFor) -> None:
    fresh, stale = mint_for(alice).session, mint_for(alice).session
    hour_ago = timezone.now() - dt.timedelta(hours=1)
    RealtimeSession.objects.filter(pk=stale.pk).update(created_at=hour_ago)
    ClientSecret.objects.filter(session=stale).update(expires_at=hour_ago)
    assert sweep.forget_unopened() == 1
    fresh.refresh_from_db()
    stale.refresh_from_db()
    assert (fresh.state, stale.state) == (SessionState.MINTED, SessionState.ENDED)


def test_hidden_conversations_that_stayed_empty_are_deleted(alice: User, mint_for: MintFor) -> None:
    mint_for(alice)
    sweep.forget_unopened()
    assert Conversation.objects.count() == 1
    Conversation.objects.update(created_at=timezone.now() - dt.timedelta(days=1))
    sweep.forget_unopened()
    assert not Conversation.objects.exists()


def test_an_older_connection_cannot_end_what_a_newer_one_owns(
    alice: User, mint_for: MintFor
) -> None:
    session = live_on("here", alice, mint_for)
    quotas.take_slot(session, connection_id="c2", server_id="there")
    assert not lifecycle.finish(session.pk, "c1", EndReason.MOVED_DEVICE)
    session.refresh_from_db()
    assert (session.state, session.connection_id) == (SessionState.LIVE, "c2")
    assert lifecycle.finish(session.pk, "c2", EndReason.USER_HANGUP)
