"""The beta's REST addresses: flat in, flat out, GA behind."""

from __future__ import annotations

import time
from typing import Any

import pytest
from openai.types.beta.realtime import SessionCreateResponse, TranscriptionSession

from accounts.models import User
from realtime.models import RealtimeSession
from tests.realtime.conftest import ApiClient

pytestmark = pytest.mark.django_db
SESSIONS = "/v1/realtime/sessions"
TRANSCRIPTIONS = "/v1/realtime/transcription_sessions"


def test_a_flat_session_is_minted_and_shown_flat(dave: User, api: ApiClient) -> None:
    asked = {
        "model": "gpt-4o-realtime-preview",
        "voice": "cedar",
        "modalities": ["text", "audio"],
        "input_audio_format": "g711_ulaw",
        "output_audio_format": "pcm16",
        "input_audio_transcription": {"model": "whisper-1"},
        "turn_detection": {"type": "server_vad", "threshold": 0.6},
        "temperature": 0.7,
        "max_response_output_tokens": 200,
        "instructions": "Be brief.",
        "client_secret": {"expires_after": {"anchor": "created_at", "seconds": 60}},
    }
    response = api(dave).post(SESSIONS, asked, format="json")
    assert response.status_code == 200, response.json()
    answer = response.json()
    parsed = SessionCreateResponse.model_validate(answer, strict=True)
    assert parsed.client_secret.value.startswith("ek_")
    assert 55 <= parsed.client_secret.expires_at - time.time() <= 61
    expected = {name: value for name, value in asked.items() if name != "client_secret"}
    expected["model"] = "gpt-realtime-2.1"
    expected["input_audio_transcription"] = {
        "model": "whisper-1",
        "language": None,
        "prompt": None,
    }
    expected["turn_detection"] = answer["turn_detection"]
    assert expected.items() <= answer.items()
    assert answer["turn_detection"]["threshold"] == 0.6
    assert answer["object"] == "realtime.session"
    session = RealtimeSession.objects.get()
    assert answer["id"] == session.public_id
    assert session.config["type"] == "realtime"
    assert session.config["audio"]["input"]["format"] == {"type": "audio/pcmu"}
    assert session.config["max_output_tokens"] == 200
    assert "temperature" not in session.config


def test_an_empty_body_gives_the_defaults(dave: User, api: ApiClient) -> None:
    answer = api(dave).post(SESSIONS, {}, format="json").json()
    SessionCreateResponse.model_validate(answer, strict=True)
    assert answer["modalities"] == ["text", "audio"]
    assert (answer["voice"], answer["temperature"]) == ("marin", 0.8)
    assert answer["input_audio_format"] == answer["output_audio_format"] == "pcm16"


@pytest.mark.parametrize(
    ("path", "body", "code", "param"),
    [
        (SESSIONS, {"session": {}}, "unknown_parameter", "session"),
        (SESSIONS, {"audio": {}}, "unknown_parameter", "audio"),
        (SESSIONS, {"input_audio_format": "mp3"}, "invalid_value", "input_audio_format"),
        (SESSIONS, {"modalities": ["video"]}, "invalid_value", "modalities"),
        (SESSIONS, {"voice": "nobody"}, "invalid_value", "voice"),
        (SESSIONS, {"speed": 9}, "decimal_above_max_value", "speed"),
        (SESSIONS, {"client_secret": 1}, "invalid_type", "client_secret"),
        (
            SESSIONS,
            {"client_secret": {"expires_after": {"anchor": "created_at", "seconds": 5}}},
            "integer_below_min_value",
            "client_secret.expires_after.seconds",
        ),
        (TRANSCRIPTIONS, {"voice": "marin"}, "unknown_parameter", "voice"),
        (TRANSCRIPTIONS, [], "invalid_type", None),
    ],
)
def test_a_refusal_names_the_field_as_it_was_sent(
    dave: User, api: ApiClient, path: str, body: Any, code: str, param: str | None
) -> None:
    response = api(dave).post(path, body, format="json")
    assert response.status_code == 400
    error = response.json()["error"]
    assert (error["code"], error["param"]) == (code, param)
    assert "session." not in error["message"]
    assert not RealtimeSession.objects.exists()


def test_a_transcription_session_is_minted_and_shown_flat(dave: User, api: ApiClient) -> None:
    asked = {
        "input_audio_format": "pcm16",
        "input_audio_transcription": {"model": "gpt-4o-transcribe", "language": "en"},
        "turn_detection": {"type": "server_vad", "silence_duration_ms": 300},
        "modalities": ["text"],
        "client_secret": {"expires_at": {"anchor": "created_at", "seconds": 30}},
    }
    response = api(dave).post(TRANSCRIPTIONS, asked, format="json")
    assert response.status_code == 200, response.json()
    answer = response.json()
    parsed = TranscriptionSession.model_validate(answer)
    assert parsed.client_secret.expires_at - time.time() <= 31
    assert answer["object"] == "realtime.transcription_session"
    assert answer["turn_detection"]["silence_duration_ms"] == 300
    assert RealtimeSession.objects.get().config["type"] == "transcription"
