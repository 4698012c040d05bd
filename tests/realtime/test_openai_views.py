"""OpenAI's own REST addresses, first version: client secrets and models."""

from __future__ import annotations

import time
from typing import Any

import pytest
from openai.types.realtime import ClientSecretCreateResponse

from accounts.models import User
from realtime.models import RealtimeSession
from tests import people
from tests.realtime.conftest import ApiClient

pytestmark = pytest.mark.django_db
SECRETS = "/v1/realtime/client_secrets"


def test_an_empty_body_mints_with_the_defaults(dave: User, api: ApiClient) -> None:
    response = api(dave).post(SECRETS, {}, format="json")
    assert response.status_code == 200
    parsed = ClientSecretCreateResponse.model_validate(response.json())
    assert parsed.value.startswith("ek_")
    assert parsed.session.type == "realtime"
    assert response.json()["session"]["expires_at"] == 0
    session = RealtimeSession.objects.get()
    assert session.is_api_client
    assert response.json()["session"]["id"] == session.public_id


def test_the_session_asked_for_is_merged_over_the_defaults(dave: User, api: ApiClient) -> None:
    asked = {
        "type": "realtime",
        "model": "gpt-4o-realtime-preview",
        "output_modalities": ["text"],
        "instructions": "Answer in rhymes.",
        "audio": {"output": {"voice": "cedar"}},
    }
    body = {"session": asked, "expires_after": {"anchor": "created_at", "seconds": 60}}
    answer = api(dave).post(SECRETS, body, format="json").json()
    assert 55 <= answer["expires_at"] - time.time() <= 61
    session = answer["session"]
    assert session["model"] == "gpt-realtime-2.1"
    assert session["instructions"] == "Answer in rhymes."
    assert session["output_modalities"] == ["text"]
    assert session["audio"]["output"]["voice"] == "cedar"
    assert session["audio"]["input"]["turn_detection"]["type"] == "server_vad"


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"model": "gpt-realtime"}, "unknown_parameter", "model"),
        ({"session": {"type": "transcription"}}, "invalid_value", "session.type"),
        ({"session": []}, "invalid_value", "session"),
        (
            {"expires_after": {"anchor": "created_at", "seconds": 9}},
            "invalid_value",
            "expires_after.seconds",
        ),
        (
            {"expires_after": {"anchor": "created_at", "seconds": 7201}},
            "invalid_value",
            "expires_after.seconds",
        ),
        (
            {"expires_after": {"anchor": "yesterday", "seconds": 60}},
            "invalid_value",
            "expires_after.anchor",
        ),
    ],
)
def test_a_bad_body_is_refused_in_openais_shape(
    dave: User, api: ApiClient, body: dict[str, Any], code: str, param: str
) -> None:
    response = api(dave).post(SECRETS, body, format="json")
    assert response.status_code == 400
    error = response.json()["error"]
    assert (error["code"], error["param"]) == (code, param)
    assert error["type"] == "invalid_request_error"
    assert not RealtimeSession.objects.exists()


def test_nobody_mints_without_a_key() -> None:
    response = people.stranger().post(SECRETS, {}, format="json")
    assert response.status_code == 401
    assert set(response.json()["error"]) == {"message", "type", "code", "param"}


def test_models_lists_what_this_server_speaks_with(dave: User, api: ApiClient) -> None:
    answer = api(dave).get("/v1/models").json()
    assert answer["object"] == "list"
    assert [model["id"] for model in answer["data"]] == ["gpt-realtime-2.1"]
    assert people.stranger().get("/v1/models").status_code == 401


@pytest.mark.parametrize(
    ("session", "code", "param"),
    [
        ({"bogus": 1}, "unknown_parameter", "session.bogus"),
        ({"output_modalities": ["text", "audio"]}, "invalid_value", "session.output_modalities"),
        ({"max_output_tokens": 99_999}, "invalid_value", "session.max_output_tokens"),
        ({"tool_choice": "perhaps"}, "invalid_value", "session.tool_choice"),
        (
            {"audio": {"output": {"speed": 99}}},
            "invalid_value",
            "session.audio.output.speed",
        ),
        (
            {"audio": {"input": {"format": {"type": "audio/pcm", "rate": 16_000}}}},
            "invalid_value",
            "session.audio.input.format.rate",
        ),
        (
            {"audio": {"input": {"turn_detection": {"type": "psychic"}}}},
            "invalid_value",
            "session.audio.input.turn_detection.type",
        ),
    ],
)
def test_a_session_the_provider_would_refuse_is_refused_at_the_mint(
    dave: User, api: ApiClient, session: dict[str, Any], code: str, param: str
) -> None:
    body = {"session": {"type": "realtime", **session}}
    response = api(dave).post(SECRETS, body, format="json")
    assert response.status_code == 400
    error = response.json()["error"]
    assert (error["code"], error["param"]) == (code, param)
    assert not RealtimeSession.objects.exists()
