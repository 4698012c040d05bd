"""`/api/admin/`: what an administrator sets holds for the next session, and is written down."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from realtime import catalogue
from realtime.auth import Caller
from realtime.core.dialect import Dialect
from realtime.core.usage import TokenUsage
from realtime.mint import default_request, mint
from realtime.models import ModelPrice, RealtimeModel, ResponseUsage, Voice
from realtime.opening import take
from review.models import AuditEntry
from tests.fakes.realtime_server import fake_realtime_server
from tests.people import client_of, stranger

pytestmark = pytest.mark.django_db


@pytest.fixture
def erin(settings: Settings) -> APIClient:
    """Who may administer, and is neither staff nor superuser; nobody needs a provider's key."""
    settings.REALTIME_PROVIDER, settings.OPENAI_API_KEY = "embedded", ""
    erin = User.objects.create_user("erin", "erin@example.org", "correct horse battery staple")
    erin.user_permissions.add(Permission.objects.get(codename="administer_voice"))
    return client_of(erin)


def log() -> list[tuple[str, list[str], dict[str, Any]]]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", "targets", "detail"))


def test_what_is_set_for_voice_holds_for_the_next_session_and_can_be_taken_back(
    erin: APIClient, alice: User
) -> None:
    changes = {
        "voice": "cedar",
        "model": "gpt-realtime-2.1-mini",
        "instructions": "Speak like a pirate.",
        "session_s": 90,
        "idle_s": 30,
        "latency_target_ms": 650,
    }
    shown = erin.patch("/api/admin/voice/", changes).json()
    assert {name: shown["in_effect"][name] for name in changes} == changes
    assert sorted(shown["changed"]) == sorted(changes)
    assert shown["provider"]["health"] == "not_asked"
    minted = client_of(alice).post("/api/voice/realtime-session", {}).json()
    assert (minted["model"], minted["voice_config"]["voice"]) == ("gpt-realtime-2.1-mini", "cedar")
    opened = take(
        Caller(alice, None, None),
        conversation_id=None,
        dialect=Dialect.GA,
        private_events=False,
        replaces_lost=False,
        server_id="here",
        heartbeats_trusted=True,
    )
    assert opened.setup.config["instructions"].startswith("Speak like a pirate.")
    assert opened.setup.limits.max_duration_s == 90
    limits = stranger().get("/api/limits").json()
    assert (limits["session_sec"], limits["idle_sec"]) == (90, 30)
    back = erin.patch("/api/admin/voice/", dict.fromkeys(changes)).json()
    assert back["in_effect"] == back["defaults"]
    assert log()[0] == (
        "voice_settings.change",
        [],
        {"changes": {**changes, "instructions": "20 characters"}},
    )


def test_voice_off_refuses_new_sessions_and_those_minted_before(
    erin: APIClient, alice: User
) -> None:
    mint(alice, default_request())
    shown = erin.patch("/api/admin/voice/", {"enabled": False}).json()
    assert (shown["available"], shown["in_effect"]["enabled"]) == (False, False)
    refused = client_of(alice).post("/api/voice/realtime-session", {})
    assert (refused.status_code, refused.json()["code"]) == (503, "realtime_disabled")
    assert stranger().get("/api/voice/status").json()["enabled"] is False
    erin.patch("/api/admin/voice/", {"enabled": None})
    assert client_of(alice).post("/api/voice/realtime-session", {}).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"voice": "nobody"},
        {"model": "nothing"},
        {"model": "gpt-4o-transcribe"},
        {"provider": "openai"},
        {"provider": "acme"},
        {"transcription_model": "gpt-realtime"},
        {"instructions": ""},
        {"session_s": 0},
    ],
    ids=str,
)
def test_what_would_leave_nobody_able_to_talk_is_refused(
    erin: APIClient, wrong: dict[str, Any]
) -> None:
    answer = erin.patch("/api/admin/voice/", wrong)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, list(wrong))
    assert log() == []


