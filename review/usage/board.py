"""Calls, minutes, people, money, answer times and ends, over time and by group and model."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from review.calls.filters import CallFilters
from review.calls.queries import filtered_calls
from review.calls.summary import FAILURES
from review.percentiles import answer_times, percentile

FAILED_ENDS = frozenset(reason.value for reason in FAILURES)
PERCENTILES = (50, 90, 95)


@dataclass(frozen=True, slots=True)
class Numbers:
    """One row of the board. first_audio_*_ms: over every answer, None without any.

    interruptions_per_turn, error_rate: 0 to 1; error_rate is the share of calls that the provider
    or a server of ours ended.
    """

    key: str
    calls: int
    minutes: float
    users: int
    cost_usd: Decimal
    turns: int
    interruptions: int
    interruptions_per_turn: float
    first_audio_p50_ms: int | None
    first_audio_p90_ms: int | None
    first_audio_p95_ms: int | None
    error_rate: float


@dataclass(frozen=True, slots=True)
class UsageBoard:
    """days: every day from the first to the last with a call, empty ones too. groups: who is in
    several counts in each; `""` is who is in none."""

    total: Numbers
    days: list[Numbers]
    models: list[Numbers]
    groups: list[Numbers]
    end_reasons: list[tuple[str, int]]


@dataclass(slots=True)
class _Tally:
    """Sums of the calls that share a key."""

    calls: int = 0
    seconds: float = 0.0
    users: set[int] = field(default_factory=set)
    cost_usd: Decimal = Decimal(0)
    turns: int = 0
    interruptions: int = 0
    failed: int = 0
    first_audio_ms: list[int] = field(default_factory=list)

    def add(self, call: dict[str, Any], answers: Iterable[int]) -> None:
        self.calls += 1
        self.seconds += call["duration"].total_seconds()
        self.users.add(call["user_id"])
        self.cost_usd += call["cost_usd"]
        self.turns += call["turns"]
        self.interruptions += call["interruptions"]
        self.failed += call["end_reason"] in FAILED_ENDS
        self.first_audio_ms.extend(answers)

    def numbers(self, key: str) -> Numbers:
        times = sorted(self.first_audio_ms)
        p50, p90, p95 = (percentile(percent, times) for percent in PERCENTILES)
        return Numbers(
            key=key,
            calls=self.calls,
            minutes=round(self.seconds / 60, 2),
            users=len(self.users),
            cost_usd=self.cost_usd,
            turns=self.turns,
            interruptions=self.interruptions,
            interruptions_per_turn=round(self.interruptions / self.turns, 4) if self.turns else 0.0,
            first_audio_p50_ms=p50,
            first_audio_p90_ms=p90,
            first_audio_p95_ms=p95,
            error_rate=round(self.failed / self.calls, 4) if self.calls else 0.0,
        )


def usage_board(filters: CallFilters) -> UsageBoard:
    """Three queries, however many calls there are."""
    chosen: Any = filtered_calls(filters)  # its annotations are unknown to the type
    calls = chosen.order_by("started_at", "pk").values(
        "pk",
        "user_id",
        "started_at",
        "duration",
        "model",
        "end_reason",
        "cost_usd",
        "turns",
        "interruptions",
    )
    answers: dict[int, list[int]] = {}
    times = answer_times().filter(session__in=chosen.order_by().values("pk"))
    for session_id, first_audio_ms in times.order_by().values_list("session_id", "first_audio_ms"):
        answers.setdefault(session_id, []).append(first_audio_ms or 0)
    groups_of: dict[int, list[str]] = {}
    memberships = get_user_model().objects.filter(groups__isnull=False)
    for user_id, group in memberships.order_by().values_list("pk", "groups__name"):
        groups_of.setdefault(user_id, []).append(group)

    total, ends = _Tally(), Counter[str]()
    days: dict[dt.date, _Tally] = {}
    models: dict[str, _Tally] = {}
    groups: dict[str, _Tally] = {}
    for call in calls:
        spoken = answers.get(call["pk"], [])
        day = timezone.localtime(call["started_at"]).date()
        tallies = [
            total,
            days.setdefault(day, _Tally()),
            models.setdefault(call["model"], _Tally()),
            *(groups.setdefault(name, _Tally()) for name in groups_of.get(call["user_id"], [""])),
        ]
        for tally in tallies:
            tally.add(call, spoken)
        if call["end_reason"]:
            ends[call["end_reason"]] += 1
    return UsageBoard(
        total=total.numbers(""),
        days=[days.get(day, _Tally()).numbers(day.isoformat()) for day in _span(days)],
        models=_by_calls(models),
        groups=_by_calls(groups),
        end_reasons=ends.most_common(),
    )


def _span(days: dict[dt.date, _Tally]) -> list[dt.date]:
    if not days:
        return []
    first, last = min(days), max(days)
    return [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]


def _by_calls(tallies: dict[str, _Tally]) -> list[Numbers]:
    rows = [tally.numbers(key) for key, tally in tallies.items()]
    return sorted(rows, key=lambda row: (-row.calls, row.key))
