"""`POST /api/voice/realtime-session`: the shape of its answer, and every way it refuses."""

from __future__ import annotations

import datetime as dt
import re
import time
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from accounts.models import User
from conversations.actions import create_conversation
from conversations.models import Conversation
from realtime.client_secrets import digest
from realtime.models import ClientSecret, RealtimeModel, RealtimeSession, SessionState
from tests.realtime.conftest import ApiClient

pytestmark = pytest.mark.django_db
MINT = "/api/voice/realtime-session"


def test_the_answer_has_exactly_the_shape_of_the_contract(alice: User, api: ApiClient) -> None:
    response = api(alice).post(MINT, {}, format="json")
    assert response.status_code == 200
    body = response.json()
    assert set(body) == {
        "url",
        "model",
        "api_key",
        "session_id",
        "expires_at",
        "conversation_id",
        "voice_config",
    }
    assert body["url"] == "ws://testserver/v1/realtime"
    assert body["model"] == "gpt-realtime-2.1"
    assert re.fullmatch(rf"rtc_{alice.pk}_[0-9a-f]{{32}}", body["session_id"])
    assert isinstance(body["expires_at"], int)
    assert 290 <= body["expires_at"] - time.time() <= 301
    assert body["voice_config"] == {
        "voice": "marin",
        "modalities": ["text", "audio"],
        "input_audio_format": "pcm16",
        "output_audio_format": "pcm16",
        "input_audio_transcription": {"model": "gpt-realtime-whisper"},
        "turn_detection": {
            "type": "server_vad",
            "threshold": 0.5,
            "prefix_padding_ms": 300,
            "silence_duration_ms": 500,
        },
    }


def test_the_secret_is_an_rfc_token_of_at_least_192_bits_and_stored_hashed(
    alice: User, api: ApiClient
) -> None:
    secret = api(alice).post(MINT, {}, format="json").json()["api_key"]
    assert re.fullmatch(r"ek_[A-Za-z0-9_-]{32,}", secret)
    stored = ClientSecret.objects.get()
    assert stored.digest == digest(secret)
    assert secret not in str(stored.__dict__)


def test_a_new_conversation_stays_hidden(alice: User, api: ApiClient) -> None:
    body = api(alice).post(MINT, {}, format="json").json()
    conversation = Conversation.objects.get(pk=body["conversation_id"])
    assert conversation.owner == alice
    assert conversation.hidden


def test_an_existing_conversation_is_continued(alice: User, api: ApiClient) -> None:
    mine = create_conversation(alice)
    body = api(alice).post(MINT, {"conversation_id": str(mine.pk)}, format="json").json()
    assert body["conversation_id"] == str(mine.pk)


@pytest.mark.parametrize("foreign", ["another user's", "unknown", "no id"])
def test_a_conversation_that_is_not_ones_own_is_not_found(
    alice: User, bob: User, api: ApiClient, foreign: str
) -> None:
    ids = {
        "another user's": str(create_conversation(bob).pk),
        "unknown": "5c2f6f0e-7f0e-4b49-9b8a-000000000000",
        "no id": "'; --",
    }
    response = api(alice).post(MINT, {"conversation_id": ids[foreign]}, format="json")
    assert response.status_code == 404
    assert response.json()["code"] == "conversation_not_found"
    assert not RealtimeSession.objects.exists()


def test_every_wish_is_kept(alice: User, api: ApiClient) -> None:
    wishes = {
        "voice": "cedar",
        "language": "de",
        "instructions": "Be brief.",
        "speed": 1.25,
        "modalities": ["text"],
        "turn_detection": None,
        "input_audio_transcription": {"model": "gpt-4o-mini-transcribe"},
        "greeting": True,
        "save_transcript": False,
        "transport": "webrtc",
    }
    body = api(alice).post(MINT, wishes, format="json").json()
    assert body["voice_config"]["voice"] == "cedar"
    assert body["voice_config"]["modalities"] == ["text"]
    assert body["voice_config"]["turn_detection"] is None
    assert body["voice_config"]["input_audio_transcription"] == {
        "model": "gpt-4o-mini-transcribe",
        "language": "de",
    }
    session = RealtimeSession.objects.get(public_id=body["session_id"])
    assert session.config["instructions"] == "Be brief."
    assert session.config["audio"]["output"]["speed"] == 1.25
    assert session.config["output_modalities"] == ["text"]
    assert (session.greeting, session.save_transcript) == (True, False)
    assert (session.transport, session.language) == ("webrtc", "de")
    assert session.state == SessionState.MINTED


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("voice", "hal"),
        ("language", "the queen's"),
        ("speed", 0.1),
        ("speed", 1.6),
        ("modalities", []),
        ("modalities", ["video"]),
        ("turn_detection", {"type": "psychic"}),
        ("turn_detection", {"type": "server_vad", "threshold": 2}),
        ("turn_detection", {"type": "semantic_vad", "silence_duration_ms": 500}),
        ("input_audio_transcription", {"language": "x"}),
        ("greeting", "perhaps"),
        ("save_transcript", 7),
        ("transport", "pigeon"),
        ("instructions", "x" * 65_537),
    ],
)
def test_a_bad_wish_is_refused_and_creates_nothing(
    alice: User, api: ApiClient, field: str, value: Any
) -> None:
    response = api(alice).post(MINT, {field: value}, format="json")
    assert response.status_code == 400
    assert field in response.json()["errors"]
    assert not RealtimeSession.objects.exists()