def test_the_provider_is_shown_with_its_health_and_no_key_or_name_of_one(
    erin: APIClient, settings: Settings
) -> None:
    settings.OPENAI_API_KEY = "sk-of-the-server"
    RealtimeModel.objects.create(
        name="partner",
        base_url="wss://voice.example.org/v1/realtime",
        key_name="PARTNER_SECRET_KEY",
        source="a test",
        as_of=dt.date(2026, 1, 1),
    )
    erin.patch("/api/admin/voice/", {"provider": "openai"})
    answers = [erin.get(f"/api/admin/{name}/") for name in ("voice", "models", "changes")]
    assert answers[0].json()["provider"]["key"] == "set"
    partner = next(one for one in answers[1].json() if one["name"] == "partner")
    assert (partner["server"], partner["key"]) == ("voice.example.org", "missing")
    for answer in answers:
        assert b"sk-of" not in answer.content
        assert b"PARTNER_SECRET_KEY" not in answer.content


def test_the_provider_is_asked_for_a_session_when_an_administrator_wants_to_know(
    erin: APIClient, settings: Settings
) -> None:
    embedded = erin.post("/api/admin/provider/check/").json()
    assert embedded == {"answers": True, "detail": "It is part of this server.", "took_ms": None}
    settings.REALTIME_PROVIDER = "openai"
    assert not erin.post("/api/admin/provider/check/").json()["answers"]
    settings.OPENAI_API_KEY = "sk-of-the-server"

    async def check(refusal: HTTPStatus | None) -> dict[str, Any]:
        async with fake_realtime_server() as provider:
            provider.refuse_with = refusal
            settings.REALTIME_BASE_URL = provider.url
            asked = sync_to_async(erin.post, thread_sensitive=True)
            body: dict[str, Any] = (await asked("/api/admin/provider/check/")).json()
            return body

    well = async_to_sync(check)(None)
    assert well["answers"]
    assert well["took_ms"] is not None
    refused = async_to_sync(check)(HTTPStatus.UNAUTHORIZED)
    assert refused["detail"] == "The voice provider refused our key."
    assert refused["took_ms"] is None


def test_a_price_has_versions_and_one_that_was_charged_stays(erin: APIClient) -> None:
    model = RealtimeModel.objects.get(name="gpt-realtime-2.1-mini")
    new = {"valid_from": "2030-01-01", "audio_output": "12.5", "source": "the provider's page"}
    added = erin.post(f"/api/admin/models/{model.pk}/prices/", new)
    assert (added.status_code, added.json()["version"]) == (201, "gpt-realtime-2.1-mini@2030-01-01")
    used = TokenUsage(output_audio=1_000_000)
    assert catalogue.cost_of("openai", model.name, used, dt.date(2030, 1, 1)).usd == Decimal("12.5")
    price = f"/api/admin/prices/{added.json()['id']}/"
    assert erin.patch(price, {"audio_output": "13"}).json()["audio_output"] == "13.0000"
    assert erin.post(f"/api/admin/models/{model.pk}/prices/", new).status_code == 400
    assert erin.patch(price, {"audio_output": "-1"}).status_code == 400
    charged_by(ModelPrice.objects.get(model=model, valid_from=dt.date(2030, 1, 1)))
    for refused in (erin.patch(price, {"audio_output": "1"}), erin.delete(price)):
        assert (refused.status_code, refused.json()["code"]) == (409, "still_needed")
    assert [action for action, *_ in log()] == ["price.add", "price.change"]
    assert log()[1][2] == {"changes": {"audio_output": "13.0000"}}


def charged_by(price: ModelPrice) -> None:
    owner = User.objects.create_user("payer")
    session = mint(owner, default_request()).session
    ResponseUsage.objects.create(session=session, reference="r1", price_version=price.version)


def test_the_default_model_and_voice_stay_and_others_go(erin: APIClient) -> None:
    mini = RealtimeModel.objects.get(name="gpt-realtime-2.1-mini")
    erin.patch("/api/admin/voice/", {"model": mini.name})
    kept = erin.patch(f"/api/admin/models/{mini.pk}/", {"enabled": False})
    assert (kept.status_code, kept.json()["code"]) == (409, "still_needed")
    marin, cedar = Voice.objects.get(name="marin"), Voice.objects.get(name="cedar")
    assert erin.patch(f"/api/admin/voices/{marin.pk}/", {"enabled": False}).status_code == 409
    gone = erin.patch(f"/api/admin/voices/{cedar.pk}/", {"enabled": False})
    assert gone.json()["enabled"] is False
    assert "cedar" not in catalogue.voices()
    assert erin.post("/api/admin/voices/", {"name": "brook"}).status_code == 201
    retired = erin.patch(f"/api/admin/models/{mini.pk}/", {"retires_on": "2020-01-01"}).json()
    assert retired["is_retired"]
    assert "retired" in erin.get("/api/admin/voice/").json()["provider"]["detail"]


