"""`/metrics`: who may read it, and that it is what Prometheus reads."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from realtime import lifecycle, metrics, quotas
from realtime.core.tally import RateLimit, Tally
from realtime.runtime.meters import MOST_ERROR_CODES, Histogram, add
from tests.realtime.conftest import MintFor

pytestmark = pytest.mark.django_db

LINE = re.compile(r'^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)+\})? -?[0-9.e+-]+)$')


def test_this_machine_and_the_token_may_read_it_and_nobody_else(
    client: Client, settings: Settings
) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 403
    proxied = client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert proxied.status_code == 403
    for wrong in ("Bearer ", "Bearer wrong"):
        refused = client.get(
            "/metrics", REMOTE_ADDR="203.0.113.9", headers={"Authorization": wrong}
        )
        assert refused.json()["code"] == "forbidden"
    settings.METRICS_TOKEN = "scrape"
    right = {"Authorization": "Bearer scrape"}
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9", headers=right).status_code == 200


def test_every_line_is_prometheus_text(alice: User, mint_for: MintFor, client: Client) -> None:
    session = mint_for(alice).session
    quotas.take_slot(session, connection_id="run", server_id="here")
    lifecycle.mark_live(session.pk, "run")
    page = client.get("/metrics").content.decode()
    assert page.endswith("\n")
    assert [line for line in page.splitlines() if not LINE.match(line)] == []
    assert 'voice_sessions{state="live",transport="websocket"} 1' in page
    told = re.findall(r"# TYPE (\w+)", page)
    assert len(told) == len(set(told)) >= 13


def test_a_histogram_counts_up_to_each_bound() -> None:
    histogram = Histogram((0.1, 0.5))
    for value_s in (0.05, 0.1, 0.2, 3.0):
        histogram.observe(value_s)
    lines = list(metrics._histogram("x", "told", histogram))
    assert lines[2:] == [
        'x_bucket{le="0.1"} 2',
        'x_bucket{le="0.5"} 3',
        'x_bucket{le="+Inf"} 4',
        f"x_sum {histogram.sum_s}",
        "x_count 4",
    ]


def test_totals_keep_what_ended_and_bound_the_codes_of_providers() -> None:
    total = Tally(audio_in_bytes=1, rate_limits=(RateLimit("tokens", 9, 5, 1),))
    codes = {f"code_{number}": 1 for number in range(MOST_ERROR_CODES + 5)}
    newer = RateLimit("tokens", 9, 4, 1)
    add(total, Tally(audio_in_bytes=2, errors=codes, rate_limits=(newer,)))
    assert (total.audio_in_bytes, total.rate_limits) == (3, (newer,))
    assert len(total.errors) == MOST_ERROR_CODES + 1
    assert total.errors["other"] == 5


def test_a_label_cannot_break_out_of_its_quotes() -> None:
    assert metrics._labels({"code": 'a"b\\c\nd'}) == '{code="a\\"b\\\\c\\nd"}'
