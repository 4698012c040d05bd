"""`/metrics`: what this process counts and what the database says, as Prometheus text.

An own small registry: numbers of a call are counted in its own objects without any look-up, and
several processes need no shared files, since each is scraped at its own address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from django.db.models import Count

from realtime import sessions
from realtime.core.tally import Tally
from realtime.models import RealtimeSession
from realtime.runtime.meters import METERS, Histogram, add

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Sample = tuple[Mapping[str, str], float]

_others: list[Callable[[], Iterator[str]]] = []


def also_tell(lines: Callable[[], Iterator[str]]) -> None:
    """Have other parts of the product put their metrics on the page; once each, at start."""
    _others.append(lines)


def exposition() -> str:
    """The whole page. One query of ours, and those of the others."""
    others = [line for lines in _others for line in lines()]
    return "\n".join([*_of_process(), *_of_instance(), *others, ""])


def _of_process() -> Iterator[str]:
    running = sessions.running_here()
    total = Tally()
    add(total, METERS.ended)
    for live in running:
        add(total, live.runner.session.tally)
    queued = [live.runner.queued_bytes for live in running]
    uplink, downlink = (sum(bytes_) for bytes_ in zip(*queued, strict=True)) if queued else (0, 0)
    yield from metric("voice_turns_total", "counter", "Answers that were done.", METERS.turns)
    yield from metric(
        "voice_audio_bytes_total",
        "counter",
        "Bytes of decoded audio, from clients and to them.",
        [
            ({"direction": "in"}, total.audio_in_bytes),
            ({"direction": "out"}, total.audio_out_bytes),
        ],
    )
    yield from metric(
        "voice_audio_seconds_total",
        "counter",
        "Seconds of audio, from clients and to them.",
        [
            ({"direction": "in"}, total.audio_in_ms / 1000),
            ({"direction": "out"}, total.audio_out_ms / 1000),
        ],
    )
    yield from metric(
        "voice_errors_total",
        "counter",
        "Error events sent to clients, by code.",
        [({"code": code}, count) for code, count in sorted(total.errors.items())],
    )
    yield from metric(
        "voice_connection_attempts_total",
        "counter",
        "Sessions that somebody asked to open.",
        [({"transport": name}, count) for name, count in sorted(METERS.attempts.items())],
    )
    yield from metric(
        "voice_connection_successes_total",
        "counter",
        "Sessions whose client saw them begin.",
        [({"transport": name}, count) for name, count in sorted(METERS.successes.items())],
    )
    yield from metric(
        "voice_sessions_ended_total",
        "counter",
        "Runs of sessions that are over, by why they ended.",
        [({"reason": reason}, count) for reason, count in sorted(METERS.end_reasons.items())],
    )
    yield from metric(
        "voice_cost_usd_total",
        "counter",
        "What answers and transcriptions cost, by model.",
        [({"model": model}, float(usd)) for model, usd in sorted(METERS.cost_usd.items())],
    )
    yield from metric(
        "voice_queue_bytes",
        "gauge",
        "Bytes that wait for clients and for the provider.",
        [({"queue": "to_client"}, downlink), ({"queue": "to_provider"}, uplink)],
    )
    limits = sorted(total.rate_limits, key=lambda limit: limit.name)
    for field in ("limit", "remaining", "reset_s"):
        suffix = "reset_seconds" if field == "reset_s" else field
        yield from metric(
            f"voice_provider_rate_limit_{suffix}",
            "gauge",
            "The provider's own rate limits, as it said last.",
            [({"name": limit.name}, getattr(limit, field)) for limit in limits],
        )
    yield from _histogram(
        "voice_first_audio_seconds",
        "From the end of a turn to the first of its answer.",
        METERS.first_audio,
    )
    yield from _histogram(
        "voice_relay_seconds",
        "From the provider's audio to the client's socket; sampled.",
        METERS.relay,
    )
    for stage, histogram in METERS.stages.items():
        yield from _histogram(
            f"voice_turn_{stage}_seconds", f"Of an answer, its stage {stage}.", histogram
        )
    yield from _histogram(
        "voice_event_loop_lag_seconds", "How late the event loop woke.", METERS.loop_lag
    )


def _of_instance() -> Iterator[str]:
    """The same in every process of this database."""
    rows = RealtimeSession.objects.running().values_list("state", "transport")
    counted = rows.annotate(count=Count("pk")).order_by("state", "transport")
    yield from metric(
        "voice_sessions",
        "gauge",
        "Running sessions of all processes, by state and transport.",
        [({"state": state, "transport": transport}, n) for state, transport, n in counted],
    )


def metric(name: str, kind: str, told: str, samples: Sequence[Sample] | float) -> Iterator[str]:
    yield f"# HELP {name} {told}"
    yield f"# TYPE {name} {kind}"
    if not isinstance(samples, Sequence):
        samples = [({}, samples)]
    for labels, value in samples:
        yield f"{name}{_labels(labels)} {value}"


def _histogram(name: str, told: str, histogram: Histogram) -> Iterator[str]:
    yield f"# HELP {name} {told}"
    yield f"# TYPE {name} histogram"
    counts, below = list(histogram.counts), 0
    for bound, count in zip(histogram.bounds, counts, strict=False):
        below += count
        yield f'{name}_bucket{{le="{bound}"}} {below}'
    yield f'{name}_bucket{{le="+Inf"}} {sum(counts)}'
    yield f"{name}_sum {histogram.sum_s}"
    yield f"{name}_count {sum(counts)}"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
