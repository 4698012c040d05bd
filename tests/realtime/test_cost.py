"""Recorded calls, run from the provider's frames to the rows: they cost what they cost by hand."""

from __future__ import annotations

import asyncio
import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.models import User
from realtime.catalogue import PriceBook
from realtime.core.session import Session
from realtime.group_commit import GroupCommit
from realtime.models import ModelPrice, RealtimeModel, RealtimeSession, ResponseUsage
from realtime.runtime.runner import SessionRunner
from realtime.store import SessionStore, StoredSession
from tests.fakes.client import RecordingClient
from tests.fakes.events import Event
from tests.fakes.recordings import read_recording, websocket_recordings
from tests.fakes.runs import TARGET
from tests.fakes.sessions import make_setup
from tests.fakes.store import RecordingObserver
from tests.fakes.upstream import Expect, ScriptedProvider, ScriptedUpstream, emit
from tests.realtime.conftest import MintFor

pytestmark = pytest.mark.django_db(transaction=True)

RECORDINGS = {path.stem.split("__")[1]: path for path in websocket_recordings()}
DAY = dt.date(2026, 1, 1)

# US dollars per million tokens; no two alike, so that no modality can stand in for another.
SPEECH = {
    "text_input": "4.1",
    "text_cached": "0.43",
    "text_output": "16.7",
    "audio_input": "32.9",
    "audio_cached": "0.47",
    "audio_output": "64.3",
    "image_input": "5.3",
    "image_cached": "0.59",
}
MINUTE = "0.017"

# By hand from the recordings' usage, in millionths of a dollar, in order.
BY_HAND = {
    # transcription of 3 s: 3/60 min · $0.017 = $0.00085
    # 14 text in · 4.1 + 27 audio in · 32.9 + 28 text out · 16.7 + 136 audio out · 64.3
    #   = 57.4 + 888.3 + 467.6 + 8744.8
    "test_audio_in_server_vad_turn": ["850", "10158.1"],
    # 16 · 4.1 + 9 · 16.7 + 15 · 64.3 = 65.6 + 150.3 + 964.5
    "test_text_in_audio_out_turn": ["1180.4"],
    # 63 · 4.1 + 22 · 16.7 = 258.3 + 367.4
    # (103 - 64) · 4.1 + 64 cached · 0.43 + 13 · 16.7 = 159.9 + 27.52 + 217.1
    "test_tool_call_round": ["625.7", "404.52"],
    # 12 · 4.1 + 9 · 16.7 + 61 · 64.3 = 49.2 + 150.3 + 3922.3
    "test_webrtc_sideband_audio_turn": ["4121.8"],
}


@pytest.fixture(autouse=True)
def _price_table() -> None:
    dated = {"source": "this test", "as_of": DAY, "valid_from": DAY}
    ModelPrice.objects.all().delete()
    speech = RealtimeModel.objects.get(name="gpt-realtime")
    ModelPrice.objects.create(
        model=speech, **dated, **{name: Decimal(usd) for name, usd in SPEECH.items()}
    )
    hearing = RealtimeModel.objects.get(name="gpt-realtime-whisper")
    ModelPrice.objects.create(model=hearing, **dated, audio_minute=Decimal(MINUTE))


def received(path: Path) -> list[Event]:
    return [message.event for message in read_recording(path) if not message.sent]


def provider_of(path: Path) -> ScriptedUpstream:
    """Sends all that the provider sent; what the recorded client said is not said again."""
    set_up = {event["type"]: event for event in received(RECORDINGS["test_tool_call_round"])}
    said = [event for event in received(path) if not event["type"].startswith("session.")]
    return ScriptedUpstream(
        [
            emit(set_up["session.created"]),
            Expect("session.update"),
            emit(set_up["session.updated"], *said),
        ]
    )


async def run(path: Path, session: RealtimeSession) -> None:
    """The call, as the server holds it, with the real store behind it."""
    assert session.conversation_id is not None
    stored = StoredSession(
        pk=session.pk,
        public_id=session.public_id,
        conversation_id=session.conversation_id,
        provider="openai",
        model="gpt-realtime",
        transcription_model="whisper-1",  # as minted; the provider shows another
        save_transcript=True,
    )
    clock = asyncio.get_running_loop().time
    client = RecordingClient()
    runner = SessionRunner(
        Session(make_setup(session_id=session.public_id), clock()),
        ScriptedProvider([provider_of(path)]),
        TARGET,
        SessionStore(stored, lambda: None, commits=GroupCommit(1), prices=PriceBook()),
        client,
        RecordingObserver(),
        clock,
    )
    runner.start()
    done = [event["type"] for event in received(path)].count("response.done")
    await client.wait_for("response.done", times=done)
    runner.client_closed(1000)
    await runner.wait_closed()


def test_every_recording_of_a_socket_is_priced() -> None:
    assert set(BY_HAND) == set(RECORDINGS)


@pytest.mark.parametrize("name", sorted(BY_HAND))
def test_a_recorded_call_costs_what_it_costs_by_hand(
    name: str, alice: User, mint_for: MintFor
) -> None:
    session = mint_for(alice).session
    asyncio.run(run(RECORDINGS[name], session))
    by_hand = [Decimal(micros) / 1_000_000 for micros in BY_HAND[name]]
    usages = list(ResponseUsage.objects.filter(session=session).order_by("pk"))
    assert [usage.cost_usd for usage in usages] == by_hand
    session.refresh_from_db()
    assert session.cost_usd == sum(by_hand)
    versions = {usage.price_version for usage in usages if usage.kind == "response"}
    assert versions == {"gpt-realtime@2026-01-01"}
    transcriptions = [usage for usage in usages if usage.kind == "transcription"]
    assert {usage.price_version for usage in transcriptions} <= {"gpt-realtime-whisper@2026-01-01"}
