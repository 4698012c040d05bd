"""A trace for each turn, at a collector that takes OpenTelemetry's protobuf over HTTP."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from pytest_django.fixtures import Settings

from conversations.models import Conversation
from realtime.tracing.telemetry import Telemetry
from tests.fakes import events
from tests.fakes.webhook_receiver import WebhookReceiver, webhook_receiver
from tests.realtime.test_tracing import TracedRun, spoken_turn
from tests.realtime.test_tracing import conversation as conversation

pytestmark = pytest.mark.django_db

PLAYOUT = {"type": "voiceassist.playout", "item_id": "a1", "playout_ms": 40, "underruns": 1}


@pytest.fixture
def collector(settings: Settings) -> Iterator[WebhookReceiver]:
    with webhook_receiver() as listening:
        listening.answers = [(200, {})]
        settings.OTEL_EXPORTER_OTLP_ENDPOINT = listening.url
        settings.OTEL_EXPORTER_OTLP_HEADERS = ["Authorization=Bearer%20collector"]
        yield listening


def spans_at(collector: WebhookReceiver) -> list[Any]:
    spans: list[Any] = []
    for received in collector.received:
        assert received.path == "/v1/traces"
        assert received.headers["content-type"] == "application/x-protobuf"
        assert received.headers["authorization"] == "Bearer collector"
        for resource in ExportTraceServiceRequest.FromString(received.body).resource_spans:
            assert {one.key: one.value.string_value for one in resource.resource.attributes}[
                "service.name"
            ] == "voiceassist"
            spans += [span for scope in resource.scope_spans for span in scope.spans]
    return spans


def test_a_turn_is_one_trace_with_its_stages_and_no_word_of_it(
    collector: WebhookReceiver, conversation: Conversation
) -> None:
    telemetry = Telemetry()
    run = TracedRun(conversation)
    spoken_turn(run)
    run.write(tell=telemetry.tell)
    run.at(1700, run.tap.from_client, PLAYOUT)
    run.relay(1800, events.transcription_completed("u1", "a secret between us"))
    run.write(tell=telemetry.tell)
    run.write(tell=telemetry.tell)
    telemetry.close()
    spans = spans_at(collector)
    (turn,) = [span for span in spans if span.name == "voice.turn"]
    stages = {span.name: span for span in spans if span is not turn}
    assert set(stages) == {
        *("voice.eou", "voice.think", "voice.first_audio", "voice.relay", "voice.playout")
    }
    for stage in stages.values():
        assert (stage.trace_id, stage.parent_span_id) == (turn.trace_id, turn.span_id)
        assert turn.start_time_unix_nano <= stage.start_time_unix_nano
        assert stage.end_time_unix_nano <= turn.end_time_unix_nano
    think = stages["voice.think"]
    assert think.end_time_unix_nano - think.start_time_unix_nano == 8_000_000
    assert stages["voice.first_audio"].start_time_unix_nano == think.end_time_unix_nano
    told = {one.key: one.value for one in turn.attributes}
    assert told["voice.response_id"].string_value == "r1"
    assert told["voice.v2v_ms"].double_value == pytest.approx(540, abs=21)
    assert told["voice.underruns"].int_value == 1
    assert not any(b"secret" in received.body for received in collector.received)


def test_a_turn_whose_client_tells_nothing_is_told_with_the_next_or_at_the_end(
    collector: WebhookReceiver, conversation: Conversation
) -> None:
    telemetry = Telemetry()
    run = TracedRun(conversation)
    spoken_turn(run)
    assert run.write(tell=telemetry.tell) == 0
    run.relay(2000, events.response_created("r2"))
    assert run.write(tell=telemetry.tell) == 1
    assert run.write(is_over=True, tell=telemetry.tell) == 1
    assert run.write(is_over=True, tell=telemetry.tell) == 0
    telemetry.close()
    turns = [span for span in spans_at(collector) if span.name == "voice.turn"]
    assert len({turn.trace_id for turn in turns}) == len(turns) == 2


def test_without_an_address_or_the_packages_nothing_is_told(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = ""
    Telemetry().close()
    assert caplog.records == []
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:9"
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with caplog.at_level(logging.ERROR):
        Telemetry().close()
    assert "requirements-otel.txt" in caplog.text
