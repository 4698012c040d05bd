"""What administrators do to webhooks, each with its row in the audit log."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from rest_framework import status
from rest_framework.exceptions import APIException

from conversations.access import EXPORT_CONVERSATION, may_review
from review import audit
from webhooks import keys, outbox
from webhooks.models import Delivery, Endpoint, EventType

MOST_ENDPOINTS = 20


class TooManyWebhooks(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "too_many_webhooks"
    default_detail = f"There are {MOST_ENDPOINTS} webhooks. Delete one that is not in use."


class WebhookDisabled(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "webhook_disabled"
    default_detail = "This webhook is disabled. Enable it first."


@transaction.atomic
def create(actor: AbstractUser, wish: dict[str, Any]) -> tuple[Endpoint, str]:
    """The new endpoint and its secret, which is never shown again.

    Raises PermissionDenied and TooManyWebhooks.
    """
    endpoint = Endpoint(**wish, created_by_id=actor.pk)
    if endpoint.include_transcript:
        _require_words(actor)
    if Endpoint.objects.count() >= MOST_ENDPOINTS:
        raise TooManyWebhooks
    secret = keys.give_first(endpoint)
    endpoint.save(force_insert=True)
    _record(actor, "webhook.create", endpoint, **_settings(endpoint))
    return endpoint, secret


@transaction.atomic
def change(actor: AbstractUser, endpoint: Endpoint, changes: dict[str, Any]) -> Endpoint:
    """Set what `changes` names; enabling forgets that it failed. Raises PermissionDenied."""
    for name, value in changes.items():
        setattr(endpoint, name, value)
    leads_words_elsewhere = {"url", "include_transcript"} & changes.keys()
    if endpoint.include_transcript and leads_words_elsewhere:
        _require_words(actor)
    if changes.get("is_enabled"):
        endpoint.disabled_because, endpoint.failing_since = "", None
    endpoint.save(update_fields=[*changes, "disabled_because", "failing_since"])
    _record(actor, "webhook.change", endpoint, **_settings(endpoint))
    if changes.get("is_enabled"):
        outbox.ring_on_commit()
    return endpoint


@transaction.atomic
def delete(actor: AbstractUser, endpoint: Endpoint) -> None:
    """With its deliveries, those that wait as well."""
    _record(actor, "webhook.delete", endpoint, **_settings(endpoint))
    endpoint.delete()


@transaction.atomic
def rotate_secret(actor: AbstractUser, endpoint: Endpoint) -> str:
    """The new secret, shown this once; the one before signs beside it for a day."""
    secret = keys.rotate(endpoint)
    _record(actor, "webhook.rotate_secret", endpoint)
    return secret


@transaction.atomic
def send_test(actor: AbstractUser, endpoint: Endpoint) -> Delivery:
    _record(actor, "webhook.test", endpoint)
    return outbox.enqueue_test(endpoint)


@transaction.atomic
def replay(actor: AbstractUser, delivery: Delivery) -> Delivery:
    """Raises WebhookDisabled: it would wait for ever."""
    if not delivery.endpoint.is_enabled and delivery.event_type != EventType.TEST:
        raise WebhookDisabled
    _record(actor, "webhook.replay", delivery.endpoint, delivery=str(delivery.pk))
    outbox.replay(delivery)
    delivery.refresh_from_db()
    return delivery


def _require_words(actor: AbstractUser) -> None:
    """Whoever has words sent somewhere can read them there: that is an export."""
    if not may_review(actor, EXPORT_CONVERSATION):
        raise PermissionDenied


def _settings(endpoint: Endpoint) -> dict[str, Any]:
    """Of the address the host alone: paths of receivers are often secrets."""
    return {
        "host": host_of(endpoint),
        "include_transcript": endpoint.include_transcript,
        "is_enabled": endpoint.is_enabled,
    }


def host_of(endpoint: Endpoint) -> str:
    return endpoint.url.partition("://")[2].partition("/")[0]


def _record(actor: AbstractUser, action: str, endpoint: Endpoint, **detail: Any) -> None:
    audit.record(actor, action, [str(endpoint.pk)], **detail)
