"""Deliveries as rows: written with the end of the call, claimed by one worker at a time, and kept
as the log of what was sent.

A claim is a conditional update, so of any number of processes one wins, on PostgreSQL and SQLite
alike; a process that dies leaves a claim that runs out. Hence at least once: a receiver whose
answer was not written down before that hears it again, with the same `webhook-id`.
"""

from __future__ import annotations

import datetime as dt
import logging
import random
import secrets
from collections.abc import Collection, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from conversations.made import MadeModels
from realtime.models import RealtimeSession
from review import audit
from webhooks import signing
from webhooks.bell import ring
from webhooks.models import Attempt, Delivery, Endpoint, EventType
from webhooks.sending import Outcome

logger = logging.getLogger(__name__)

FIRST_RETRY_S = 5.0
RETRY_FACTOR = 4.0
LONGEST_RETRY_S = 6 * 3600.0
JITTER = 0.25
# Longer than an attempt may take: a claim that runs out is that of a process which died.
CLAIM_SPARE_S = 15.0
ROWS_AT_ONCE = 500


def on_session_ended(sender: object, session: RealtimeSession, **_: Any) -> None:
    """In the transaction that ends the session: either both are written or neither."""
    if session.started_at is None:
        return  # nobody was ever connected: that was no call
    endpoints = _ENABLED()
    if endpoints:
        with transaction.atomic():
            _enqueue(EventType.SESSION_ENDED, endpoints, session)


_ENABLED: MadeModels[Endpoint] = MadeModels(lambda: Endpoint.objects.filter(is_enabled=True))


def enqueue_test(endpoint: Endpoint) -> Delivery:
    """An event without a call, tried once, to a disabled endpoint as well."""
    with transaction.atomic():
        return _enqueue(EventType.TEST, [endpoint], None)[0]


def replay(delivery: Delivery) -> None:
    """Send it again, now, whatever became of it; receivers see the same `webhook-id`."""
    now = timezone.now()
    with transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(
            state=Delivery.State.PENDING, due_at=now, give_up_at=_give_up_at(now), failures=0
        )
        ring_on_commit()


def backoff_s(failures: int) -> float:
    """How long to wait after so many failures in a row: 5 s, 20 s, 80 s … 6 h, a quarter more or
    less, so that those which failed together do not come back together."""
    steady_s = min(LONGEST_RETRY_S, FIRST_RETRY_S * RETRY_FACTOR ** (min(failures, 20) - 1))
    return steady_s * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311


def due(now: dt.datetime) -> QuerySet[Delivery]:
    """What may be sent now and nobody is sending."""
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    wanted = Q(endpoint__is_enabled=True) | Q(event_type=EventType.TEST)
    return Delivery.objects.filter(free, wanted, state=Delivery.State.PENDING, due_at__lte=now)


def claim(at_most: int, busy: Collection[object] = ()) -> list[Delivery]:
    """Deliveries that are ours until the claim runs out, one to each endpoint that is not `busy`.

    Send each and `settle` it.
    """
    now = timezone.now()
    until = now + dt.timedelta(seconds=settings.WEBHOOK_TIMEOUT_SEC + CLAIM_SPARE_S)
    waiting = due(now).exclude(endpoint_id__in=list(busy)).order_by("due_at")
    ours: list[Delivery] = []
    taken = set(busy)
    for pk, endpoint_id in waiting.values_list("pk", "endpoint_id")[: at_most * 8]:
        if len(ours) == at_most or endpoint_id in taken:
            continue
        token = secrets.token_hex(16)
        # The endpoint was judged above; a join cannot be updated.
        free = Q(claimed_until=None) | Q(claimed_until__lt=now)
        mine = Delivery.objects.filter(free, pk=pk, state=Delivery.State.PENDING, due_at__lte=now)
        if mine.update(claim=token, claimed_until=until):
            taken.add(endpoint_id)
            ours.append(
                Delivery.objects.select_related(
                    "endpoint", "session__user", "session__conversation"
                ).get(pk=pk)
            )
    return ours


