"""OpenAI's own REST addresses, in the shapes that its SDKs and recordings show."""

from __future__ import annotations

import time
from typing import Any

import pytest
import yaml
from openai.types import Model
from openai.types.realtime import ClientSecretCreateResponse
from pytest_django.fixtures import Settings

from accounts.models import User
from realtime.models import RealtimeSession
from tests import people
from tests.fakes.recordings import SHARED_DIR
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


def paths_of(value: Any, path: str = "") -> set[str]:
    """Every key of a JSON value by its path; what is in arrays aside."""
    if not isinstance(value, dict):
        return {path}
    found = {path}
    for key, inner in value.items():
        found |= paths_of(inner, f"{path}.{key}")
    return found


def test_the_answer_has_every_key_of_the_recorded_one_with_its_effective_value(
    dave: User, api: ApiClient
) -> None:
    path = SHARED_DIR / "recordings" / "test_webrtc__test_create_client_secret.yaml"
    (exchange,) = yaml.safe_load(path.read_text("utf-8"))["interactions"]
    asked, recorded = exchange["request"]["parsed_body"], exchange["response"]["parsed_body"]
    answer = api(dave).post(SECRETS, asked, format="json").json()
    ClientSecretCreateResponse.model_validate(answer)
    assert paths_of(answer) == paths_of(recorded)
    ours, theirs = answer["session"], recorded["session"]
    for name in ("model", "id"):
        del ours[name], theirs[name]
    # The one default that differs from model to model.
    assert ours["audio"]["input"]["turn_detection"].pop("silence_duration_ms") == 500
    del theirs["audio"]["input"]["turn_detection"]["silence_duration_ms"]
    assert ours == theirs


def test_no_body_at_all_mints_with_the_defaults(dave: User, api: ApiClient) -> None:
    response = api(dave).post(SECRETS)
    assert response.status_code == 200, response.json()
    audio = response.json()["session"]["audio"]
    assert audio["output"] == {
        "format": {"type": "audio/pcm", "rate": 24000},
        "voice": "marin",
        "speed": 1.0,
    }


def test_headers_of_openais_own_change_nothing(dave: User, api: ApiClient) -> None:
    response = api(dave).post(
        SECRETS,
        {"session": None},
        format="json",
        headers={
            "OpenAI-Organization": "org-1",
            "OpenAI-Project": "proj-1",
            "OpenAI-Safety-Identifier": "hashed",
            "OpenAI-Beta": "realtime=v1",
        },
    )
    assert response.status_code == 200
    ClientSecretCreateResponse.model_validate(response.json())


def test_what_was_shown_may_be_sent_back(dave: User, api: ApiClient) -> None:
    client = api(dave)
    shown = client.post(SECRETS, {}, format="json").json()["session"]
    again = client.post(SECRETS, {"session": shown}, format="json")
    assert again.status_code == 200, again.json()
    assert again.json()["session"] == {**shown, "id": again.json()["session"]["id"]}
    assert "object" not in RealtimeSession.objects.latest("pk").config


def test_what_is_switched_off_is_shown_as_null(dave: User, api: ApiClient) -> None:
    off = {"turn_detection": None, "transcription": None, "noise_reduction": None}
    asked = {"type": "realtime", "audio": {"input": off}}
    shown = api(dave).post(SECRETS, {"session": asked}, format="json").json()["session"]
    assert off.items() <= shown["audio"]["input"].items()


def test_semantic_turn_detection_is_shown_with_its_own_defaults(dave: User, api: ApiClient) -> None:
    asked = {"type": "realtime", "audio": {"input": {"turn_detection": {"type": "semantic_vad"}}}}
    shown = api(dave).post(SECRETS, {"session": asked}, format="json").json()["session"]
    assert shown["audio"]["input"]["turn_detection"] == {
        "type": "semantic_vad",
        "eagerness": "auto",
        "create_response": True,
        "interrupt_response": True,
    }


def test_a_session_that_only_listens_is_minted_in_its_own_shape(dave: User, api: ApiClient) -> None:
    audio = {"input": {"transcription": {"model": "gpt-transcribe", "language": "de"}}}
    body = {"session": {"type": "transcription", "audio": audio}}
    answer = api(dave).post(SECRETS, body, format="json").json()
    parsed = ClientSecretCreateResponse.model_validate(answer)
    assert parsed.session.type == "transcription"
    assert answer["session"] == {
        "type": "transcription",
        "object": "realtime.transcription_session",
        "id": parsed.session.id,
        "expires_at": 0,
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "transcription": {"model": "gpt-transcribe", "language": "de", "prompt": None},
                "noise_reduction": None,
                "turn_detection": answer["session"]["audio"]["input"]["turn_detection"],
            }
        },
        "include": None,
    }
    assert answer["session"]["audio"]["input"]["turn_detection"]["type"] == "server_vad"
    session = RealtimeSession.objects.get()
    assert (session.model, session.voice) == ("gpt-transcribe", "")


