"""`save_transcript: false` keeps what a call cost and how long it took, and no word of it."""

from __future__ import annotations

import pytest
from django.apps import apps

from accounts.models import User
from realtime.core.effects import EndReason
from realtime.lifecycle import finish
from realtime.models import ResponseUsage
from realtime.quotas import take_slot
from tests.realtime.conftest import MintFor
from tests.realtime.test_store import TURN, Written

pytestmark = pytest.mark.django_db(transaction=True)


def test_nothing_anybody_said_or_wrote_is_in_the_database_after_the_call(
    alice: User, mint_for: MintFor
) -> None:
    heard = {"model": "gpt-realtime-whisper", "prompt": "zebra crossing"}
    session = mint_for(
        alice, save_transcript=False, instructions="Mind the zebra.", transcription=heard
    ).session
    Written(session, save_transcript=False).write(*TURN)
    take_slot(session, connection_id="mine", server_id="here")
    assert finish(session.pk, "mine", EndReason.ADMIN_ENDED)
    ours = [apps.get_app_config(name) for name in ("conversations", "realtime", "review")]
    tables = [table for one in ours for table in one.get_models()]
    rows = " ".join(str(row) for table in tables for row in table._base_manager.values())
    assert session.public_id in rows
    assert not [word for word in ("zebra", "What is my name", "Your name") if word in rows]
    assert ResponseUsage.objects.get(session=session).first_audio_ms == 412
    session.refresh_from_db()
    assert session.config["audio"]["input"]["transcription"] == {"model": "gpt-realtime-whisper"}
