"""Where a model is spoken with, which key goes there, and what an administrator is warned of."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from accounts.models import Policy, User
from realtime import catalogue, checks, provider_health
from realtime.core.errors import Unavailable, UpstreamFailed
from realtime.models import RealtimeModel
from realtime.provider_health import WatchedUpstream, require_answering
from realtime.upstream_routes import UpstreamRoute, own_route, route_of
from tests.fakes.upstream import ScriptedUpstream

pytestmark = pytest.mark.django_db
AZURE = "wss://acme.openai.azure.com/openai/v1/realtime"
MODELS = "/admin/realtime/realtimemodel/"
TODAY = dt.date(2026, 11, 20)


def add_model(name: str = "partner", **fields: Any) -> RealtimeModel:
    return RealtimeModel.objects.create(name=name, source="a test", as_of=TODAY, **fields)


def ids(messages: list[Any]) -> list[str]:
    assert all(message.hint for message in messages)
    return [message.id for message in messages]


@pytest.mark.parametrize(
    ("url", "key", "asked", "header", "sent"),
    [
        ("wss://api.openai.com/v1/realtime", "sk-1", "", "bearer", "sk-1"),
        (AZURE, "az-1", "", "api-key", "az-1"),
        ("wss://gpu.example.org/v1/realtime", "key-1", "", "bearer", "key-1"),
        ("ws://127.0.0.1:9000/v1/realtime", "", "", "none", ""),
        ("wss://gpu.example.org/v1/realtime", "key-1", "api-key", "api-key", "key-1"),
        ("wss://gpu.example.org/v1/realtime", "key-1", "none", "none", ""),
    ],
)
def test_the_servers_own_provider_is_entered_as_its_address_wants_it(
    settings: Settings, url: str, key: str, asked: str, header: str, sent: str
) -> None:
    settings.REALTIME_PROVIDER, settings.REALTIME_BASE_URL = "openai", url
    settings.OPENAI_API_KEY, settings.REALTIME_KEY_HEADER = key, asked
    route = own_route("m")
    assert (route.url, route.key_header, route.key) == (url, header, sent)
    assert sent not in repr(route) or not sent


def test_openai_and_azure_need_a_key_and_others_do_not(settings: Settings) -> None:
    settings.REALTIME_PROVIDER, settings.OPENAI_API_KEY = "openai", ""
    for url, is_enabled in (
        ("wss://api.openai.com/v1/realtime", False),
        (AZURE, False),
        ("ws://127.0.0.1:9000/v1/realtime", True),
    ):
        settings.REALTIME_BASE_URL = url
        assert APIClient().get("/api/voice/status").json()["enabled"] is is_enabled


def test_a_row_with_an_address_is_a_route_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Settings
) -> None:
    settings.OPENAI_API_KEY = "sk-of-the-server"
    add_model(base_url=AZURE, upstream_name="deployment-7", key_name="AZURE_API_KEY")
    assert route_of("partner").lacks_its_key
    monkeypatch.setenv("AZURE_API_KEY", "az-1")
    assert route_of("partner") == UpstreamRoute("openai", "deployment-7", AZURE, "api-key", "az-1")
    monkeypatch.delenv("AZURE_API_KEY")
    secret = tmp_path / "key"
    secret.write_text("az-2\n")
    monkeypatch.setenv("AZURE_API_KEY_FILE", str(secret))
    assert route_of("partner").key == "az-2"


def test_the_servers_key_goes_to_no_address_of_a_row(settings: Settings) -> None:
    settings.REALTIME_PROVIDER, settings.OPENAI_API_KEY = "openai", "sk-of-the-server"
    add_model(base_url="wss://gpu.example.org/v1/realtime")
    assert route_of("partner").key == ""
    assert route_of("gpt-realtime-2.1").key == "sk-of-the-server"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"base_url": "https://x/v1"}, "base_url"),
        ({"base_url": "wss:///v1"}, "base_url"),
        ({"base_url": "wss://u:p@x/v1"}, "base_url"),
        ({"base_url": "wss://x:port/v1"}, "base_url"),
        ({"base_url": AZURE, "key_name": "SECRET_KEY"}, "key_name"),
        ({"base_url": AZURE, "key_name": "DATABASE_PASSWORD"}, "key_name"),
        ({"base_url": AZURE, "key_name": "EMBEDDED_CHAT_API_KEY"}, "key_name"),
        ({"base_url": AZURE, "key_name": "sk-proj-abcdef"}, "key_name"),
        ({"base_url": AZURE, "key_name": "OPENAI_API_KEY"}, "key_name"),
        ({"key_name": "AZURE_API_KEY"}, "key_name"),
        ({"base_url": AZURE, "key_name": "A_API_KEY", "key_header": "none"}, "key_name"),
    ],
)
def test_an_address_or_key_reference_that_may_not_be_is_refused_and_checked(
    fields: dict[str, str], wrong: str
) -> None:
    row = RealtimeModel(name="partner", source="a test", as_of=TODAY, **fields)
    with pytest.raises(ValidationError) as caught:
        row.full_clean()
    assert wrong in caught.value.message_dict
    row.save()
    if row.base_url:
        assert ids(checks.check_model_rows()) == ["realtime.E001"]


def test_a_model_whose_key_is_not_set_is_offered_to_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_model(base_url=AZURE, key_name="AZURE_API_KEY")
    assert "partner" not in catalogue.models()
    assert ids(checks.check_model_rows()) == ["realtime.W003"]
    monkeypatch.setenv("AZURE_API_KEY", "az-1")
    assert "partner" in catalogue.models()
    assert checks.check_model_rows() == []
    RealtimeModel.objects.filter(name="partner").update(base_url="ws://gpu.example.org/v1")
    assert ids(checks.check_model_rows()) == ["realtime.W004"]
    RealtimeModel.objects.filter(name="partner").update(retires_on=timezone.localdate())
    assert "partner" not in catalogue.models()


def test_on_azure_only_the_configured_deployment_transcribes(settings: Settings) -> None:
    assert "gpt-4o-mini-transcribe" in catalogue.transcription_models()
    settings.REALTIME_PROVIDER, settings.REALTIME_BASE_URL = "openai", AZURE
    settings.REALTIME_TRANSCRIPTION_MODEL = "my-ears"
    assert catalogue.transcription_models() == ["my-ears"]


def test_a_policy_that_names_what_there_is_not_is_warned_of() -> None:
    assert checks.check_policies() == []
    Policy.objects.update(models=["gpt-realtime-2", "gpt-typo"], voices=["cedar", "bob"])
    assert ids(checks.check_policies()) == ["realtime.W005", "realtime.W005"]


def test_the_last_day_of_the_configured_model_is_a_warning_before_it_is_an_error(
    settings: Settings,
) -> None:
    model = RealtimeModel.objects.get(name=settings.REALTIME_MODEL)
    model.retires_on = timezone.localdate() + dt.timedelta(days=60)
    model.save()
    assert ids(checks.check_model_is_current()) == ["realtime.W002"]
    status = APIClient().get("/api/voice/status").json()
    assert status["enabled"] is True
    assert model.retires_on.isoformat() in status["reason"]
    assert "code" not in status
    model.retires_on = timezone.localdate()
    model.save()
    assert ids(checks.check_model_is_current()) == ["realtime.W001"]
    assert APIClient().get("/api/voice/status").json()["enabled"] is False


def test_the_admin_shows_where_models_are_and_when_they_retire(admin: User, client: Client) -> None:
    client.force_login(admin)
    add_model(base_url=AZURE, retires_on=timezone.localdate() + dt.timedelta(days=10))
    page = client.get(MODELS).content.decode()
    assert "acme.openai.azure.com" in page
    assert "in 10 days" in page
    assert "⚠ retired on 2026-05-12" in page
    row = RealtimeModel.objects.get(name="partner")
    form = client.get(f"{MODELS}{row.pk}/change/").content.decode()
    assert "Never the key itself." in form


async def test_an_address_that_fails_is_left_alone_and_no_other() -> None:
    async def dial(url: str) -> None:
        error = UpstreamFailed("Down.", code="upstream_unreachable")
        with pytest.raises(UpstreamFailed):
            await WatchedUpstream(ScriptedUpstream(open_error=error), url).open()

    for _ in range(5):
        await dial("ws://one")
    try:
        with pytest.raises(Unavailable):
            require_answering("ws://one", will_dial=False)
        require_answering("ws://two", will_dial=False)
    finally:
        provider_health._breakers.clear()
