"""The waterfall of one call: how long each stage of each answer took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from realtime.models import RealtimeSession, ResponseUsage, TurnTime
from realtime.voice_settings import voice_in_effect
from review.percentiles import rank

STAGES: Final = (
    "eou_ms",
    "queue_ms",
    "think_ms",
    "first_audio_ms",
    "relay_ms",
    "playout_ms",
    "v2v_ms",
    "tool_ms",
    "reconnect_ms",
)
PERCENTS: Final = (50, 90, 95)


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer. `usage` is None while it is not over, `time` where nothing was measured."""

    usage: ResponseUsage | None
    time: TurnTime | None

    @property
    def response_id(self) -> str:
        return self.time.response_id if self.time else self.usage.reference if self.usage else ""

    @property
    def view(self) -> str:
        """Who saw the end of it: the client told when it began to play, or the gateway guesses
        nothing and stops where its own sight ends."""
        return "client" if self.time is not None and self.time.is_clients_view else "gateway"

    def stage(self, name: str) -> float | None:
        value: float | None = getattr(self.time, name, None)
        return value


@dataclass(frozen=True, slots=True)
class Waterfall:
    """`percentiles` has {p50, p90, p95, count} of each stage that was measured at all."""

    target_ms: int
    transport: str
    turns: Sequence[Turn]
    percentiles: dict[str, dict[str, float]] = field(default_factory=dict)


def waterfall_of(session: RealtimeSession) -> Waterfall:
    """Three queries."""
    usages = {
        usage.reference: usage
        for usage in ResponseUsage.objects.filter(session=session, kind=ResponseUsage.Kind.RESPONSE)
    }
    turns = [
        Turn(usages.pop(time.response_id, None), time)
        for time in TurnTime.objects.filter(session=session)
    ]
    turns += [Turn(usage, None) for usage in usages.values()]
    measured = {
        name: sorted(value for turn in turns if (value := turn.stage(name)) is not None)
        for name in STAGES
    }
    percentiles = {
        name: {f"p{percent}": values[rank(percent, len(values)) - 1] for percent in PERCENTS}
        | {"count": len(values)}
        for name, values in measured.items()
        if values
    }
    target_ms = voice_in_effect().latency_target_ms
    return Waterfall(target_ms, session.transport, turns, percentiles)
