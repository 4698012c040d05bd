"""Plots as SVG, drawn with what Python brings: lines over a scale, and bars with their rounds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 120, 44, 48
COLOURS: Final = {
    "ours": "#0b6e4f",
    "node": "#c8553d",
    "nginx": "#4a6fa5",
    "litellm": "#8e6c8a",
    "direct": "#777777",
    "ours-off": "#7fb69a",
}
_OTHER: Final = "#555555"


@dataclass(frozen=True, slots=True)
class Line:
    """Points (x, y) in the units of the axes."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Bar:
    """A median and the rounds it is of."""

    name: str
    value: float
    rounds: Sequence[float]


class _Sheet:
    def __init__(self, title: str, y_told: str, x_told: str = "") -> None:
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
            ' font-family="sans-serif" font-size="12" fill="#222">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        ]
        self.text(LEFT, 20, title, size=14, weight="bold")
        self.text(LEFT, 36, y_told, fill="#555")
        if x_told:
            self.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x_told, anchor="middle", fill="#555")

    def text(
        self,
        x: float,
        y: float,
        told: str,
        *,
        anchor: str = "start",
        fill: str = "#222",
        size: int = 12,
        weight: str = "normal",
    ) -> None:
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}"'
            f' font-size="{size}" font-weight="{weight}">{escape(told)}</text>'
        )

    def rule(self, y: float) -> None:
        self.parts.append(
            f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd" stroke-width="1"/>'
        )

    def done(self) -> str:
        return "\n".join([*self.parts, "</svg>", ""])


def lines(
    title: str, x_told: str, y_told: str, drawn: Sequence[Line], *, logarithmic: bool = False
) -> str:
    """One line per name, labelled at its end; the values of y on a logarithmic scale if asked."""
    sheet = _Sheet(title, y_told, x_told)
    xs = sorted({x for line in drawn for x, _ in line.points})
    ys = [y for line in drawn for _, y in line.points]
    ticks = _decades(ys) if logarithmic else _steps(max(ys))
    for tick in ticks:
        at = _y(tick, ticks, logarithmic)
        sheet.rule(at)
        sheet.text(LEFT - 6, at + 4, f"{tick:g}", anchor="end", fill="#555")
    for x in xs:
        told = f"{x:g}"
        sheet.text(_x(x, xs), HEIGHT - BOTTOM + 18, told, anchor="middle", fill="#555")
    for line in drawn:
        colour = COLOURS.get(line.name, _OTHER)
        path = " ".join(f"{_x(x, xs):.1f},{_y(y, ticks, logarithmic):.1f}" for x, y in line.points)
        sheet.parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>'
        )
        last_x, last_y = line.points[-1]
        sheet.text(_x(last_x, xs) + 8, _y(last_y, ticks, logarithmic) + 4, line.name, fill=colour)
    return sheet.done()


def bars(title: str, y_told: str, drawn: Sequence[Bar]) -> str:
    """One bar per name with its value; every round is a dot."""
    sheet = _Sheet(title, y_told)
    ticks = _steps(max(max([bar.value, *bar.rounds]) for bar in drawn))
    for tick in ticks:
        at = _y(tick, ticks, False)
        sheet.rule(at)
        sheet.text(LEFT - 6, at + 4, f"{tick:g}", anchor="end", fill="#555")
    space = (WIDTH - LEFT - RIGHT) / len(drawn)
    for number, bar in enumerate(drawn):
        colour, middle = COLOURS.get(bar.name, _OTHER), LEFT + (number + 0.5) * space
        top, base = _y(bar.value, ticks, False), _y(0, ticks, False)
        sheet.parts.append(
            f'<rect x="{middle - space * 0.3:.1f}" y="{top:.1f}" width="{space * 0.6:.1f}"'
            f' height="{base - top:.1f}" fill="{colour}" fill-opacity="0.8"/>'
        )
        for value in bar.rounds:
            at = _y(value, ticks, False)
            sheet.parts.append(f'<circle cx="{middle:.1f}" cy="{at:.1f}" r="2.5" fill="#222"/>')
        sheet.text(middle, base + 18, bar.name, anchor="middle")
        sheet.text(middle, base + 34, f"{bar.value:.1f}", anchor="middle", fill="#555")
    return sheet.done()


def _x(value: float, all_x: Sequence[float]) -> float:
    low, high = all_x[0], all_x[-1]
    part = (value - low) / (high - low) if high > low else 0.5
    return LEFT + part * (WIDTH - LEFT - RIGHT)


def _y(value: float, ticks: Sequence[float], logarithmic: bool) -> float:
    low, high = ticks[0], ticks[-1]
    if logarithmic:
        value, low, high = (math.log10(max(one, ticks[0])) for one in (value, low, high))
    return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM)


def _steps(most: float) -> list[float]:
    """Round values from 0 to at least `most`."""
    rough = most / 4 or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(nice * power for nice in (1, 2, 2.5, 5, 10) if nice * power >= rough)
    return [round(number * step, 10) for number in range(math.ceil(most / step - 1e-9) + 1)]


def _decades(values: Sequence[float]) -> list[float]:
    """Powers of ten around the values, which must be above 0."""
    low = math.floor(math.log10(min(values)))
    high = max(low + 1, math.ceil(math.log10(max(values))))
    return [10.0**power for power in range(low, high + 1)]
