"""What an administrator does with webhooks, over REST and in the Django admin."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from review.models import AuditEntry
from tests import people
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.webhooks.conftest import EndCall, deliver_due
from webhooks import keys, outbox, worker
from webhooks.models import Delivery, Endpoint
from webhooks.sending import Outcome

pytestmark = pytest.mark.django_db

WEBHOOKS = "/api/admin/webhooks/"


@pytest.fixture
def api(admin: User) -> APIClient:
    return people.client_of(admin)


def create(api: APIClient, receiver: WebhookReceiver, **wishes: Any) -> dict[str, Any]:
    answer = api.post(WEBHOOKS, {"url": f"{receiver.url}/calls", **wishes}, format="json")
    assert answer.status_code == 201, answer.content
    issued: dict[str, Any] = answer.json()
    return issued


def test_the_secret_is_shown_once_and_stored_sealed(
    api: APIClient, receiver: WebhookReceiver
) -> None:
    issued = create(api, receiver, description="CRM")
    secret = issued["secret"]
    assert secret.startswith("whsec_")
    endpoint = Endpoint.objects.get()
    assert keys.keys_of(endpoint) == [secret]
    assert secret.removeprefix("whsec_") not in endpoint.secret
    for answer in (api.get(WEBHOOKS), api.get(f"{WEBHOOKS}{endpoint.pk}/")):
        assert secret not in answer.content.decode()
    entry = AuditEntry.objects.get(action="webhook.create")
    assert entry.actor_username == "root"
    assert secret not in str(entry.detail)
    assert "/calls" not in str(entry.detail)  # paths of receivers are often secrets


def test_rotation_shows_a_new_secret_and_for_a_day_both_sign(
    api: APIClient, receiver: WebhookReceiver, end_call: EndCall
) -> None:
    issued = create(api, receiver)
    rotated = api.post(f"{WEBHOOKS}{issued['webhook']['id']}/secret/").json()
    assert rotated["secret"] != issued["secret"]
    endpoint = Endpoint.objects.get()
    assert keys.keys_of(endpoint) == [rotated["secret"], issued["secret"]]
    end_call()
    deliver_due()
    assert len(receiver.received[0].headers["webhook-signature"].split(" ")) == 2
    Endpoint.objects.update(previous_secret_until=endpoint.created_at)
    endpoint.refresh_from_db()
    assert keys.keys_of(endpoint) == [rotated["secret"]]


def test_an_address_that_may_not_be_sent_to_is_refused_by_name(
    api: APIClient, receiver: WebhookReceiver
) -> None:
    for url, told in (
        ("https://elsewhere.example.org/", "WEBHOOK_ALLOWED_HOSTS"),
        ("file:///etc/passwd", "https://"),
        ("", "blank"),
    ):
        answer = api.post(WEBHOOKS, {"url": url}, format="json")
        assert answer.status_code == 400
        assert told in answer.json()["detail"]
    assert not Endpoint.objects.exists()


def test_deliveries_tell_each_attempt_and_are_replayed(
    api: APIClient, receiver: WebhookReceiver, end_call: EndCall
) -> None:
    issued = create(api, receiver)
    one = f"{WEBHOOKS}{issued['webhook']['id']}/"
    end_call()
    receiver.answers = [(500, {}), (204, {})]
    deliver_due()
    (delivery,) = api.get(f"{one}deliveries/").json()["results"]
    assert (delivery["state"], delivery["session_id"]) == ("pending", "rtc_1_call")
    assert [attempt["status"] for attempt in delivery["attempts"]] == [500]
    assert delivery["due_at"] is not None
    replayed = api.post(f"{WEBHOOKS}deliveries/{delivery['id']}/replay/")
    assert replayed.status_code == 202
    deliver_due()
    now = api.get(f"{WEBHOOKS}deliveries/{delivery['id']}/").json()
    assert (now["state"], now["due_at"]) == ("delivered", None)
    assert api.get(f"{one}deliveries/?state=failed").json()["count"] == 0
    assert AuditEntry.objects.filter(action="webhook.replay").count() == 1
    assert receiver.received[0].headers["webhook-id"] == receiver.received[1].headers["webhook-id"]


def test_a_test_event_goes_once_to_a_disabled_endpoint_too_and_a_replay_does_not(
    api: APIClient, receiver: WebhookReceiver, end_call: EndCall
) -> None:
    issued = create(api, receiver)
    one = f"{WEBHOOKS}{issued['webhook']['id']}/"
    end_call()
    waiting = Delivery.objects.get()
    assert api.patch(one, {"is_enabled": False}, format="json").json()["is_enabled"] is False
    refused = api.post(f"{WEBHOOKS}deliveries/{waiting.pk}/replay/")
    assert (refused.status_code, refused.json()["code"]) == (409, "webhook_disabled")
    receiver.answers = [(500, {})]
    asked = api.post(f"{one}test/")
    assert asked.status_code == 202
    assert deliver_due() == 1
    assert receiver.received[0].event["type"] == "webhook.test"
    assert Delivery.objects.get(pk=asked.json()["id"]).state == Delivery.State.FAILED
    api.patch(one, {"is_enabled": True}, format="json")
    assert deliver_due() == 1


def test_whoever_may_not_export_words_cannot_have_them_sent_either(
    receiver: WebhookReceiver, bob: User
) -> None:
    bob.user_permissions.add(Permission.objects.get(codename="manage_webhooks"))
    api = people.client_of(bob)
    body = {"url": f"{receiver.url}/mine"}
    assert api.post(WEBHOOKS, body, format="json").status_code == 403
    without = api.post(WEBHOOKS, body | {"include_transcript": False}, format="json")
    assert without.status_code == 201
    one = f"{WEBHOOKS}{without.json()['webhook']['id']}/"
    assert api.patch(one, {"description": "x"}, format="json").status_code == 200
    assert api.patch(one, {"include_transcript": True}, format="json").status_code == 403
    Endpoint.objects.update(include_transcript=True)
    assert api.patch(one, {"url": f"{receiver.url}/other"}, format="json").status_code == 403


def test_there_is_an_end_to_how_many_there_are(api: APIClient, receiver: WebhookReceiver) -> None:
    for _ in range(20):
        create(api, receiver)
    answer = api.post(WEBHOOKS, {"url": receiver.url}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_webhooks")


def test_deleting_takes_what_waits_along(
    api: APIClient, receiver: WebhookReceiver, end_call: EndCall
) -> None:
    issued = create(api, receiver)
    end_call()
    one = f"{WEBHOOKS}{issued['webhook']['id']}/"
    assert api.delete(one).status_code == 204
    assert not Delivery.objects.exists()
    assert api.get(one).status_code == 404


def test_in_the_django_admin_the_secret_is_shown_once_and_a_delivery_sent_again(
    admin: User, receiver: WebhookReceiver, end_call: EndCall
) -> None:
    client = Client()
    client.force_login(admin)
    form = {"url": f"{receiver.url}/calls", "include_transcript": "on", "is_enabled": "on"}
    page = client.post("/admin/webhooks/endpoint/add/", form, follow=True).content.decode()
    (secret,) = keys.keys_of(Endpoint.objects.get())
    assert secret in html.unescape(page)
    assert secret not in client.get("/admin/webhooks/endpoint/").content.decode()
    refused = client.post("/admin/webhooks/endpoint/add/", form | {"url": "https://x.example/"})
    assert "WEBHOOK_ALLOWED_HOSTS" in refused.content.decode()
    end_call()
    deliver_due()
    delivery = Delivery.objects.get()
    assert client.get(f"/admin/webhooks/delivery/{delivery.pk}/change/").status_code == 200
    chosen = {"action": "replay", "_selected_action": str(delivery.pk)}
    client.post("/admin/webhooks/delivery/", chosen)
    assert deliver_due() == 1
    endpoint = Endpoint.objects.get()
    changed = form | {"description": "CRM"}
    client.post(f"/admin/webhooks/endpoint/{endpoint.pk}/change/", changed)
    client.post(f"/admin/webhooks/endpoint/{endpoint.pk}/delete/", {"post": "yes"})
    assert not Endpoint.objects.exists()
    actions = list(AuditEntry.objects.values_list("action", flat=True))
    assert sorted(actions) == [
        "webhook.change",
        "webhook.create",
        "webhook.delete",
        "webhook.replay",
    ]


def test_metrics_tell_what_was_sent_and_what_waits(
    client: Client, api: APIClient, receiver: WebhookReceiver, end_call: EndCall
) -> None:
    from webhooks import meters

    create(api, receiver)
    end_call()
    meters.count(Outcome(1, status=204))
    meters.count(Outcome(1, error="webhook_timed_out"))
    page = client.get("/metrics").content.decode()
    assert "voice_webhooks_waiting 1" in page
    assert 'voice_webhook_attempts_total{outcome="webhook_timed_out"}' in page
    assert 'voice_webhook_attempts_total{outcome="delivered"}' in page


@pytest.mark.django_db(transaction=True)
def test_the_worker_sends_when_the_bell_rings_and_stops_when_it_is_told(
    api: APIClient, receiver: WebhookReceiver, end_call: EndCall
) -> None:
    create(api, receiver)
    running = worker.Worker()
    running.start()
    try:
        end_call()
        receiver.wait_for(1)
    finally:
        running.stop(30)
    assert Delivery.objects.get().state == Delivery.State.DELIVERED
    assert not running.is_running
    assert outbox.claim(at_most=1) == []
