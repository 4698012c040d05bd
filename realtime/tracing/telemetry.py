"""Traces for an OpenTelemetry collector, where one is set: a trace for each turn.

The packages are an optional extra (`requirements-otel.txt`), imported only where an address is set.
Spans are sent over OTLP/HTTP by a thread of the SDK, from a queue of its own that drops what does
not fit: a collector that is away costs traces, never a call.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import unquote

from django.conf import settings

from realtime.tracing.spans import TurnSpans

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

logger = logging.getLogger(__name__)

SEND_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_MS = 3_000


class Telemetry:
    """`tell` it of turns and `close` it at the end. Without a collector it does nothing."""

    def __init__(self) -> None:
        self._provider = _provider() if settings.OTEL_EXPORTER_OTLP_ENDPOINT else None

    def tell(self, turns: Sequence[TurnSpans]) -> None:
        """Queue the traces; returns at once."""
        if self._provider is None or not turns:
            return
        from opentelemetry import trace
        from opentelemetry.context import Context

        tracer = self._provider.get_tracer("voiceassist")
        for told in turns:
            # An empty context: each turn is a trace of its own, whatever runs around it.
            turn = tracer.start_span(
                told.turn.name,
                context=Context(),
                attributes=told.attributes,
                start_time=told.turn.start_ns,
            )
            inside = trace.set_span_in_context(turn, Context())
            for stage in told.stages:
                span = tracer.start_span(stage.name, context=inside, start_time=stage.start_ns)
                span.end(end_time=stage.end_ns)
            turn.end(end_time=told.turn.end_ns)

    def close(self) -> None:
        """Send what is queued, within seconds. Not on an event loop."""
        if self._provider is not None:
            self._provider.force_flush(CLOSE_TIMEOUT_MS)
            self._provider.shutdown()


def _provider() -> TracerProvider | None:
    """None where the packages are missing: a server must start without them."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        logger.error("OTEL_EXPORTER_OTLP_ENDPOINT is set, but requirements-otel.txt is missing")
        return None
    exporter = OTLPSpanExporter(
        endpoint=settings.OTEL_EXPORTER_OTLP_ENDPOINT.rstrip("/") + "/v1/traces",
        headers=_headers(settings.OTEL_EXPORTER_OTLP_HEADERS),
        timeout=SEND_TIMEOUT_S,
    )
    # The samplers and queue sizes of OpenTelemetry's own OTEL_* variables hold.
    provider = TracerProvider(
        resource=Resource.create({"service.name": settings.OTEL_SERVICE_NAME}),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def _headers(pairs: Sequence[str]) -> dict[str, str]:
    """`name=value` as OpenTelemetry writes them, percent-encoded."""
    named = (pair.partition("=") for pair in pairs)
    return {unquote(name.strip()).lower(): unquote(value.strip()) for name, _, value in named}
