"""What a group's policy makes of the sessions of its people."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from pytest_django.fixtures import Settings

from accounts.models import Policy, User
from realtime import auth, opening
from realtime.core.dialect import Dialect
from realtime.core.errors import Forbidden, Unavailable
from realtime.models import RealtimeModel, RealtimeSession
from realtime.opening import Opening
from realtime.policies import effective_model, policy_for
from tests.realtime.conftest import ApiClient

pytestmark = pytest.mark.django_db
MINT = "/api/voice/realtime-session"
SECRETS = "/v1/realtime/client_secrets"


def held_to(user: User, **rules: Any) -> None:
    """Put the user into a group with this policy."""
    group = Group.objects.create(name="interns")
    user.groups.add(group)
    Policy.objects.create(group=group, **rules)


def enable(*names: str) -> None:
    assert RealtimeModel.objects.filter(name__in=names).update(enabled=True) == len(names)


def opened(user: User, session: RealtimeSession | None = None, model: str | None = None) -> Opening:
    return opening.take(
        auth.Caller(user, session),
        conversation_id=None,
        dialect=Dialect.GA,
        private_events=False,
        replaces_lost=False,
        server_id="here",
        heartbeats_trusted=True,
        model=model,
    )


def test_without_a_row_of_their_own_people_have_the_servers_settings(
    alice: User, settings: Settings
) -> None:
    settings.LIMIT_TOOLS, settings.LIMIT_INSTRUCTIONS_BYTES = 5, 1000
    policy = policy_for(alice)
    assert (policy.max_tools, policy.max_instructions_bytes) == (5, 1000)
    assert policy.models == ("gpt-realtime-2.1",)
    assert {"marin", "cedar"} <= policy.voices
    assert policy.output_modalities == {"audio", "text"}
    assert policy.max_output_tokens is None
    assert not policy.allow_mcp
    assert policy.transcription_model == "gpt-realtime-whisper"
    assert "gpt-4o-mini-transcribe" in policy.transcription_models


def test_a_row_replaces_what_it_names_and_nothing_else(alice: User, bob: User) -> None:
    held_to(alice, voices=["cedar"], max_tools=0, max_output_tokens=200, allow_mcp=True)
    policy = policy_for(alice)
    assert (policy.voices, policy.default_voice) == (frozenset({"cedar"}), "cedar")
    assert (policy.max_tools, policy.max_output_tokens, policy.allow_mcp) == (0, 200, True)
    assert policy.max_instructions_bytes == 65_536
    assert policy_for(bob).max_tools == 128


def test_the_first_model_of_a_row_is_the_default_of_its_people(alice: User) -> None:
    enable("gpt-realtime-2.1-mini", "gpt-realtime-2")
    held_to(alice, models=["gpt-realtime-2.1-mini", "gpt-realtime-2", "gpt-realtime-1.5"])
    policy = policy_for(alice)
    assert policy.models == ("gpt-realtime-2.1-mini", "gpt-realtime-2")
    assert effective_model(policy) == "gpt-realtime-2.1-mini"
    assert effective_model(policy, "gpt-realtime-2") == "gpt-realtime-2"
    for refused in ("gpt-realtime-2.1", "gpt-realtime-1.5", "gpt-9", ["gpt-realtime-2"], None):
        assert effective_model(policy, refused) == "gpt-realtime-2.1-mini"
    assert "gpt-transcribe" in policy.transcription_models


def test_transcription_models_are_limited_where_one_is_named(alice: User) -> None:
    held_to(alice, models=["gpt-transcribe", "whisper-1"])
    policy = policy_for(alice)
    assert policy.transcription_models == {"gpt-transcribe", "whisper-1"}
    assert policy.transcription_model == "gpt-transcribe"
    assert policy.models == ("gpt-realtime-2.1",)
    RealtimeModel.objects.filter(kind="transcription").update(enabled=False)
    assert policy_for(alice).transcription_models == {"gpt-realtime-whisper"}


def test_people_whose_models_are_all_away_get_no_session(alice: User, api: ApiClient) -> None:
    held_to(alice, models=["gpt-realtime-1.5"])
    with pytest.raises(Unavailable):
        effective_model(policy_for(alice))
    answer = api(alice).post(MINT, {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (503, "realtime_not_configured")


def test_the_defaults_of_a_mint_keep_to_policy(alice: User, api: ApiClient) -> None:
    held_to(
        alice,
        voices=["cedar"],
        output_modalities=["text"],
        max_output_tokens=200,
        models=["gpt-transcribe"],
    )
    shown = api(alice).post(MINT, {}, format="json").json()["voice_config"]
    assert (shown["voice"], shown["modalities"]) == ("cedar", ["text"])
    assert shown["input_audio_transcription"]["model"] == "gpt-transcribe"
    assert RealtimeSession.objects.get().is_text_only
    session = api(alice).post(SECRETS, {}, format="json").json()["session"]
    assert session["output_modalities"] == ["text"]
    assert session["max_output_tokens"] == 200
    assert session["audio"]["output"]["voice"] == "cedar"
    setup = opened(alice).setup
    assert setup.config["audio"]["output"]["voice"] == "cedar"
    assert setup.policy.max_output_tokens == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [("voice", "marin"), ("instructions", "x" * 11), ("modalities", ["text", "audio"])],
)
def test_a_mint_refuses_what_policy_forbids(
    alice: User, api: ApiClient, field: str, value: Any
) -> None:
    held_to(alice, voices=["cedar"], max_instructions_bytes=10, output_modalities=["text"])
    answer = api(alice).post(MINT, {field: value}, format="json")
    assert answer.status_code == 400
    assert field in str(answer.json()["errors"])
    assert not RealtimeSession.objects.exists()


@pytest.mark.parametrize(
    ("session", "param"),
    [
        ({"max_output_tokens": 201}, "session.max_output_tokens"),
        ({"max_output_tokens": "inf"}, "session.max_output_tokens"),
        ({"tools": [{"type": "mcp"}]}, "session.tools[0].type"),
        ({"tool_choice": {"type": "mcp", "server_label": "x"}}, "session.tool_choice.type"),
        ({"audio": {"output": {"voice": "marin"}}}, "session.audio.output.voice"),
        ({"output_modalities": ["audio"]}, "session.output_modalities"),
        ({"prompt": {"id": "pmpt_1"}}, "session.prompt"),
    ],
)
def test_client_secrets_refuses_what_policy_forbids(
    dave: User, api: ApiClient, session: dict[str, Any], param: str
) -> None:
    held_to(dave, voices=["cedar"], output_modalities=["text"], max_output_tokens=200)
    body = {"session": {"type": "realtime", **session}}
    answer = api(dave).post(SECRETS, body, format="json")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert not RealtimeSession.objects.exists()


def test_models_lists_what_the_caller_may_use(dave: User, bob: User, api: ApiClient) -> None:
    enable("gpt-realtime-2", "gpt-realtime")
    held_to(dave, models=["gpt-realtime"])
    his = api(dave).get("/v1/models").json()["data"]
    assert [(model["id"], model["shutdown_date"]) for model in his] == [
        ("gpt-realtime", "2027-01-20")
    ]
    assert api(dave).get("/v1/models/gpt-realtime-2").status_code == 404
    others = [model["id"] for model in api(bob).get("/v1/models").json()["data"]]
    assert others == ["gpt-realtime-2.1", "gpt-realtime", "gpt-realtime-2"]


def test_a_model_asked_for_at_the_socket_is_obeyed_where_policy_allows(alice: User) -> None:
    enable("gpt-realtime-2")
    for asked, effective in (
        ("gpt-realtime-2", "gpt-realtime-2"),
        ("gpt-realtime-1.5", "gpt-realtime-2.1"),
        ("gpt-4o-realtime-preview", "gpt-realtime-2.1"),
        (None, "gpt-realtime-2.1"),
    ):
        taken = opened(alice, model=asked)
        assert (taken.setup.model, taken.row.model, taken.target.model) == (effective,) * 3
        RealtimeSession.objects.all().delete()


def test_a_secret_of_a_named_model_opens_that_one(dave: User, api: ApiClient) -> None:
    enable("gpt-realtime-2", "gpt-realtime-2.1-mini")
    body = {"session": {"type": "realtime", "model": "gpt-realtime-2.1-mini"}}
    answer = api(dave).post(SECRETS, body, format="json").json()
    assert answer["session"]["model"] == "gpt-realtime-2.1-mini"
    named = RealtimeSession.objects.get()
    assert opened(dave, named, model="gpt-realtime-2").setup.model == "gpt-realtime-2.1-mini"
    api(dave).post(SECRETS, {}, format="json")
    plain = RealtimeSession.objects.exclude(pk=named.pk).get()
    assert opened(dave, plain, model="gpt-realtime-2").setup.model == "gpt-realtime-2"
    plain.refresh_from_db()
    assert plain.model == "gpt-realtime-2"


def test_a_session_opens_as_the_policy_of_that_moment_lets_it(dave: User, api: ApiClient) -> None:
    enable("gpt-realtime-2")
    body = {
        "session": {
            "type": "realtime",
            "model": "gpt-realtime-2",
            "tools": [{"type": "function", "name": "f"}],
        }
    }
    api(dave).post(SECRETS, body, format="json")
    session = RealtimeSession.objects.get()
    held_to(dave, models=["gpt-realtime-2.1"])
    assert opened(dave, session).setup.model == "gpt-realtime-2.1"
    Policy.objects.update(max_tools=0)
    session.refresh_from_db()
    with pytest.raises(Forbidden) as caught:
        opened(dave, session)
    assert caught.value.param == "session.tools"


def test_who_may_read_the_servers_instructions(alice: User, bob: User) -> None:
    held_to(alice, may_read_server_instructions=True)
    assert not opened(alice).setup.server_instructions_hidden
    assert opened(bob).setup.server_instructions_hidden
