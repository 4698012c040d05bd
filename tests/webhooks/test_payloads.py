"""What a report says, and what it keeps to itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openai import OpenAI
from pytest_django.fixtures import Settings

from accounts.models import User
from conversations import actions as conversation_actions
from conversations.models import Conversation, Item, ReadingSwitch
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.webhooks.conftest import EndCall, add_endpoint, deliver_due
from webhooks import outbox, payloads
from webhooks.models import Delivery, Endpoint

pytestmark = pytest.mark.django_db


def report() -> dict[str, Any]:
    event: dict[str, Any] = json.loads(payloads.body_of(Delivery.objects.get()))
    data: dict[str, Any] = event["data"]
    return data


def test_a_receiver_verifies_it_and_reads_transcript_and_usage(
    admin: User, alice: User, receiver: WebhookReceiver, end_call: EndCall
) -> None:
    _, secret = add_endpoint(admin, f"{receiver.url}/calls?tenant=7")
    session = end_call()
    deliver_due()
    (received,) = receiver.received
    assert received.path == "/calls?tenant=7"
    assert received.headers["content-type"] == "application/json"
    with OpenAI(api_key="unused") as client:
        client.webhooks.verify_signature(received.body, received.headers, secret=secret)
    assert received.event["type"] == "session.ended"
    data = received.event["data"]
    assert data["session_id"] == session.public_id
    assert data["user"] == {"id": alice.pk, "username": "alice"}
    assert (data["end_reason"], data["turns"]) == ("user_hangup", 2)
    assert data["usage"]["output_audio_tokens"] == 70
    assert data["cost_usd"] == "0.00000000"
    (line,) = data["transcript"]
    assert (line["role"], line["text"]) == ("user", "What is the weather in Paris?")
    assert data["transcript_withheld"] is None


def test_words_are_withheld_where_they_may_not_be_read_and_the_reason_is_told(
    endpoint: Endpoint, conversation: Conversation, end_call: EndCall
) -> None:
    session = end_call()
    assert report()["transcript"]

    def withheld() -> str:
        data = report()
        assert data["transcript"] is None
        assert "Paris" not in json.dumps(data)
        return str(data["transcript_withheld"])

    ReadingSwitch.objects.create(pk=ReadingSwitch.THE_ROW, is_on=False)
    assert withheld() == "reading_off"
    ReadingSwitch.objects.update(is_on=True)
    Conversation.objects.update(is_private=True)
    assert withheld() == "private"
    session.save_transcript = False
    session.save(update_fields=["save_transcript"])
    assert withheld() == "not_stored"
    Endpoint.objects.update(include_transcript=False)
    assert withheld() == "not_wanted"
    assert report()["turns"] == 2


def test_words_that_were_deleted_meanwhile_are_not_sent(
    endpoint: Endpoint, conversation: Conversation, end_call: EndCall
) -> None:
    end_call()
    conversation_actions.delete_conversation(conversation)
    assert report()["transcript_withheld"] == "deleted"


def test_a_transcript_that_is_too_long_ends_early_and_says_so(
    endpoint: Endpoint, end_call: EndCall, settings: Settings
) -> None:
    end_call()
    line = Item.objects.get()
    line.pk, line.item_id, line.position, line.text = None, "u2", 1, "x" * 100_000
    line.save(force_insert=True)
    assert len(report()["transcript"]) == 2
    settings.WEBHOOK_MAX_BYTES = 50_000
    data = report()
    assert len(data["transcript"]) == 1
    assert data["transcript_truncated"] is True


def test_a_test_event_is_about_the_endpoint_alone(endpoint: Endpoint) -> None:
    delivery = outbox.enqueue_test(endpoint)
    event = json.loads(payloads.body_of(delivery))
    assert event["type"] == "webhook.test"
    assert event["data"] == {"endpoint_id": str(endpoint.pk)}