def test_limits_of_a_group_are_set_and_everybodys_stay(erin: APIClient, alice: User) -> None:
    group = Group.objects.create(name="staff")
    alice.groups.add(group)
    made = erin.post("/api/admin/limits/", {"group": group.pk, "day_minutes": 5})
    assert made.status_code == 201, made.content
    row = f"/api/admin/limits/{made.json()['id']}/"
    assert erin.patch(row, {"month_usd": "12.50", "voices": ["cedar"]}).status_code == 200
    own = client_of(alice).get("/api/me/usage/").json()
    assert (own["voice_limit_s"], own["cost_limit_usd"]) == (300, "12.50000000")
    minted = client_of(alice).post("/api/voice/realtime-session", {}).json()
    assert minted["voice_config"]["voice"] == "cedar"
    assert erin.post("/api/admin/limits/", {"group": group.pk}).status_code == 400
    assert erin.patch(row, {"output_modalities": ["smell"]}).status_code == 400
    shown = erin.get("/api/admin/limits/").json()
    assert shown["groups"] == [{"id": group.pk, "name": "staff", "people": 1}]
    everybody = next(one for one in shown["results"] if one["group"] is None)
    assert erin.delete(f"/api/admin/limits/{everybody['id']}/").status_code == 409
    assert erin.delete(row).status_code == 204
    assert [action for action, *_ in log()] == ["policy.add", "policy.change", "policy.delete"]


def test_retention_is_set_by_class_and_the_command_goes_by_it(
    erin: APIClient, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.RETENTION_ITEMS_DAYS = 365
    days = {"items": 90, "sessions": 1, "access_log": 0}
    shown = erin.patch("/api/admin/retention/", {"days": days}).json()
    kept = {one["name"]: (one["days"], one["default_days"]) for one in shown}
    assert (kept["items"], kept["sessions"], kept["access_log"]) == ((90, 365), (32, 0), (0, 0))
    preview = erin.get("/api/admin/retention/preview/").json()
    assert {"name": "items", "days": 90, "rows": 0} in preview
    call_command("retention", "--dry-run")
    assert "items: 0 would be deleted (older than 90 days)" in capsys.readouterr().out
    back = erin.patch("/api/admin/retention/", {"days": {"items": None}}).json()
    assert {one["name"]: one["days"] for one in back}["items"] == 365
    for wrong in ({"days": {"nothing": 1}}, {"days": {"items": -1}}, {}):
        assert erin.patch("/api/admin/retention/", wrong).status_code == 400
    assert log()[0] == ("retention.change", ["items", "sessions", "access_log"], {"days": days})


def test_only_superusers_decide_whether_anybody_reads(erin: APIClient, admin: User) -> None:
    assert erin.get("/api/admin/reading/").json() == {"is_on": True}
    assert erin.patch("/api/admin/reading/", {"is_on": False}).status_code == 403
    superuser = client_of(admin)
    assert superuser.patch("/api/admin/reading/", {"is_on": False}).json() == {"is_on": False}
    assert superuser.get("/api/review/calls/").status_code == 403
    assert log() == [("reading.change", [], {"is_on": False})]


def test_the_log_is_shown_newest_first(erin: APIClient) -> None:
    for idle_s in (10, 20):
        erin.patch("/api/admin/voice/", {"idle_s": idle_s})
    newest = erin.get("/api/admin/changes/", {"page_size": 1}).json()
    assert newest["count"] == 2
    assert newest["results"][0]["actor_username"] == "erin"
    assert newest["results"][0]["detail"] == {"changes": {"idle_s": 20}}