def test_a_model_that_refuses_turn_detection_gets_none(
    dave: User, api: ApiClient, settings: Settings
) -> None:
    settings.REALTIME_PROVIDER, settings.OPENAI_API_KEY = "openai", "sk-test"
    body = {"session": {"type": "transcription"}}
    audio_input = api(dave).post(SECRETS, body, format="json").json()["session"]["audio"]["input"]
    assert audio_input["transcription"]["model"] == "gpt-realtime-whisper"
    assert audio_input["turn_detection"] is None


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
        ({"session": {}}, "missing_required_parameter", "session.type"),
        ({"session": {"type": None}}, "missing_required_parameter", "session.type"),
        ({"session": {"type": "opera"}}, "invalid_value", "session.type"),
        ({"session": []}, "invalid_type", "session"),
        (
            {"session": {"type": "transcription", "instructions": "Hi."}},
            "unknown_parameter",
            "session.instructions",
        ),
        ({"expires_after": 60}, "invalid_type", "expires_after"),
        ({"expires_after": {"seconds": True}}, "invalid_type", "expires_after.seconds"),
        ({"expires_after": {"seconds": "60"}}, "invalid_type", "expires_after.seconds"),
        (
            {"expires_after": {"anchor": "created_at", "minutes": 1}},
            "unknown_parameter",
            "expires_after.minutes",
        ),
        (
            {"expires_after": {"anchor": "created_at", "seconds": 9}},
            "integer_below_min_value",
            "expires_after.seconds",
        ),
        (
            {"expires_after": {"anchor": "created_at", "seconds": 7201}},
            "integer_above_max_value",
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


def session_with(value: str) -> str:
    return f'{{"session": {{"type": "realtime", "tracing": {{"metadata": {{"x": {value}}}}}}}}}'


@pytest.mark.parametrize(
    "value", [r'"\ud800"', r'"\u0000"', r'"\\\u0000"', "1e999", f"{10**20}", "[" * 300 + "]" * 300]
)
def test_what_could_be_read_but_not_written_again_is_refused(
    dave: User, api: ApiClient, value: str
) -> None:
    response = api(dave).post(SECRETS, session_with(value), content_type="application/json")
    assert response.status_code == 400, response.content
    assert response.json()["error"]["code"] == "invalid_value"
    assert not RealtimeSession.objects.exists()


def test_a_backslash_before_the_letters_of_a_null_character_is_text(
    dave: User, api: ApiClient
) -> None:
    body = session_with(r'"\\u0000"')
    assert api(dave).post(SECRETS, body, content_type="application/json").status_code == 200


@pytest.mark.parametrize("body", ["[]", "7", "null", '"{}"', "{", "{'session': 1}"])
def test_a_body_that_is_no_json_object_is_refused_in_openais_shape(
    dave: User, api: ApiClient, body: str
) -> None:
    response = api(dave).post(SECRETS, body, content_type="application/json")
    assert response.status_code == 400
    assert set(response.json()["error"]) == {"message", "type", "code", "param"}


def test_translation_is_not_offered_and_says_so(dave: User, api: ApiClient) -> None:
    response = api(dave).post("/v1/realtime/translations/client_secrets", {}, format="json")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "translation_not_offered"


def test_nobody_mints_without_a_key() -> None:
    response = people.stranger().post(SECRETS, {}, format="json")
    assert response.status_code == 401
    assert set(response.json()["error"]) == {"message", "type", "code", "param"}


def test_models_lists_what_this_server_speaks_with(dave: User, api: ApiClient) -> None:
    answer = api(dave).get("/v1/models").json()
    assert answer["object"] == "list"
    assert [model["id"] for model in answer["data"]] == ["gpt-realtime-2.1"]
    Model.model_validate(answer["data"][0], strict=True)
    assert people.stranger().get("/v1/models").status_code == 401


def test_one_model_is_shown_by_its_name(dave: User, api: ApiClient) -> None:
    client = api(dave)
    (listed,) = client.get("/v1/models").json()["data"]
    assert client.get("/v1/models/gpt-realtime-2.1").json() == listed
    missing = client.get("/v1/models/gpt-4o-realtime-preview")
    assert missing.status_code == 404
    error = missing.json()["error"]
    assert (error["code"], error["param"]) == ("model_not_found", "model")
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("session", "code", "param"),
    [
        ({"bogus": 1}, "unknown_parameter", "session.bogus"),
        ({"model": 5}, "invalid_type", "session.model"),
        ({"output_modalities": ["text", "audio"]}, "invalid_value", "session.output_modalities"),
        ({"max_output_tokens": 99_999}, "integer_above_max_value", "session.max_output_tokens"),
        ({"tool_choice": "perhaps"}, "invalid_value", "session.tool_choice"),
        (
            {"audio": {"output": {"speed": 99}}},
            "decimal_above_max_value",
            "session.audio.output.speed",
        ),
        (
            {"audio": {"input": {"format": {"type": "audio/pcm", "rate": 16_000}}}},
            "integer_below_min_value",
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