@transaction.atomic
def settle(delivery: Delivery, outcome: Outcome, began_at: dt.datetime) -> None:
    """Write down how the attempt went, and when the next one is due. Where another worker has
    taken the claim over meanwhile, the log entry is all that is written."""
    now = timezone.now()
    Attempt.objects.create(
        delivery_id=delivery.pk,
        number=delivery.attempt_count + 1,
        began_at=began_at,
        duration_ms=outcome.duration_ms,
        status=outcome.status,
        error=outcome.error,
    )
    mine = Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim)
    free: dict[str, Any] = {
        "claim": "",
        "claimed_until": None,
        "attempt_count": F("attempt_count") + 1,
    }
    if outcome.is_success:
        mine.update(**free, state=Delivery.State.DELIVERED, delivered_at=now, failures=0)
        Endpoint.objects.filter(pk=delivery.endpoint_id).update(failing_since=None)
        return
    failures = delivery.failures + 1
    due_at = now + dt.timedelta(seconds=max(backoff_s(failures), outcome.retry_after_s or 0.0))
    is_lost = delivery.event_type == EventType.TEST or due_at > delivery.give_up_at
    state = Delivery.State.FAILED if is_lost else Delivery.State.PENDING
    mine.update(**free, state=state, failures=failures, due_at=due_at)
    logger.info(
        "webhook %s to endpoint %s failed: %s",
        delivery.message_id,
        delivery.endpoint_id,
        outcome.error or outcome.status,
    )
    if delivery.event_type != EventType.TEST:
        _note_failure(delivery.endpoint, outcome, now)


def forget_old() -> int:
    """Delete deliveries older than WEBHOOK_LOG_DAYS, with their attempts; returns how many."""
    horizon = timezone.now() - dt.timedelta(days=settings.WEBHOOK_LOG_DAYS)
    pks = list(
        Delivery.objects.filter(created_at__lt=horizon).values_list("pk", flat=True)[:ROWS_AT_ONCE]
    )
    Delivery.objects.filter(pk__in=pks).delete()
    return len(pks)


def ring_on_commit() -> None:
    """What waits may be sent once this transaction is committed."""
    transaction.on_commit(ring)


def _enqueue(
    kind: EventType, endpoints: Sequence[Endpoint], session: RealtimeSession | None
) -> list[Delivery]:
    if not endpoints:
        return []
    message_id, now = signing.new_message_id(), timezone.now()
    made = Delivery.objects.bulk_create(
        [
            Delivery(
                endpoint=endpoint,
                message_id=message_id,
                event_type=kind,
                session=session,
                created_at=now,
                due_at=now,
                give_up_at=_give_up_at(now),
            )
            for endpoint in endpoints
        ],
        ignore_conflicts=True,  # a call that ends twice is reported once
    )
    ring_on_commit()
    return made


def _give_up_at(now: dt.datetime) -> dt.datetime:
    return now + dt.timedelta(seconds=settings.WEBHOOK_RETRY_SEC)


def _note_failure(endpoint: Endpoint, outcome: Outcome, now: dt.datetime) -> None:
    rows = Endpoint.objects.filter(pk=endpoint.pk, is_enabled=True)
    rows.filter(failing_since=None).update(failing_since=now)
    long_ago = now - dt.timedelta(seconds=settings.WEBHOOK_DISABLE_AFTER_SEC)
    because = ""
    if outcome.status == 410:
        because = Endpoint.Disabled.GONE.value
    elif endpoint.failing_since is not None and endpoint.failing_since <= long_ago:
        because = Endpoint.Disabled.FAILING.value
    if because and rows.update(is_enabled=False, disabled_because=because):
        audit.record(None, "webhook.disable", [str(endpoint.pk)], because=because)
        logger.warning("webhook endpoint %s was switched off: %s", endpoint.pk, because)
