"""Records become items, usage and cost; writing one twice changes nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import transaction

from accounts.models import User
from conversations.actions import delete_conversation
from conversations.models import Item
from realtime.catalogue import PriceBook
from realtime.core.records import (
    ItemCompleted,
    ItemHeard,
    ItemKind,
    ItemOpened,
    ItemSource,
    ItemStatus,
    Record,
    ResponseRecorded,
    Role,
    TranscriptionRecorded,
)
from realtime.core.usage import TokenUsage
from realtime.group_commit import GroupCommit
from realtime.models import RealtimeSession, ResponseUsage
from realtime.store import SessionStore, StoredSession
from tests.realtime.conftest import MintFor

pytestmark = pytest.mark.django_db(transaction=True)

# The recorded usage of protocol §1.9, priced by hand below.
RECORDED = TokenUsage(
    input_text=43, input_audio=96, cached_audio=64, output_text=18, output_audio=43
)
TURN: tuple[Record, ...] = (
    ItemOpened("u1", Role.USER, ItemKind.MESSAGE, ItemSource.VOICE),
    ItemOpened("a1", Role.ASSISTANT, ItemKind.MESSAGE, ItemSource.VOICE, "u1"),
    ItemCompleted("u1", "What is my name?\u2028 ", ItemStatus.COMPLETED),
    ItemCompleted("a1", "Your name is Alice.", ItemStatus.INCOMPLETE),
    ItemHeard("a1", "Your name", 700),
    ResponseRecorded("r1", "cancelled", RECORDED, ("a1",), 412, interrupted=True),
)


class Written:
    """A session and the store under test."""

    def __init__(self, session: RealtimeSession, **changes: str | bool) -> None:
        self.session = session
        self.gone = 0
        assert session.conversation_id is not None
        row = {
            "pk": session.pk,
            "public_id": session.public_id,
            "conversation_id": session.conversation_id,
            "provider": "openai",
            "model": "gpt-realtime-2.1",
            "transcription_model": "gpt-realtime-whisper",
            "save_transcript": True,
        } | changes
        row_of = StoredSession(**row)  # type: ignore[arg-type]
        self.store = SessionStore(row_of, self._gone, commits=GroupCommit(1), prices=PriceBook())

    def _gone(self) -> None:
        self.gone += 1

    def write(self, *records: Record) -> None:
        with transaction.atomic():
            self.store._write(records)

    def items(self) -> list[Item]:
        return list(Item.objects.filter(session_id=self.session.public_id).order_by("position"))


@pytest.fixture
def written(alice: User, mint_for: MintFor) -> Written:
    return Written(mint_for(alice).session)


def test_a_turn_is_stored_in_order_and_byte_for_byte(written: Written) -> None:
    written.write(*TURN)
    user, assistant = written.items()
    assert (user.item_id, user.text, user.status) == (
        "u1",
        "What is my name?\u2028 ",
        "completed",
    )
    assert (assistant.text, assistant.heard_text, assistant.heard_ms) == (
        "Your name is Alice.",
        "Your name",
        700,
    )


def test_the_same_records_twice_change_nothing(written: Written) -> None:
    written.write(*TURN)
    before = list(RealtimeSession.objects.values())
    written.write(*TURN)
    assert list(RealtimeSession.objects.values()) == before
    assert ResponseUsage.objects.count() == 1
    assert len(written.items()) == 2


def test_a_batch_that_fails_leaves_nothing_behind(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("conversations.changes.mark_heard", broken)
    with pytest.raises(RuntimeError):
        written.write(*TURN)
    assert written.items() == []
    assert not ResponseUsage.objects.exists()


def test_usage_is_summed_and_priced_by_modality(written: Written) -> None:
    written.write(*TURN)
    usage = ResponseUsage.objects.get()
    # 43·4 + 32·32 + 64·0.40 + 18·24 + 43·64 millionths of a dollar
    assert usage.cost_usd == Decimal("0.0044056")
    assert usage.price_version == "gpt-realtime-2.1@2026-11-20"
    assert (usage.first_audio_ms, usage.is_interrupted) == (412, True)
    session = RealtimeSession.objects.get()
    assert (session.turns, session.interruptions) == (1, 1)
    assert (session.input_audio_tokens, session.cached_audio_tokens) == (96, 64)
    assert session.cost_usd == Decimal("0.0044056")


def test_transcription_by_the_minute_costs_without_counting_as_tokens(written: Written) -> None:
    written.write(TranscriptionRecorded("u1", None, 30.0))
    session = RealtimeSession.objects.get()
    assert session.cost_usd == Decimal("0.0085")
    assert (session.turns, session.input_audio_tokens) == (0, 0)


def test_the_embedded_provider_is_free(alice: User, mint_for: MintFor) -> None:
    written = Written(mint_for(alice).session, provider="embedded")
    written.write(*TURN)
    usage = ResponseUsage.objects.get()
    assert usage.cost_usd == 0
    assert usage.price_version == "embedded@2026-11-20"


def test_without_saving_only_cost_and_timing_are_kept(alice: User, mint_for: MintFor) -> None:
    written = Written(mint_for(alice).session, save_transcript=False)
    written.write(*TURN)
    assert written.items() == []
    assert ResponseUsage.objects.get().first_audio_ms == 412


def test_a_deleted_conversation_is_reported_and_usage_still_written(written: Written) -> None:
    conversation = written.session.conversation
    assert conversation is not None
    delete_conversation(conversation)
    written.write(*TURN)
    assert written.gone > 0
    assert ResponseUsage.objects.count() == 1


def test_a_text_session_that_speaks_after_all_becomes_a_voice_session(
    alice: User, mint_for: MintFor
) -> None:
    written = Written(mint_for(alice, is_text_only=True).session)
    written.write(ResponseRecorded("r0", "completed", TokenUsage(input_text=5)))
    assert RealtimeSession.objects.get().is_text_only
    written.write(ResponseRecorded("r1", "completed", RECORDED))
    assert not RealtimeSession.objects.get().is_text_only
