"""The arithmetic behind what the benchmark says."""

from __future__ import annotations

import dataclasses

import pytest

from bench import bar, plot, table
from bench.figures import Round, added, median, paired_ratio, percentile, quiet, sessions_per_core
from bench.relay import Measured

ROUND = Round(
    sessions=100,
    seconds=5.0,
    messages=10_000,
    cpu_s=0.5,
    up_p50_ms=0.1,
    up_p99_ms=1.0,
    down_p50_ms=0.1,
    down_p99_ms=1.0,
    generator_cores=0.2,
    lateness_p99_ms=0.5,
    overtaking=0,
)


def rounds(**figures: list[float]) -> list[Round]:
    """A round per value."""
    name, values = next(iter(figures.items()))
    return [dataclasses.replace(ROUND, **{name: value}) for value in values]  # type: ignore[arg-type]


def test_percentiles_are_values_that_occurred() -> None:
    values = list(range(1, 101))
    assert percentile(values, 50) == 50
    assert percentile(values, 99) == 99
    assert percentile([7], 99) == 7
    with pytest.raises(ValueError, match="no values"):
        percentile([], 99)


def test_cpu_is_told_per_message_and_per_second() -> None:
    assert ROUND.cpu_us_per_message == pytest.approx(50)
    assert ROUND.cores == pytest.approx(0.1)
    assert sessions_per_core([ROUND]) == pytest.approx(1000)


def test_ratios_are_of_rounds_side_by_side_so_a_slow_machine_changes_none() -> None:
    ours, node = rounds(cpu_s=[0.4, 4.0, 0.8]), rounds(cpu_s=[0.5, 5.0, 1.0])
    assert paired_ratio(ours, node, "cpu_us_per_message") == pytest.approx(0.8)
    assert median(ours, "cpu_s") == pytest.approx(0.8)


def test_what_a_relay_adds_is_taken_from_the_rounds_that_the_host_left_alone() -> None:
    relay = rounds(up_p99_ms=[30.0, 9.0, 3.0, 4.0, 8.0, 3.2, 12.0, 50.0])
    direct = rounds(up_p99_ms=[1.0, 7.0, 1.2, 4.0, 2.0, 3.0, 2.0, 90.0])
    assert quiet(relay, "up_p99_ms") == pytest.approx(3.1)
    assert added(relay, direct, "up_p99_ms") == pytest.approx(2.0)
    assert quiet(relay[:3], "up_p99_ms") == pytest.approx(3.0)


def test_the_bar_says_what_is_met_and_by_how_much_the_rest_is_missed() -> None:
    measured = {
        name: Measured(name, "", rounds(cpu_s=[cpu_s] * 5))
        for name, cpu_s in (("direct", 0.0), ("nginx", 0.5), ("node", 1.0), ("ours", 0.9))
    }
    told = bar.judged(table.summary(measured))
    assert "MISSED  CPU per message, x Node: 0.90 (at most 0.85), 6 % over" in told[0]
    assert told[1].startswith("MISSED  CPU per message, x nginx: 1.80")
    measured["ours"].rounds = rounds(cpu_s=[0.7] * 5)
    assert all(line.startswith("met") for line in bar.judged(table.summary(measured))[:2])


def measured_with(**up_p99_ms: list[float]) -> dict[str, Measured]:
    return {
        name: Measured(name, "", rounds(up_p99_ms=values)) for name, values in up_p99_ms.items()
    }


CALM = {"direct": [0.5] * 12, "nginx": [1.5] * 12, "node": [2.5] * 12}


def test_a_ratio_that_another_run_would_repeat_is_one_figure() -> None:
    figures = table.summary(measured_with(**CALM, ours=[4.4, 4.5, 4.6] * 4))
    assert figures["ours"]["up_added_p99_x_nginx"] == pytest.approx(3.9)
    assert figures["ours"]["up_added_p99_x_node"] == pytest.approx(1.95)
    assert figures["ours"]["up_added_p99_x_nginx_range"] is None
    assert table.told_ratio(figures["ours"], "up_added_p99_x_nginx") == "3.90"


def test_a_ratio_that_another_run_might_not_repeat_is_told_with_its_range() -> None:
    unsteady = [1.6, 9.0, 4.0, 7.0, 5.0, 14.0] * 2
    figures = table.summary(measured_with(**CALM, ours=unsteady))["ours"]
    assert figures["up_added_p99_x_nginx"] == pytest.approx((1.6 + 1.6 + 4.0) / 3 - 0.5)
    low, high = figures["up_added_p99_x_nginx_range"]
    assert 1.1 <= low < 1.9 < 3 < high <= 6.5
    told = table.told_ratio(figures, "up_added_p99_x_nginx")
    assert told == f"1.90 ({low:.2f} to {high:.2f})"
    line = next(line for line in bar.judged({"ours": figures}) if "p99 up, x nginx's" in line)
    assert line.startswith(f"UNKNOWN added p99 up, x nginx's: {told} (at most 3): ")


def test_a_range_on_one_side_of_its_bar_is_judged() -> None:
    unsteady = [6.5, 9.0, 12.0, 30.0]
    missed = bar.judged(table.summary(measured_with(**CALM, ours=unsteady * 3)))
    assert any(line.startswith("MISSED  added p99 up, x nginx's: ") for line in missed)
    assert any("at least" in line for line in missed)
    met = bar.judged(table.summary(measured_with(**CALM, ours=[0.6, 0.9, 1.5, 1.9] * 3)))
    assert any(line.startswith("met     added p99 up, x nginx's: ") for line in met)


def test_what_adds_nothing_is_no_measure() -> None:
    measured = measured_with(**CALM | {"nginx": [0.5] * 12}, ours=[3.0] * 12)
    told = bar.judged(table.summary(measured))
    assert any(line.startswith("UNKNOWN added p99 up, x nginx's: beyond all") for line in told)


def test_a_few_rounds_tell_nothing_for_certain() -> None:
    few = {name: values[:4] for name, values in CALM.items()}
    figures = table.summary(measured_with(**few, ours=[4.5] * 4))
    assert figures["ours"]["up_added_p99_x_nginx_range"] is not None


def test_plots_are_drawn_of_what_they_are_given() -> None:
    drawn = plot.bars("CPU", "µs", [plot.Bar("ours", 20.0, [19.0, 21.0])])
    assert drawn.count("<circle") == 2
    grown = plot.lines(
        "p99", "sessions", "ms", [plot.Line("a<b", [(50, 0.2), (1000, 30.0)])], logarithmic=True
    )
    assert grown.count("<polyline") == 1
    assert "a&lt;b" in grown
