"""What this process has sent, and what waits in the database, for `/metrics`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from realtime import metrics
from webhooks.models import Delivery
from webhooks.sending import Outcome

_attempts: Counter[str] = Counter()


def count(outcome: Outcome) -> None:
    """One attempt, by how it went: `delivered`, `refused` (another status), or the error."""
    answered = "delivered" if outcome.is_success else "refused"
    _attempts[outcome.error or answered] += 1


def lines() -> Iterator[str]:
    """One query."""
    waiting = Delivery.objects.filter(state=Delivery.State.PENDING).count()
    yield from metrics.metric(
        "voice_webhook_attempts_total",
        "counter",
        "Requests to webhooks, by how they went.",
        [({"outcome": outcome}, number) for outcome, number in sorted(_attempts.items())],
    )
    yield from metrics.metric(
        "voice_webhooks_waiting",
        "gauge",
        "Deliveries of all processes that are still to be made.",
        waiting,
    )
