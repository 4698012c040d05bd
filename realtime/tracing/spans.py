"""One answer as a trace: the turn and the stages in it, with their times; ids and numbers alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from realtime.tracing.stages import Answer

_NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Span:
    """Times in ns since 1970, as OpenTelemetry counts them."""

    name: str
    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class TurnSpans:
    """The turn from the last of the speech to when the answer was done or began to be heard, and
    its stages, which lie within it."""

    turn: Span
    stages: tuple[Span, ...]
    attributes: dict[str, str | float | bool]


def turn_spans(answer: Answer, session_id: str, began_at: dt.datetime) -> TurnSpans:
    """The trace of an answer. began_at: of its run, from which the answer's times count."""
    origin_ns = round(began_at.timestamp() * 1000) * _NS_PER_MS

    def at_ns(at_ms: float) -> int:
        return origin_ns + round(at_ms * _NS_PER_MS)

    stages = tuple(
        Span(f"voice.{name}", at_ns(begins_ms), at_ns(begins_ms + length_ms))
        for name, begins_ms, length_ms in _stages(answer)
    )
    starts = [span.start_ns for span in stages]
    ends = [span.end_ns for span in stages]
    over_ms = answer.at_ms if answer.done_at is None else answer.done_at
    turn = Span("voice.turn", min([at_ns(answer.at_ms), *starts]), max([at_ns(over_ms), *ends]))
    attributes: dict[str, str | float | bool] = {
        "voice.session_id": session_id,
        "voice.response_id": answer.response_id,
        "voice.is_done": answer.is_done,
        "voice.is_clients_view": answer.heard_by_client,
        "voice.underruns": answer.underruns,
    }
    for name in ("v2v_ms", "tool_ms", "reconnect_ms"):
        if (value := getattr(answer, name)) is not None:
            attributes[f"voice.{name}"] = value
    return TurnSpans(turn, stages, attributes)


def _stages(answer: Answer) -> Iterator[tuple[str, float, float]]:
    """Name, beginning and length in ms, in the order in which they happen (`docs/review.md`)."""
    thinks_from_ms = answer.at_ms - (answer.think_ms or 0.0)
    waits_from_ms = thinks_from_ms - (answer.queue_ms or 0.0)
    if answer.eou_ms is not None and answer.speech_ms is not None:
        yield "eou", answer.speech_ms, answer.eou_ms
    if answer.tool_ms is not None:
        yield "tool", waits_from_ms - answer.tool_ms, answer.tool_ms
    if answer.queue_ms is not None:
        yield "queue", waits_from_ms, answer.queue_ms
    if answer.think_ms is not None:
        yield "think", thinks_from_ms, answer.think_ms
    if answer.first_audio_ms is not None:
        yield "first_audio", answer.at_ms, answer.first_audio_ms
    if answer.relay_ms is not None and answer.first_at is not None:
        yield "relay", answer.first_at, answer.relay_ms
    heard_from = answer.sent_at if answer.sent_at is not None else answer.first_at
    if answer.playout_ms is not None and heard_from is not None:
        yield "playout", heard_from, answer.playout_ms
