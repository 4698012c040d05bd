"""The Django admin: sessions to look at, a catalogue to edit."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.forms import model_to_dict
from django.test import Client

from accounts.models import User
from realtime import catalogue, lifecycle, quotas
from realtime.core.usage import TokenUsage
from realtime.models import ModelPrice, RealtimeModel, ResponseUsage, SessionState, Voice
from tests import people
from tests.realtime.conftest import MintFor

pytestmark = pytest.mark.django_db
SESSIONS = "/admin/realtime/realtimesession/"


@pytest.fixture
def browser(admin: User, client: Client) -> Client:
    client.force_login(admin)
    return client


def test_sessions_are_listed_searched_and_filtered(
    browser: Client, alice: User, bob: User, mint_for: MintFor
) -> None:
    hers, his = mint_for(alice).session, mint_for(bob).session
    lifecycle.mark_live(his.pk, his.connection_id)
    everything = browser.get(SESSIONS).content.decode()
    assert hers.public_id in everything
    assert his.public_id in everything
    for query in (f"?q={alice.username}", f"?user__id__exact={alice.pk}", "?state__exact=minted"):
        page = browser.get(SESSIONS + query).content.decode()
        assert hers.public_id in page
        assert f">{his.public_id}<" not in page


def test_a_session_shows_its_usage_and_links_to_its_transcript(
    browser: Client, alice: User, mint_for: MintFor
) -> None:
    session = mint_for(alice).session
    ResponseUsage.objects.create(session=session, reference="resp_1", first_audio_ms=412)
    page = browser.get(f"{SESSIONS}{session.pk}/change/").content.decode()
    assert "resp_1" in page
    assert f"/admin/conversations/conversation/{session.conversation_id}/change/" in page
    assert 'name="_save"' not in page


def test_nobody_edits_adds_or_deletes_a_session(
    browser: Client, alice: User, mint_for: MintFor
) -> None:
    session = mint_for(alice).session
    assert browser.get(f"{SESSIONS}add/").status_code == 403
    assert browser.get(f"{SESSIONS}{session.pk}/delete/").status_code == 403
    answer = browser.post(f"{SESSIONS}{session.pk}/change/", {"state": "ended"})
    assert answer.status_code == 403
    session.refresh_from_db()
    assert session.state == SessionState.MINTED


def test_live_sessions_are_ended_by_those_who_may(
    client: Client, staff: User, alice: User, mint_for: MintFor
) -> None:
    session = mint_for(alice).session
    quotas.take_slot(session, connection_id="c1", server_id="here")
    staff.user_permissions.add(Permission.objects.get(codename="view_realtimesession"))
    client.force_login(staff)
    order = {"action": "end_sessions", "_selected_action": [session.pk]}
    client.post(SESSIONS, order)
    session.refresh_from_db()
    assert session.end_requested == ""
    people.grant(staff, "end_session")
    client.post(SESSIONS, order)
    session.refresh_from_db()
    assert session.end_requested == "admin_ended"
    assert session.ended_by == staff


def test_an_edited_price_is_used_from_its_day_on(browser: Client) -> None:
    model = RealtimeModel.objects.get(name="gpt-realtime-2.1")
    first_day = dt.date(2027, 3, 1)
    ModelPrice.objects.create(
        model=model, valid_from=first_day, text_input=8, source="a test", as_of=first_day
    )
    assert browser.get(f"/admin/realtime/realtimemodel/{model.pk}/change/").status_code == 200
    usage = TokenUsage(input_text=1_000_000)
    before = catalogue.cost_of("openai", model.name, usage, first_day - dt.timedelta(days=1))
    after = catalogue.cost_of("openai", model.name, usage, first_day)
    assert (before.usd, after.usd) == (Decimal(4), Decimal(8))
    assert after.version == "gpt-realtime-2.1@2027-03-01"


def test_a_disabled_voice_cannot_be_asked_for(browser: Client) -> None:
    assert browser.get("/admin/realtime/voice/").status_code == 200
    Voice.objects.filter(name="cedar").update(enabled=False)
    assert "cedar" not in catalogue.voices()
    assert catalogue.voices()[0] == "marin"


def test_a_price_by_which_something_was_charged_stays(
    browser: Client, alice: User, mint_for: MintFor
) -> None:
    model = RealtimeModel.objects.get(name="gpt-realtime-2.1")
    price = model.prices.get()
    address = f"/admin/realtime/realtimemodel/{model.pk}/change/"
    form = {
        **{name: getattr(model, name) for name in ("name", "kind", "provider", "source", "as_of")},
        **{f"prices-0-{name}": value for name, value in model_to_dict(price).items()},
        "prices-TOTAL_FORMS": 1,
        "prices-INITIAL_FORMS": 1,
    }
    used = ResponseUsage.objects.create(
        session=mint_for(alice).session, reference="r1", price_version=price.version
    )
    for change in ({"prices-0-text_input": "5"}, {"prices-0-DELETE": "on"}):
        assert ModelPrice.CHARGED in unescape(browser.post(address, form | change).content.decode())
    delete = f"/admin/realtime/realtimemodel/{model.pk}/delete/"
    assert browser.post(delete, {"post": "yes"}).status_code == 403
    used.delete()
    assert browser.post(address, form | {"prices-0-text_input": "5"}).status_code == 302
    price.refresh_from_db()
    assert price.text_input == 5