def test_transcription_is_told_the_language_without_its_region(alice: User, api: ApiClient) -> None:
    response = api(alice).post(MINT, {"language": "de-AT"}, format="json")
    assert response.json()["voice_config"]["input_audio_transcription"]["language"] == "de"
    assert RealtimeSession.objects.get().language == "de-AT"


def test_an_unknown_voice_is_told_the_allowed_ones(alice: User, api: ApiClient) -> None:
    response = api(alice).post(MINT, {"voice": "hal"}, format="json")
    for voice in ("marin", "cedar", "alloy", "verse"):
        assert voice in response.json()["detail"]


def test_nobody_mints_without_signing_in() -> None:
    assert APIClient().post(MINT, {}, format="json").status_code == 401


def test_voice_switched_off_is_503(alice: User, api: ApiClient, settings: Settings) -> None:
    settings.REALTIME_ENABLED = False
    response = api(alice).post(MINT, {}, format="json")
    assert (response.status_code, response.json()["code"]) == (503, "realtime_disabled")


def test_a_provider_without_a_key_is_503(alice: User, api: ApiClient, settings: Settings) -> None:
    settings.REALTIME_PROVIDER = "openai"
    response = api(alice).post(MINT, {}, format="json")
    assert (response.status_code, response.json()["code"]) == (503, "realtime_not_configured")


def test_a_retired_model_is_503_and_says_so(
    alice: User, api: ApiClient, settings: Settings
) -> None:
    settings.REALTIME_MODEL = "gpt-4o-mini-realtime-preview"
    response = api(alice).post(MINT, {}, format="json")
    assert (response.status_code, response.json()["code"]) == (503, "realtime_not_configured")
    assert "gpt-4o-mini-realtime-preview" in response.json()["detail"]
    assert "gpt-4o-mini-realtime-preview" in APIClient().get("/api/voice/status").json()["reason"]


def test_a_model_retires_on_the_day_an_admin_enters(
    alice: User, api: ApiClient, settings: Settings
) -> None:
    model = RealtimeModel.objects.get(name=settings.REALTIME_MODEL)
    model.retires_on = timezone.localdate() + dt.timedelta(days=1)
    model.save()
    assert api(alice).post(MINT, {}, format="json").status_code == 200
    model.retires_on = timezone.localdate()
    model.save()
    assert api(alice).post(MINT, {}, format="json").status_code == 503


def test_a_failed_creation_is_500_without_details(
    alice: User, api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("the disk said no")

    monkeypatch.setattr("realtime.client_secrets.issue", broken)
    response = api(alice).post(MINT, {}, format="json")
    assert response.status_code == 500
    assert response.json()["code"] == "internal_error"
    assert "disk" not in response.content.decode()
    assert not RealtimeSession.objects.exists()


def test_the_url_follows_the_public_address(
    alice: User, api: ApiClient, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://voice.example.org"
    body = api(alice).post(MINT, {}, format="json").json()
    assert body["url"] == "wss://voice.example.org/v1/realtime"


def test_the_providers_key_is_in_no_answer(alice: User, api: ApiClient, settings: Settings) -> None:
    settings.REALTIME_PROVIDER = "openai"
    settings.OPENAI_API_KEY = "sk-canary"
    for response in (
        api(alice).post(MINT, {}, format="json"),
        api(alice).get("/api/voice/status"),
        api(alice).get("/api/limits"),
        api(alice).post("/v1/realtime/client_secrets", {}, format="json"),
    ):
        assert response.status_code == 200
        assert "sk-canary" not in response.content.decode()


def test_status_tells_the_provider_and_the_model(settings: Settings) -> None:
    assert APIClient().get("/api/voice/status").json() == {
        "enabled": True,
        "provider": "embedded",
        "model": "gpt-realtime-2.1",
        "webrtc": {"available": True, "preferred": False},
    }


def test_limits_are_shown(settings: Settings) -> None:
    limits = APIClient().get("/api/limits").json()
    assert limits["sessions_per_user"] == settings.LIMIT_SESSIONS_PER_USER
    assert limits["frame_bytes"] == settings.LIMIT_FRAME_BYTES


def test_everybody_sees_only_their_own_sessions(alice: User, bob: User, api: ApiClient) -> None:
    session_id = api(alice).post(MINT, {}, format="json").json()["session_id"]
    assert [row["session_id"] for row in api(alice).get("/api/voice/sessions/").json()["results"]]
    assert api(bob).get("/api/voice/sessions/").json()["results"] == []
    mine = api(alice).get(f"/api/voice/sessions/{session_id}/")
    assert mine.json()["state"] == "minted"
    assert mine.json()["usage"]["input_audio_tokens"] == 0
    assert api(bob).get(f"/api/voice/sessions/{session_id}/").status_code == 404
    assert APIClient().get("/api/voice/sessions/").status_code == 401
