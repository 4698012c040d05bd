"""An endpoint of ours, a call that ends, and a receiver that listens on this machine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from conversations import actions as conversation_actions
from conversations.models import Conversation
from realtime import lifecycle
from realtime.core.effects import EndReason
from realtime.models import RealtimeSession, SessionState
from tests.conversations.saying import say
from tests.fakes.webhook_receiver import WebhookReceiver, webhook_receiver
from webhooks import actions, outbox, worker
from webhooks.models import Endpoint
from webhooks.sending import post

EndCall = Callable[..., RealtimeSession]


@pytest.fixture(scope="module")
def _listening() -> Iterator[WebhookReceiver]:
    with webhook_receiver() as listening:
        yield listening


@pytest.fixture
def receiver(_listening: WebhookReceiver, settings: Settings) -> WebhookReceiver:
    """Where this server may send to."""
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
    settings.WEBHOOK_PRIVATE_NETWORKS = ["127.0.0.0/8", "::1"]
    _listening.received.clear()
    _listening.answers = [(204, {})]
    _listening.may_answer.set()
    return _listening


@pytest.fixture
def endpoint(admin: User, receiver: WebhookReceiver) -> Endpoint:
    return add_endpoint(admin, f"{receiver.url}/calls")[0]


@pytest.fixture
def conversation(alice: User) -> Conversation:
    return conversation_actions.create_conversation(alice, title="Weather")


@pytest.fixture
def end_call(conversation: Conversation) -> EndCall:
    """Make a call of alice's with one line, and end it as a server does."""

    def end(public_id: str = "rtc_1_call", **fields: object) -> RealtimeSession:
        say(conversation, "u1", "What is the weather in Paris?", session_id=public_id)
        session = RealtimeSession.objects.create(
            **{
                "public_id": public_id,
                "user_id": conversation.owner_id,
                "conversation": conversation,
                "state": SessionState.LIVE,
                "started_at": timezone.now(),
                "connection_id": "run",
                "model": "gpt-realtime",
                "turns": 2,
                "output_audio_tokens": 70,
                **fields,
            }
        )
        assert lifecycle.finish(session.pk, "run", EndReason.USER_HANGUP)
        return session

    return end


def add_endpoint(admin: User, url: str, **wishes: object) -> tuple[Endpoint, str]:
    wish = {"url": url, "description": "CRM", "include_transcript": True, "is_enabled": True}
    return actions.create(admin, wish | wishes)


def deliver_due() -> int:
    """One turn of the worker, on the thread and in the transaction of the test."""
    deliveries = outbox.claim(at_most=8)
    for delivery in deliveries:
        headers, body = worker.prepared(delivery, int(time.time()))
        outcome = asyncio.run(post(delivery.endpoint.url, headers, body))
        outbox.settle(delivery, outcome, timezone.now())
    return len(deliveries)
